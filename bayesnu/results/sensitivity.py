"""Sensitivity against exposure as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from bayesnu.results.aligned import aligned
from bayesnu.results.band import Band
from bayesnu.results.held import held_text
from bayesnu.results.interval_text import intervals_text
from bayesnu.results.limit import CredibleLimit, FrequentistLimit


@dataclass(frozen=True)
class SensitivityPoint:
    """Expected limits at one exposure."""

    exposure: float
    """t yr."""
    frequentist: FrequentistLimit | None
    """Of Asimov data."""
    bayesian: CredibleLimit | None
    """Of Asimov data."""
    band: Band | None
    """Of toys."""


@dataclass(frozen=True)
class Sensitivity:
    """Expected limits on a parameter against exposure."""

    experiment: str
    signal: str
    parameter: str
    unit: str
    latex: str
    free: tuple[str, ...]
    """All signal parameters that are fitted."""
    level: float
    scale: dict[str, float]
    """Factors on backgrounds."""
    truth: dict[str, float]
    """True values of signal parameters and nuisances."""
    points: tuple[SensitivityPoint, ...]
    seed: int
    digest: str
    """Of the experiment's file and tables."""
    fixed: dict[str, float] = field(default_factory=dict)
    """Every value that was held."""
    fixed_units: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False
    """Whether Ctrl-C came before all exposures were done; the others are missing."""

    @property
    def converged(self) -> bool:
        """Whether every posterior can be trusted, and bounds the parameter."""
        return all(point.bayesian is None or point.bayesian.fine for point in self.points)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as ``bayesnu sensitivity --json`` prints it."""
        return asdict(self)

    def __str__(self) -> str:
        beside = [name for name in self.free if name != self.parameter]
        lines = [
            f"{self.parameter} in {self.unit}, {100 * self.level:g}%, {self.experiment}, "
            f"{self.signal}"
            + (f", {', '.join(beside)} free" if beside else "")
            + held_text(self.fixed, self.fixed_units)
        ]
        for name, text in (("scale", self.scale), ("truth", self.truth)):
            if text:
                lines.append(f"  {name} " + ", ".join(f"{k} = {v:.3g}" for k, v in text.items()))
        rows = [("t yr", "Delta chi2", "credible", "toys: median (68%), upper end")]
        rows += [_row(point) for point in self.points]
        lines += [f"  {line}" for line in aligned(rows, right=(0,))]
        if self.interrupted:
            lines.append("  INTERRUPTED: the other exposures are missing")
        return "\n".join(lines)


def _row(point: SensitivityPoint) -> tuple[str, str, str, str]:
    """Return the cells of a line of the table."""
    f, b, band = point.frequentist, point.bayesian, point.band
    credible = b.text() if b else "-"
    credible += f" {b.state}" if b is not None and b.state else ""
    toys = "-"
    if band is not None and band.upper is not None:
        low, middle, high = band.upper[1:4]
        toys = f"{middle:.3g} ({low:.3g}, {high:.3g}), {band.toys} toys"
    return f"{point.exposure:g}", intervals_text(f.intervals) if f else "-", credible, toys
