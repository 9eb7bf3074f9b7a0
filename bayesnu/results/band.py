"""How limits of toys scatter, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from bayesnu.results.interval_text import intervals_text, number
from bayesnu.types import Floats, Interval


@dataclass(frozen=True)
class Band:
    """Quantiles of an end of the toys' Delta chi2 intervals."""

    quantiles: Floats
    lower: Floats | None
    """Of the lowest end, as `upper` of the highest; None where toys have no such end."""
    upper: Floats | None
    toys: int
    failed: int
    """Toys whose fit did not converge, left out."""

    @property
    def median(self) -> Interval:
        """The interval between the medians of the ends."""
        lower, upper = (None if end is None else end[2] for end in (self.lower, self.upper))
        return lower, upper

    def texts(self) -> tuple[str, str]:
        """Return the median interval, and where 68% and 95% of the toys have their ends."""
        said = []
        for name, end in (("lower", self.lower), ("upper", self.upper)):
            if end is not None:
                a, b, _, c, d = (number(value) for value in end)
                said.append(f"{name} end 68% in ({b}, {c}), 95% in ({a}, {d})")
        of = f"median of {self.toys} toys without signal"
        return intervals_text((self.median,)), "; ".join([of, *said])
