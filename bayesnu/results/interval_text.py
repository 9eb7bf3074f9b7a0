"""Numbers and intervals as people write them, with no more digits than their errors allow."""

from __future__ import annotations

from math import floor, log10

from bayesnu.types import Interval


def number(value: float, error: float | None = None) -> str:
    """Return a number with three significant digits, or fewer if its error allows no more."""
    if error and error > 0.0 and value:
        decimals = -floor(log10(2.0 * error))
        if decimals < 2 - floor(log10(abs(value))):
            rounded = round(value, decimals)
            return f"{rounded:z.{decimals}f}" if decimals >= 0 else f"{rounded:zg}"
    return f"{value:.3g}" if value else "0"


def unbounded(parameter: str) -> str:
    """Return the sentence that stands in place of a limit that would be the prior's."""
    return f"the data do not bound {parameter}: the limit would be the prior's range"


def intervals_text(
    intervals: tuple[Interval, ...], errors: tuple[Interval, ...] | None = None
) -> str:
    """Return intervals as people write them: ``< 0.64`` or ``(-2.5, 7.4)``.

    Parameters
    ----------
    errors : tuple of Interval, optional
        Of the ends; they limit the digits.
    """
    parts = []
    for (low, high), (e_low, e_high) in zip(
        intervals, errors or ((None, None),) * len(intervals), strict=True
    ):
        if low is None and high is None:
            parts.append("no limit")
        elif low is None:
            assert high is not None
            parts.append(f"< {number(high, e_high)}")
        elif high is None:
            parts.append(f"> {number(low, e_low)}")
        else:
            parts.append(f"({number(low, e_low)}, {number(high, e_high)})")
    return " or ".join(parts)


def p_text(value: float, toys: int) -> str:
    """Return a p-value that toys gave: none of them says only that it is below one of them."""
    return f"p = {value:.3f}" if value > 0.0 else f"p < {1.0 / toys:.2g}"
