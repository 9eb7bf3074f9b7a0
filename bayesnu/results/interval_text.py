"""Numbers and intervals as people write them, with no more digits than their errors allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def rough(value: float, _error: float | None = None) -> str:
    """Return a number with one digit, of which nobody knows how far off it is."""
    return f"{float(f'{value:.1g}'):.3g}"


def unbounded(parameter: str) -> str:
    """Return the sentence that stands in place of a limit that would be the prior's."""
    return f"the data do not bound {parameter}: the limit would be the prior's range"


def intervals_text(
    intervals: Sequence[Interval],
    errors: Sequence[Interval] | None = None,
    write: Callable[[float, float | None], str] = number,
    forms: tuple[str, str, str] = ("< {}", "> {}", "({}, {})"),
) -> str:
    """Return intervals as people write them: ``< 0.64`` or ``(-2.5, 7.4)``.

    Parameters
    ----------
    errors : sequence of Interval, optional
        Of the ends; they limit the digits.
    write : callable
        Writes a number, given its error.
    forms : tuple of str
        Of an upper limit, a lower limit, and an interval.
    """
    parts = []
    for pair, near in zip(intervals, errors or [(None, None)] * len(intervals), strict=True):
        ends = [write(x, error) for x, error in zip(pair, near, strict=True) if x is not None]
        form = forms[2] if len(ends) == 2 else forms[0] if pair[0] is None else forms[1]
        parts.append(form.format(*ends) if ends else "no limit")
    return " or ".join(parts)


def p_text(value: float, toys: int) -> str:
    """Return a p-value that toys gave: none of them says only that it is below one of them."""
    return f"p = {value:.3f}" if value > 0.0 else f"p < {1.0 / toys:.2g}"
