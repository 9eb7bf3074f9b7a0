"""Simulated experiments that scatter around what is expected: the spread of a limit, a p-value.

For an expected limit they scatter around the Asimov data, counts and centres of the pulls alike:
what is expected of these is what the file says, whatever the true values behind the counts are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Unpack

import numpy as np

from bayesnu.campaigns.runner import run_campaign
from bayesnu.campaigns.running import Running
from bayesnu.campaigns.scan import Scan, scan_of
from bayesnu.campaigns.simulation import draw
from bayesnu.campaigns.task import Row, Task, described
from bayesnu.errors import ComputationError, Interrupted
from bayesnu.inference.block import with_data as block_with_data
from bayesnu.inference.minima import find_minima
from bayesnu.inference.minimise import Minimum, block_of, minimise, minimise_block
from bayesnu.inference.profile import profile
from bayesnu.inference.profiler import by_chi2
from bayesnu.likelihood.data import with_data
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.band import Band
from bayesnu.results.fits import Fits
from bayesnu.types import Array

QUANTILES = (0.025, 0.16, 0.5, 0.84, 0.975)
"""Of the limits of toys: the median and what one and two standard deviations enclose."""

NOT_CONVERGED = "The fit of all parameters did not converge."

FEWEST_TOYS = 10
"""Quantiles of fewer are no statement."""


@dataclass(frozen=True, eq=False)
class IntervalTask:
    """Simulate around Asimov data, and find the ends of the interval; an open one is infinite."""

    likelihood: Likelihood
    parameter: str
    cut: float
    columns = ("lower", "upper")

    def settings(self) -> dict[str, Any]:
        """Return what determines the rows."""
        return {**described(self.likelihood), "parameter": self.parameter, "cut": self.cut}

    def run(self, index: int, seed: np.random.SeedSequence) -> Row:
        """Simulate and fit one toy."""
        asimov, rng = self.likelihood, np.random.default_rng(seed)
        counts, centres = draw(asimov, asimov.observed, asimov.centre, rng)
        row = self._scan.row(counts, centres, self.cut) if self._scan else None
        if row:
            return {name: row[name] for name in self.columns}
        toy = with_data(asimov, counts, centres)
        found = profile(toy, self.parameter, cut=self.cut).intervals(self.cut)
        low, high = found[0][0], found[-1][1]
        return {"lower": -np.inf if low is None else low, "upper": np.inf if high is None else high}

    @cached_property
    def _scan(self) -> Scan | None:
        best = find_minima(self.likelihood)[0].x[self.likelihood.index(self.parameter)]
        return scan_of(self.likelihood, self.parameter, float(best))


@dataclass(frozen=True, eq=False)
class DevianceTask:
    """Simulate at the best fit to the data, fit again, and keep the deviance."""

    likelihood: Likelihood
    point: Array
    start: Array | None = None
    """Another place to start from: chi2 is stationary where a size is zero."""
    columns = ("deviance",)

    def settings(self) -> dict[str, Any]:
        """Return what determines the rows."""
        return {**described(self.likelihood), "point": self.point.tolist()}

    def run(self, index: int, seed: np.random.SeedSequence) -> Row:
        """Simulate and fit one toy."""
        likelihood, point = self.likelihood, self.point
        rng = np.random.default_rng(seed)
        counts, centres = draw(likelihood, likelihood.expected(point), point, rng)
        block = block_with_data(block_of(likelihood), centres, counts)
        held = np.zeros(len(point), dtype=bool)
        starts = [point] if self.start is None else [point, self.start]
        best = min((minimise_block(block, start, held) for start in starts), key=by_chi2)
        if not best.converged:
            raise ComputationError(NOT_CONVERGED)
        return {"deviance": deviance(replace(likelihood, observed=counts), best)}


def limits_of_toys(
    likelihood: Likelihood, parameter: str, cut: float, number: int, **how: Unpack[Running]
) -> Band:
    """Return the quantiles of the limits of toys around Asimov data.

    Raises
    ------
    ComputationError
        If fewer than `FEWEST_TOYS` can be fitted, or (`Interrupted`) not all were made.
    """
    fits = _all(IntervalTask(likelihood, parameter, cut), number, how)
    if len(fits.index) < FEWEST_TOYS:
        raise ComputationError(f"{fits.failed} of {number} toys could not be fitted.")
    lower, upper = (_quantiles(fits.column(end)) for end in ("lower", "upper"))
    return Band(QUANTILES, lower, upper, len(fits.index), fits.failed)


def deviances_of_toys(
    likelihood: Likelihood,
    point: Array,
    number: int,
    start: Array | None = None,
    **how: Unpack[Running],
) -> Array:
    """Return the deviances of toys that are drawn at a point and fitted again.

    Parameters
    ----------
    start : ndarray, optional
        Another place than the point where fits start.

    Raises
    ------
    ComputationError
        If one cannot be fitted, or (`Interrupted`) not all were made.
    """
    fits = _all(DevianceTask(likelihood, point, start), number, how)
    if fits.failed:
        raise ComputationError(f"{fits.failed} of {number} toys could not be fitted.")
    return fits.column("deviance")


def best_fit(likelihood: Likelihood, start: Array) -> Minimum:
    """Return the fit of all parameters from one start."""
    fit = minimise(likelihood, start, np.zeros(len(start), dtype=bool))
    if not fit.converged:
        raise ComputationError(NOT_CONVERGED)
    return fit


def deviance(likelihood: Likelihood, fit: Minimum) -> float:
    """Return the sum over bins at a fit, without the pulls."""
    return float(likelihood.chi2_per_bin(fit.x).sum())


def _all(task: Task, number: int, how: Running) -> Fits:
    fits = run_campaign(task, number, what="toys", **how)
    if not fits.complete:
        raise Interrupted(f"Interrupted after {len(fits.index)} of {number} toys.")
    return fits


def _quantiles(ends: Array) -> tuple[float, ...] | None:
    # A one-sided parameter may have a lower end by chance: that is not what is expected of it.
    if not np.isfinite(ends).all():
        return None
    return tuple(map(float, np.quantile(ends, QUANTILES)))
