"""A signal that was looked for at many masses, as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import exp, sqrt
from typing import Any

from bayesnu.results.interval_text import number, p_text
from bayesnu.types import Floats


@dataclass(frozen=True)
class LookElsewhere:
    """The largest Delta chi2 of a scan, and how likely one as large is at any of the masses."""

    experiments: tuple[str, ...]
    signal: str
    coupling: str
    mass: str
    mass_unit: str
    masses: Floats
    delta_chi2: Floats
    """Of no signal against the best fit, at each mass."""
    local_p_value: float
    """At the mass where it is largest, as if that had been the only one."""
    toys: int
    """Without a signal."""
    p_value: float
    """Share of toys with as large a Delta chi2 at any mass."""
    low: float
    """The level of Delta chi2 whose upcrossings are counted."""
    upcrossings: float
    """Mean number of a toy's."""
    upcrossings_error: float
    seed: int = 1

    @property
    def place(self) -> int:
        """The number of the mass with the largest Delta chi2."""
        return max(range(len(self.masses)), key=lambda number: self.delta_chi2[number])

    @property
    def largest(self) -> float:
        """The largest Delta chi2."""
        return self.delta_chi2[self.place]

    @property
    def p_value_error(self) -> float:
        """Statistical uncertainty of the toys' p-value (binomial; one toy's worth at 0 and 1)."""
        p = min(max(self.p_value, 1.0 / self.toys), 1.0 - 1.0 / self.toys)
        return sqrt(p * (1.0 - p) / self.toys)

    @property
    def gross_vitells(self) -> float:
        """An upper bound on the p-value, good where it is small: the local one, and upcrossings.

        E. Gross and O. Vitells, Eur. Phys. J. C 70 (2010) 525, equation (3), of one degree of
        freedom.
        """
        more = self.upcrossings * exp(-0.5 * (self.largest - self.low))
        return min(1.0, self.local_p_value + more)

    @property
    def gross_vitells_error(self) -> float:
        """Its statistical uncertainty."""
        return self.upcrossings_error * exp(-0.5 * (self.largest - self.low))

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            **asdict(self),
            "p_value_error": self.p_value_error,
            "gross_vitells": self.gross_vitells,
            "gross_vitells_error": self.gross_vitells_error,
        }

    def __str__(self) -> str:
        from scipy.special import ndtri

        where = f"{self.mass} = {number(self.masses[self.place])} {self.mass_unit}"
        found = p_text(self.p_value, self.toys)
        found += f" +- {self.p_value_error:.1g}" if self.p_value > 0.0 else ""
        bound = f"{self.gross_vitells:.2g} +- {self.gross_vitells_error:.1g}"
        sigma = max(0.0, -float(ndtri(self.gross_vitells)))
        names = " + ".join(self.experiments)
        return (
            f"{self.coupling} at {len(self.masses)} masses, {self.signal}, {names}\n"
            f"  largest Delta chi2  {number(self.largest)} at {where}: "
            f"p = {self.local_p_value:.2g} at this mass alone\n"
            f"  at any mass         {found} ({self.toys} toys)\n"
            f"  Gross and Vitells   p < {bound}, {sigma:.1f} sigma; {self.upcrossings:.2g} "
            f"upcrossings of {self.low:g} in a toy"
        )
