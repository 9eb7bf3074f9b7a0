"""Other ways to compute the same numbers."""
