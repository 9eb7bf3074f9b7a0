"""Coverage as a curve over the true value, and the limits that no signal would give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from bayesnu.campaigns.refit import Refit
from bayesnu.campaigns.runner import run_campaign
from bayesnu.campaigns.running import Running
from bayesnu.campaigns.toys import Method, ToyTask, toy_task
from bayesnu.errors import ComputationError
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.threshold import threshold
from bayesnu.results.coverage import BANDS, Coverage, CoveragePoint, Share
from bayesnu.results.fits import Fits
from bayesnu.types import Array


def share(hits: NDArray[np.bool_]) -> Share:
    """Return the share of toys for which something holds."""
    number = len(hits)
    value = float(hits.mean())
    inside = min(max(value, 1.0 / number), 1.0 - 1.0 / number) if number > 1 else 0.5
    return Share(value, float(np.sqrt(inside * (1.0 - inside) / number)))


def toys(
    likelihood: Likelihood,
    parameter: str,
    truths: Sequence[float],
    number: int = 500,
    *,
    level: float = 0.9,
    method: Method = "profile",
    settings: Refit | None = None,
    **how: Unpack[Running],
) -> Coverage:
    """Simulate and fit pseudo-experiments, and return the coverage and the expected limits.

    Parameters
    ----------
    truths : sequence of float
        True values, in the parameter's unit.
    number : int
        Toys at each.
    method : {"test", "profile", "posterior", "both"}
        As of `ToyTask`.
    **how
        As of `run_campaign`.
    """
    task = toy_task(likelihood, parameter, truths, level=level, method=method, settings=settings)
    fits = run_campaign(task, number * len(task.truths), what="toys", **how)
    return summarise(task, fits)


def summarise(task: ToyTask, fits: Fits) -> Coverage:
    """Return what finished toys say."""
    if not len(fits.index):
        raise ComputationError(f"Of {fits.failed} fits none succeeded.")
    meta = task.likelihood.parameters[task.likelihood.index(task.parameter)]
    cut = threshold(task.level, 1)
    experiments = task.settings()["experiments"]
    points = []
    for number, truth in enumerate(task.truths):
        chosen = fits.index % len(task.truths) == number
        if chosen.sum() > 1:
            table = dict(zip(fits.columns, fits.values[chosen].T, strict=True))
            points.append(_point(truth, table, cut, task.level))
    return Coverage(
        experiments=tuple(experiments),
        signal=task.settings()["signal"],
        parameter=task.parameter,
        unit=meta.unit,
        latex=meta.latex,
        level=task.level,
        cut=cut,
        points=tuple(points),
        fits=fits,
    )


def _point(truth: float, table: dict[str, Array], cut: float, level: float) -> CoveragePoint:
    found: dict[str, Any] = {"truth": truth, "toys": len(table["truth"])}
    if "delta_chi2" in table:
        delta = table["delta_chi2"]
        found["profile"] = share(delta <= cut)
        found["calibrated_cut"], found["calibrated_cut_error"] = calibrated_cut(delta, level)
        found["calibrated"] = coverage_of_cut(delta, level)
    if "credible_covers" in table:
        found["credible"] = share(table["credible_covers"] > 0.5)
        found["credible_upper"] = tuple(map(float, _quantiles(table["credible_upper"])))
    if "upper" in table:
        found["upper"] = tuple(map(float, _quantiles(table["upper"])))
    return CoveragePoint(**found)


def calibrated_cut(delta: Array, level: float) -> tuple[float, float]:
    """Return the cut below which `level` of the toys lie, and its uncertainty.

    The order statistic that covers on average: of n toys the one at level (n + 1). The error
    is half the distance between those one binomial standard deviation below and above.
    """
    ordered = np.sort(delta)
    number = len(ordered)
    spread = np.sqrt(level * (1.0 - level) * number)
    places = level * (number + 1) - 1 + np.array([0.0, -spread, spread])
    at, below, above = np.interp(places, np.arange(number), ordered)
    return float(at), float(0.5 * (above - below))


def coverage_of_cut(delta: Array, level: float) -> Share:
    """Return the coverage of a calibrated cut on toys that it was not calibrated with.

    The error holds that of the cut. Both halves used both ways would give `level` whatever the
    toys are: one half's surplus is the other's deficit.
    """
    cut, _ = calibrated_cut(delta[::2], level)
    found = share(delta[1::2] <= cut)
    return Share(found.value, found.error * float(np.sqrt(len(delta) / len(delta[::2]))))


def _quantiles(values: Array) -> Array:
    """Return the quantiles `BANDS`, by order statistics: some values may be infinite."""
    return np.asarray(np.quantile(values, BANDS, method="nearest"))
