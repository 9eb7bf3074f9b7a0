"""Simulated experiments: how much an expected limit varies from one experiment to another.

Each toy draws its nuisances from their priors and its counts at these nuisances, and is fitted
with the priors where they were: the same, for Gaussian priors, as drawing the calibrations that
the priors stand for.
"""

from __future__ import annotations

import numpy as np

from bayesnu.errors import ComputationError
from bayesnu.inference.profile import profile
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.sensitivity import Band
from bayesnu.types import Array, Interval, Progress

QUANTILES = (0.025, 0.16, 0.5, 0.84, 0.975)
"""Of the limits of toys: the median and what one and two standard deviations enclose."""

FEWEST_TOYS = 10
"""Quantiles of fewer are no statement."""


def limits_of_toys(
    likelihood: Likelihood,
    x: Array,
    parameter: str,
    cut: float,
    toys: int,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> Band:
    """Fit simulated experiments, and return the quantiles of their limits.

    Parameters
    ----------
    likelihood : Likelihood
        With Asimov data: the true expected counts.
    x : ndarray, shape (parameters,)
        The true point, as far as the fitted model has it.
    parameter : str
    cut : float
        Delta chi2 of the limits.
    toys : int
    rng : Generator
    progress : callable, optional
        Called with the fraction done and a word.

    Raises
    ------
    ComputationError
        If fewer than `FEWEST_TOYS` can be fitted.
    """
    intervals: list[tuple[Interval, ...]] = []
    failed = 0
    for number in range(toys):
        counts = simulate(likelihood, likelihood.observed, x, rng)
        try:
            curve = profile(likelihood.with_observed(counts), parameter, cut=cut)
            intervals.append(curve.intervals(cut))
        except ComputationError:
            failed += 1
        if progress:
            progress((number + 1) / toys, "toys")
    if len(intervals) < FEWEST_TOYS:
        raise ComputationError(f"{failed} of {toys} toys could not be fitted.")
    lower = [found[0][0] for found in intervals]
    upper = [found[-1][1] for found in intervals]
    return Band(QUANTILES, _quantiles(lower), _quantiles(upper), len(intervals), failed)


def _quantiles(ends: list[float | None]) -> tuple[float, ...] | None:
    known = [end for end in ends if end is not None]
    # A one-sided parameter may have a lower end by chance: that is not what is expected of it.
    if len(known) < len(ends):
        return None
    return tuple(map(float, np.quantile(known, QUANTILES)))


def simulate(likelihood: Likelihood, expected: Array, x: Array, rng: np.random.Generator) -> Array:
    """Draw nuisances from their Gaussian priors, and counts at these nuisances.

    Parameters
    ----------
    likelihood : Likelihood
    expected : ndarray, shape (bins,)
        True counts with nuisances at their expectation `x`.
    x : ndarray, shape (parameters,)
        Signal parameters of the fitted model, and nuisances at their expectation.
    rng : Generator

    Returns
    -------
    ndarray, shape (bins,)
        The change of the counts by the nuisances is that of the fitted model at `x`, on top of
        `expected`, which may hold what the model lacks.
    """
    drawn = x.copy()
    for index, parameter in enumerate(likelihood.parameters):
        prior = parameter.prior
        if parameter.role != "signal" and prior.has_pull:
            off = prior.sigma * rng.standard_normal()
            value = prior.centre * np.exp(off) if prior.log_normal else prior.centre + off
            drawn[index] = min(max(value, prior.low), prior.high)
    moved = np.maximum(expected + likelihood.expected(drawn) - likelihood.expected(x), 0.0)
    noise = rng.standard_normal(moved.shape) * likelihood.sigma
    drawn_counts = rng.poisson(moved).astype(float)
    return np.where(likelihood.poisson, drawn_counts, np.maximum(moved + noise, 0.0))
