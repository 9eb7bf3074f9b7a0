"""A CLs limit as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bayesnu.results.interval_text import number
from bayesnu.types import Floats

SIGMAS = (-2.0, -1.0, 0.0, 1.0, 2.0)
"""Fluctuations of data without a signal, of which expected bands tell the limits."""


@dataclass(frozen=True)
class CLsToys:
    """The same limit by toys."""

    toys: int
    """With the signal, and as many without it, at each value."""
    values: Floats
    """Sizes at which there are toys."""
    cls: Floats
    """The ratio at each of them, with its `errors`."""
    errors: Floats
    limit: float
    limit_error: float
    """Of the number of toys, one standard deviation."""
    band: tuple[float | None, ...]
    """As of the asymptotic limit; None where there are too few toys."""


@dataclass(frozen=True)
class CLsLimit:
    """An upper limit on a size by CLs, and what is expected of it without a signal."""

    level: float
    limit: float
    band: Floats
    """Limits of data without a signal that fluctuate by -2, -1, 0, 1 and 2 standard deviations."""
    power_constrained: float | None = None
    toys: CLsToys | None = None

    def rows(self) -> list[tuple[str, str, str]]:
        """Return (statement, limit, remark) for tables."""
        rows = [(f"{100 * self.level:g}% CLs", f"< {number(self.limit)}", band_text(self.band))]
        if self.power_constrained is not None:
            remark = "CLs+b, at least one standard deviation below its median"
            rows.append(("power-constrained", f"< {number(self.power_constrained)}", remark))
        if self.toys is not None:
            t = self.toys
            text = f"< {number(t.limit, t.limit_error)}"
            remark = f"+- {t.limit_error:.1g}, {t.toys} toys at each of {len(t.values)} values; "
            rows.append(("CLs by toys", text, remark + band_text(t.band)))
        return rows


def band_text(band: Sequence[float | None]) -> str:
    """Return an expected band in words."""
    low, lower, median, upper, high = ("?" if x is None else number(x) for x in band)
    return f"expected {median}, 68% {lower}-{upper}, 95% {low}-{high}"
