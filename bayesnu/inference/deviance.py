"""How large the deviance of a good fit is, without toys: its mean and variance, bin by bin.

A Poisson bin of few events has a deviance whose mean is not one: it is summed over all counts. Each
parameter that the data determine takes a degree of freedom, one that a pull holds takes none, and
the others what the data tell of them. A gamma distribution of that mean and variance says whether
toys are worth their time.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincc, gammaln, xlogy

from bayesnu.likelihood.factors import jacobian
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

MANY = 100.0
"""Events from which on the deviance of a bin is chi2 of one degree of freedom, to 0.2%."""


def estimated_p_value(likelihood: Likelihood, x: Array, deviance: float) -> float:
    """Return the chance of a deviance or a larger one at the best fit."""
    mean, variance = (float(part.sum()) for part in moments(likelihood, likelihood.expected(x)))
    fitted = fitted_parameters(likelihood, x)
    mean, variance = max(mean - fitted, 1e-9), max(variance - 2.0 * fitted, 1e-9)
    return float(gammaincc(mean**2 / variance, max(deviance, 0.0) * mean / variance))


def moments(likelihood: Likelihood, expected: Array) -> tuple[Array, Array]:
    """Return mean and variance of each bin's deviance at true counts, shapes (bins,)."""
    mean, variance = np.ones(len(expected)), np.full(len(expected), 2.0)
    few = likelihood.poisson & (expected < MANY)
    if few.any():
        true = expected[few][:, None]
        top = true.max()
        n = np.arange(top + 12.0 * np.sqrt(top) + 30.0)
        chance = np.exp(xlogy(n, true) - true - gammaln(n + 1.0))
        deviance = 2.0 * (true - n + xlogy(n, n / true))
        mean[few] = (chance * deviance).sum(axis=1)
        variance[few] = (chance * deviance**2).sum(axis=1) - mean[few] ** 2
    return mean, variance


def fitted_parameters(likelihood: Likelihood, x: Array) -> float:
    """Return how many parameters the data determine at a fit: the trace of data over all."""
    inside = (x > likelihood.low) & (x < likelihood.high)
    slopes = (likelihood.templates.T @ jacobian(x, likelihood.factors))[:, inside]
    variance = np.where(likelihood.poisson, likelihood.expected(x), likelihood.sigma**2)
    data = (slopes.T / variance) @ slopes
    pulls = likelihood.weight[inside] / np.where(likelihood.log_normal, x, 1.0)[inside] ** 2
    return float(np.trace(np.linalg.pinv(data + np.diag(pulls), hermitian=True) @ data))
