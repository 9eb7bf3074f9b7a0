"""Limits on a coupling against a mass, as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bayesnu.types import Interval


@dataclass(frozen=True)
class Exclusion:
    """Limits on a coupling at each mass."""

    experiments: tuple[str, ...]
    signal: str
    coupling: str
    unit: str
    """Of the coupling."""
    mass: str
    mass_unit: str
    level: float
    dof: int
    """1: Delta chi2 at each mass is above the minimum at this mass. 2: above the minimum of the
    whole plane, which `best_fit` is."""
    threshold: float
    """Cut on Delta chi2."""
    masses: tuple[float, ...]
    allowed: tuple[tuple[Interval, ...], ...]
    """At each mass, the couplings with Delta chi2 below the cut: ``((None, None),)`` where the data
    say nothing, empty where every coupling is excluded."""
    upper: tuple[float | None, ...]
    """Largest of them; None where the data say nothing, or exclude all (`all_excluded`)."""
    credible: tuple[float | None, ...]
    """Credible upper limit at the fixed mass, or None: the posterior is then the prior."""
    prior: str
    """Of the coupling."""
    best_fit: tuple[float, float]
    """Mass and coupling."""
    chi2_min: float
    efficiency: float
    """Smallest share of effective points in the integrals behind `credible`."""
    latex: str = ""
    """Symbol of the coupling."""
    mass_latex: str = ""

    @property
    def all_excluded(self) -> tuple[bool, ...]:
        """At each mass, whether every coupling is excluded, none included."""
        return tuple(not intervals for intervals in self.allowed)

    @property
    def why_no_limit(self) -> str:
        """Say what a missing upper limit means."""
        masses = [m for m, none in zip(self.masses, self.all_excluded, strict=True) if none]
        if not masses:
            return "the data say nothing"
        at = ", ".join(f"{mass:.4g}" for mass in masses)
        return f"the data say nothing, but at {self.mass} = {at} exclude every coupling"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    def __str__(self) -> str:
        head = (
            f"{self.coupling} in {self.unit} against {self.mass} in {self.mass_unit}, "
            f"{100 * self.level:g}%, {self.dof} dof, {' + '.join(self.experiments)}"
        )
        lines = [head, f"{self.mass:>12} {'Delta chi2':>12} {'credible':>12}"]
        for m, a, none_left, b in zip(
            self.masses, self.upper, self.all_excluded, self.credible, strict=True
        ):
            lines.append(f"{m:12.4g} {_cell(a, none_left)} {_cell(b)}")
        return "\n".join(lines)


def _cell(value: float | None, all_excluded: bool = False) -> str:
    if value is not None:
        return f"{value:12.4g}"
    return f"{'all excluded' if all_excluded else 'none':>12}"
