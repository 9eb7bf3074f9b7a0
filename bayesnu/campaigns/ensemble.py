"""Simulated experiments that scatter around what is expected: the spread of a limit, a p-value.

For an expected limit they scatter around the Asimov data, counts and centres of the pulls alike:
what is expected of these is what the file says, whatever the true values behind the counts are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from bayesnu.campaigns.runner import run_campaign
from bayesnu.campaigns.running import Running
from bayesnu.campaigns.simulation import draw, simulate
from bayesnu.campaigns.task import Row, Task, described
from bayesnu.errors import ComputationError, Interrupted
from bayesnu.inference.minimise import Minimum, minimise
from bayesnu.inference.profile import profile
from bayesnu.likelihood.data import with_data
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.fits import Fits
from bayesnu.results.sensitivity import Band
from bayesnu.types import Array

QUANTILES = (0.025, 0.16, 0.5, 0.84, 0.975)
"""Of the limits of toys: the median and what one and two standard deviations enclose."""

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
        toy = with_data(asimov, *draw(asimov, asimov.observed, asimov.centre, rng))
        found = profile(toy, self.parameter, cut=self.cut).intervals(self.cut)
        low, high = found[0][0], found[-1][1]
        return {"lower": -np.inf if low is None else low, "upper": np.inf if high is None else high}


@dataclass(frozen=True, eq=False)
class DevianceTask:
    """Simulate at the best fit to the data, fit again, and keep the deviance."""

    likelihood: Likelihood
    point: Array
    columns = ("deviance",)

    def settings(self) -> dict[str, Any]:
        """Return what determines the rows."""
        return {**described(self.likelihood), "point": self.point.tolist()}

    def run(self, index: int, seed: np.random.SeedSequence) -> Row:
        """Simulate and fit one toy."""
        toy = simulate(self.likelihood, self.point, np.random.default_rng(seed))
        return {"deviance": deviance(toy, best_fit(toy, self.point))}


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
    likelihood: Likelihood, point: Array, number: int, **how: Unpack[Running]
) -> Array:
    """Return the deviances of toys that are drawn at a point and fitted again.

    Raises
    ------
    ComputationError
        If one cannot be fitted, or (`Interrupted`) not all were made.
    """
    fits = _all(DevianceTask(likelihood, point), number, how)
    if fits.failed:
        raise ComputationError(f"{fits.failed} of {number} toys could not be fitted.")
    return fits.column("deviance")


def best_fit(likelihood: Likelihood, start: Array) -> Minimum:
    """Return the best fit of a likelihood without a signal."""
    fit = minimise(likelihood, start, np.zeros(len(start), dtype=bool))
    if not fit.converged:
        raise ComputationError("The fit without signal did not converge.")
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
