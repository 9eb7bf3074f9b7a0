"""Limits on a coupling against a mass, as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bayesnu.types import Interval


@dataclass(frozen=True)
class Exclusion:
    """Limits on a coupling at each mass.

    Attributes
    ----------
    signal, coupling, unit, mass, mass_unit : str
        `unit` is the coupling's.
    dof : int
        1: Delta chi2 at each mass is above the minimum at this mass. 2: above the minimum of
        the whole plane, which `best_fit` is.
    threshold : float
        Cut on Delta chi2.
    allowed : tuple of tuple of Interval
        At each mass, the couplings with Delta chi2 below the cut.
    upper : tuple of float or None
        Largest of them; None where the data say nothing.
    credible : tuple of float or None
        Credible upper limit at the fixed mass, or None: the posterior is then the prior.
    prior : str
        Of the coupling.
    best_fit : (float, float)
        Mass and coupling.
    efficiency : float
        Smallest share of effective points in the integrals behind `credible`.
    latex, mass_latex : str
        Symbols of coupling and mass.
    """

    experiments: tuple[str, ...]
    signal: str
    coupling: str
    unit: str
    mass: str
    mass_unit: str
    level: float
    dof: int
    threshold: float
    masses: tuple[float, ...]
    allowed: tuple[tuple[Interval, ...], ...]
    upper: tuple[float | None, ...]
    credible: tuple[float | None, ...]
    prior: str
    best_fit: tuple[float, float]
    chi2_min: float
    efficiency: float
    latex: str = ""
    mass_latex: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    def __str__(self) -> str:
        head = (
            f"{self.coupling} in {self.unit} against {self.mass} in {self.mass_unit}, "
            f"{100 * self.level:g}%, {self.dof} dof, {' + '.join(self.experiments)}"
        )
        lines = [head, f"{self.mass:>12} {'Delta chi2':>12} {'credible':>12}"]
        for m, a, b in zip(self.masses, self.upper, self.credible, strict=True):
            lines.append(f"{m:12.4g} {_cell(a)} {_cell(b)}")
        return "\n".join(lines)


def _cell(value: float | None) -> str:
    return f"{value:12.4g}" if value is not None else " " * 8 + "none"
