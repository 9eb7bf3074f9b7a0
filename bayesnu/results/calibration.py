"""Calibration of a posterior as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bayesnu.results.fits import Fits
from bayesnu.types import Array

PRINTED = "printed limit of "
"""Before a signal's name: the level at which its printed interval ends at the truth."""

VERDICT = 0.01
"""Smallest p-value, times the number of ranked quantities, of a calibrated posterior."""


@dataclass(frozen=True)
class Calibration:
    """The verdict on every parameter."""

    experiments: tuple[str, ...]
    signal: str
    priors: dict[str, str]
    """In words: those that the truths were drawn from and the fits used."""
    results: dict[str, Uniformity]
    """By parameter, the likelihood, and the printed limit of each signal parameter."""
    fits: Fits

    @property
    def smallest(self) -> float:
        """The smallest p-value times how many there are: what chance makes of so many tests."""
        p_values = [result.p_value for result in self.results.values()]
        return min(1.0, len(p_values) * min(p_values))

    @property
    def calibrated(self) -> bool:
        """Whether all ranks look uniform, and no more than one in a hundred fits failed."""
        tried = len(self.fits.index) + self.fits.failed
        return self.smallest > VERDICT and self.fits.failed <= 0.01 * tried

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one entry for each ranked quantity, as ``--json`` prints them."""
        return [
            {
                "parameter": name,
                "p_value": result.p_value,
                "simulations": len(self.fits.index),
                "failed": self.fits.failed,
                "prior": self.priors.get(name),
                "experiments": list(self.experiments),
                "signal": self.signal,
                "calibrated": self.calibrated,
            }
            for name, result in self.results.items()
        ]

    def __str__(self) -> str:
        width = max(len(name) for name in self.results)
        lines = [
            f"{len(self.fits.index)} simulations of {' + '.join(self.experiments)}, {self.signal}"
            + (f"; {self.fits.failed} fits failed" if self.fits.failed else "")
        ]
        for name, result in self.results.items():
            prior = self.priors.get(name.removeprefix(PRINTED), "of the data, at the truth")
            lines.append(f"  {name.ljust(width)}  p = {result.p_value:6.4f}  {prior}")
        verdict = "calibrated" if self.calibrated else "NOT CALIBRATED"
        lines.append(
            f"{verdict}: smallest p-value, corrected for {len(self.results)} tests, "
            f"{self.smallest:.3g}"
        )
        return "\n".join(lines)


@dataclass(frozen=True)
class Uniformity:
    """The empirical distribution of values that should be uniform on (0, 1)."""

    z: Array
    """Shape (points,). Where it is evaluated."""
    ecdf: Array
    """Shape (points,). Share of the values up to z."""
    low: Array
    """Up to `high`, a simultaneous 95% band around z, shape (points,)."""
    high: Array
    p_value: float
    """Small if they are not uniform; never below 1 / (SIMULATIONS + 1)."""
