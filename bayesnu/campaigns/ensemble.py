"""Simulated experiments: how much an expected limit varies from one experiment to another.

The toys scatter around the Asimov data, counts and centres of the pulls alike: what is expected
of these is what the file says, whatever the true values behind the counts are.
"""

from __future__ import annotations

import numpy as np

from bayesnu.campaigns.simulation import draw, with_data
from bayesnu.errors import ComputationError
from bayesnu.inference.profile import profile
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.sensitivity import Band
from bayesnu.types import Interval, Progress

QUANTILES = (0.025, 0.16, 0.5, 0.84, 0.975)
"""Of the limits of toys: the median and what one and two standard deviations enclose."""

FEWEST_TOYS = 10
"""Quantiles of fewer are no statement."""


def limits_of_toys(
    likelihood: Likelihood,
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
    cut : float
        Delta chi2 of the limits.
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
        counts, centres = draw(likelihood, likelihood.observed, likelihood.centre, rng)
        try:
            curve = profile(with_data(likelihood, counts, centres), parameter, cut=cut)
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
