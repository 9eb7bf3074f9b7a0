"""Goodness of fit: the deviance of the best fit without signal, and its p-value from toys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Unpack

from bayesnu.campaigns.engines import useful_cores
from bayesnu.campaigns.ensemble import best_fit, deviance, deviances_of_toys
from bayesnu.campaigns.running import Running
from bayesnu.errors import ComputationError, InputError, Interrupted
from bayesnu.experiments.experiment import Experiment
from bayesnu.inference.deviance import estimated_p_value
from bayesnu.inference.profiler import signal_scale
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.model.build import build_likelihood
from bayesnu.physics.signals.base import StandardModel
from bayesnu.results.goodness import GoodnessOfFit
from bayesnu.types import Array

TOY_SECONDS = 0.001
"""What the fit of one takes."""

TOYS = 500

SUSPICIOUS, HOPELESS = 0.02, 1e-6
"""An estimated p-value below which toys say what it is, and one below which they cannot."""


def goodness_of_fit(
    experiments: Sequence[Experiment],
    *,
    toys: int = TOYS,
    observed: Mapping[str, Array] | None = None,
    **how: Unpack[Running],
) -> GoodnessOfFit:
    """Fit the Standard Model and the backgrounds, and say how good the fit is.

    Parameters
    ----------
    experiments : sequence of Experiment
        One, or several that are fitted together.
    observed : mapping, optional
        Counts by experiment name, instead of the file's.
    **how
        As of `run_campaign`; `cores` (1) are used where there are toys enough.
    """
    if toys < 1:
        raise InputError("goodness of fit", "toys", found=str(toys), expected="at least 1")
    running: Running = {"seed": 1, **how}
    running["cores"] = useful_cores(running.get("cores") or 1, toys * TOY_SECONDS)
    likelihood = build_likelihood(experiments, StandardModel(), (), observed=observed)
    best = best_fit(likelihood, likelihood.start)
    ours = deviance(likelihood, best)
    theirs = deviances_of_toys(likelihood, best.x, toys, **running)
    return GoodnessOfFit(
        experiments=tuple(experiment.name for experiment in experiments),
        deviance=ours,
        bins=len(likelihood.observed),
        pulls=best.chi2 - ours,
        p_value=float((theirs >= ours).mean()),
        toys=toys,
        seed=running["seed"],
    )


def goodness_of_best_fit(likelihood: Likelihood, best: Mapping[str, float]) -> GoodnessOfFit:
    """Say how good the best fit of a limit is: estimated, and by toys where that is suspicious.

    Parameters
    ----------
    best : mapping
        All parameters there.
    """
    x = likelihood.point(best)
    ours = float(likelihood.chi2_per_bin(x).sum())
    estimate = estimated_p_value(likelihood, x, ours)
    found = GoodnessOfFit(
        experiments=likelihood.experiments,
        deviance=ours,
        bins=len(likelihood.observed),
        pulls=float(likelihood.chi2(x)) - ours,
        p_value=estimate,
        toys=0,
    )
    if not HOPELESS < estimate < SUSPICIOUS:
        return found
    start = x.copy()
    for index, parameter in enumerate(likelihood.parameters):
        if parameter.role == "signal":
            start[index] += 0.5 * signal_scale(likelihood, index, 2.0, x)
    try:
        theirs = deviances_of_toys(likelihood, x, TOYS, start, seed=1, cores=1)
    except Interrupted:
        raise
    except ComputationError:  # a toy that cannot be fitted: the estimate is what there is
        return found
    return replace(found, p_value=float((theirs >= ours).mean()), toys=TOYS)
