"""Goodness of fit: the deviance of the best fit without signal, and its p-value from toys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bayesnu.campaigns.simulation import simulate
from bayesnu.errors import ComputationError, InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.inference.minimise import Minimum, minimise
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.model.build import build_likelihood
from bayesnu.physics.signals.base import StandardModel
from bayesnu.results.goodness import GoodnessOfFit
from bayesnu.types import Array


def goodness_of_fit(
    experiments: Sequence[Experiment],
    *,
    toys: int = 500,
    seed: int = 1,
    observed: Mapping[str, Array] | None = None,
) -> GoodnessOfFit:
    """Fit the Standard Model and the backgrounds, and say how good the fit is.

    Parameters
    ----------
    experiments : sequence of Experiment
        One, or several that are fitted together.
    toys : int
        Number of simulated data sets.
    observed : mapping, optional
        Counts by experiment name, instead of the file's.

    Returns
    -------
    GoodnessOfFit

    Raises
    ------
    InputError
        If there are no data, or `toys` is not positive.
    ComputationError
        If a fit does not converge.
    """
    if toys < 1:
        raise InputError("goodness of fit", "toys", found=str(toys), expected="at least 1")
    likelihood = build_likelihood(experiments, StandardModel(), (), observed=observed)
    best = _fit(likelihood, likelihood.start)
    deviance = _deviance(likelihood, best)
    rng = np.random.default_rng(seed)
    above = 0
    for _ in range(toys):
        toy = simulate(likelihood, best.x, rng)
        above += _deviance(toy, _fit(toy, best.x)) >= deviance
    return GoodnessOfFit(
        experiments=tuple(experiment.name for experiment in experiments),
        deviance=deviance,
        bins=len(likelihood.observed),
        pulls=best.chi2 - deviance,
        p_value=above / toys,
        toys=toys,
        seed=seed,
    )


def _fit(likelihood: Likelihood, start: Array) -> Minimum:
    fit = minimise(likelihood, start, np.zeros(len(start), dtype=bool))
    if not fit.converged:
        raise ComputationError("The fit without signal did not converge.")
    return fit


def _deviance(likelihood: Likelihood, fit: Minimum) -> float:
    return float(likelihood.chi2_per_bin(fit.x).sum())
