"""Coverage of a limit as plain values, and as text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bayesnu.results.aligned import aligned
from bayesnu.results.fits import Fits

BANDS = (0.025, 0.16, 0.5, 0.84, 0.975)
"""Quantiles of the limits: median, 68% and 95% bands."""


@dataclass(frozen=True)
class Share:
    """A share of toys and its binomial uncertainty."""

    value: float
    error: float
    """Of a share of 0 or 1 that of one toy."""


@dataclass(frozen=True)
class CoveragePoint:
    """What the toys at one true value say."""

    truth: float
    toys: int
    profile: Share | None = None
    """Toys whose Delta chi2 at the truth is below the usual cut."""
    calibrated_cut: float | None = None
    """The cut that covers."""
    calibrated_cut_error: float | None = None
    calibrated: Share | None = None
    """Its coverage, tested: of every second toy, with the cut from the others."""
    credible: Share | None = None
    """Toys whose credible region holds the truth."""
    upper: tuple[float, ...] | None = None
    """Quantiles `BANDS` of the upper ends, as in `credible_upper`; infinite if a toy has none."""
    credible_upper: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Coverage:
    """Coverage over the true value."""

    experiments: tuple[str, ...]
    signal: str
    parameter: str
    unit: str
    latex: str
    level: float
    cut: float
    """The usual one, 1 dof."""
    points: tuple[CoveragePoint, ...]
    """In the order of the true values."""
    fits: Fits

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one entry for each true value, as ``--json`` prints them."""
        common = {
            "experiments": list(self.experiments),
            "signal": self.signal,
            "parameter": self.parameter,
            "unit": self.unit,
            "level": self.level,
            "threshold": self.cut,
            "failed": self.fits.failed,
            "band_quantiles": list(BANDS),
        }
        return [{**common, **asdict(point)} for point in self.points]

    def __str__(self) -> str:
        return _text(self)


def _text(found: Coverage) -> str:
    """Return the coverage at each true value, and below it the limits that toys give."""
    failed = f", {found.fits.failed} fits failed" if found.fits.failed else ""
    head = (
        f"{found.parameter} in {found.unit}, {100 * found.level:g}%, "
        f"{' + '.join(found.experiments)}, {found.signal}: {len(found.fits.index)} toys{failed}"
    )
    titles = ["truth", "toys"]
    if any(point.profile is not None for point in found.points):
        titles += [f"Delta chi2 < {found.cut:.3f} covers", f"cut that covers {found.level:.0%}"]
        titles += ["tested"]
    if any(point.credible is not None for point in found.points):
        titles += ["credible covers"]
    lines = aligned([titles, *map(_shares, found.points)], range(len(titles)))
    limits = [row for point in found.points for row in _limits(point)]
    if limits:
        lines += aligned([["truth", "upper limits", "median", "68%", "95%"], *limits], range(5))
    return "\n  ".join([head, *lines])


def _shares(point: CoveragePoint) -> list[str]:
    cells = [f"{point.truth:g}", str(point.toys)]
    if point.profile is not None:
        cells.append(_percent(point.profile))
        cells.append(f"{point.calibrated_cut:.2f} +- {point.calibrated_cut_error:.2f}")
    return cells + [_percent(s) for s in (point.calibrated, point.credible) if s is not None]


def _limits(point: CoveragePoint) -> list[list[str]]:
    rows = []
    for kind, quantiles in (("Delta chi2", point.upper), ("credible", point.credible_upper)):
        if quantiles is not None:
            lowest, low, median, high, highest = (f"{value:.3g}" for value in quantiles)
            bands = [f"{low} to {high}", f"{lowest} to {highest}"]
            rows.append([f"{point.truth:g}", kind, median, *bands])
    return rows


def _percent(found: Share) -> str:
    return f"{100 * found.value:.1f} +- {100 * found.error:.1f}%"
