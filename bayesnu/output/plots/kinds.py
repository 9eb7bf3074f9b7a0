"""The kinds of pictures, for those who name one without drawing it."""

KINDS = (
    *("spectrum", "profile", "calibrated", "corner", "trace", "rank", "pulls", "predictive"),
    "impacts",
    *("contour", "exclusion", "sensitivity", "compare"),
)
"""Kinds of pictures, in the order of a report."""
