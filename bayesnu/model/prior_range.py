"""How far the priors of a signal's parameters reach: beyond what the experiments resolve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bayesnu.inference.minimise import minimise
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.likelihood.priors import Prior

RESOLVED = 16.0
"""Delta chi2 of what is expected without a signal, at the end of a range: less than a thousandth
of the posterior lies beyond."""

PLAIN = 1e4
"""As large a Delta chi2 with all nuisances held is not lost when they are free."""

STEP, STEPS = 10.0, 4
"""By what, and how often, a range is widened."""


def reaching(likelihood: Likelihood) -> Likelihood:
    """Return a likelihood whose flat priors of the signal's parameters end where data can tell.

    The range of a parameter is that which its signal states, for experiments that see it well.
    Where these do not (a moment of muon neutrinos beside a reactor), it is ten times as wide, or a
    hundred, until its ends are excluded by what is expected without a signal: the data themselves
    change no prior. One that no experiment resolves keeps its range, and none goes beyond what has
    a meaning: a coupling for which perturbation theory holds, a sine squared of one.
    """
    parameters = tuple(_reaching(likelihood, parameter) for parameter in likelihood.parameters)
    if parameters == likelihood.parameters:
        return likelihood
    return replace(likelihood, parameters=parameters)


def _reaching(likelihood: Likelihood, parameter: Parameter) -> Parameter:
    prior = parameter.prior
    if parameter.role != "signal" or parameter.periodic or not np.isfinite(prior.high):
        return parameter
    for step in range(STEPS + 1):
        wider = _scaled(prior, STEP**step, parameter.most)
        if _resolves(likelihood, parameter.name, wider):
            return replace(parameter, prior=wider)
    return parameter


def _scaled(prior: Prior, factor: float, most: float) -> Prior:
    """Return a prior of a wider range; that of a logarithm begins where it did."""
    low = prior.low if prior.low >= 0.0 else factor * prior.low
    return replace(prior, low=low, high=min(factor * prior.high, most))


def _resolves(likelihood: Likelihood, name: str, prior: Prior) -> bool:
    """Return whether both ends of a range are excluded, all else of the signal at zero."""
    likelihood = likelihood.with_prior(name, prior)
    expected = likelihood.with_observed(likelihood.expected(likelihood.start))
    held = np.array([parameter.role == "signal" for parameter in likelihood.parameters])
    for end in {prior.high, prior.low if prior.low < 0.0 else prior.high}:
        x = likelihood.point({name: end})
        chi2 = float(expected.chi2(x))
        if chi2 < PLAIN:
            chi2 = minimise(expected, x, held).chi2
        if chi2 < RESOLVED:
            return False
    return True
