"""The likelihood of one parameter with all others integrated out, by importance sampling.

A sampler draws where the posterior is large and leaves tails and evidences to chance. Where a
parameter runs over a grid (a coupling, at each mass), integrating the nuisances at every point
gives densities, evidences and credible limits without a chain that has to converge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from bayesnu.errors import ComputationError
from bayesnu.inference.minimise import minimise
from bayesnu.likelihood.factors import jacobian
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

POINTS = 512
WIDENING = 1.15
"""Factor on the widths of the proposal: lighter tails than the target would spoil the weights."""


@dataclass(frozen=True)
class Marginal:
    """The marginal likelihood on a grid of one parameter.

    Attributes
    ----------
    values : ndarray, shape (points,)
    log_likelihood : ndarray, shape (points,)
        ln of the likelihood times the priors of all other parameters, integrated over them; up
        to a constant that depends on observed counts, bounds and widths of priors only.
    chi2 : ndarray, shape (points,)
        At the best of the others, for comparison.
    efficiency : float
        Smallest share of effective points, (sum w)^2 / (N sum w^2).
    """

    parameter: str
    values: Array
    log_likelihood: Array
    chi2: Array
    efficiency: float


def marginalise(
    likelihood: Likelihood, parameter: str, values: Array, *, points: int = POINTS, cut: float = 25
) -> Marginal:
    """Integrate all other parameters out at each value of one.

    Parameters
    ----------
    likelihood : Likelihood
        Its other parameters should have one mode at each value: nuisances do.
    values : ndarray, shape (points,)
    points : int
        Quasi-random points of each integral.
    cut : float
        Where chi2 is this far above its smallest value, `Marginal.efficiency` leaves the
        integral out; twice as far it is not done, and the volume taken to be constant.

    Raises
    ------
    ComputationError
        If a fit does not converge.

    Notes
    -----
    Importance sampling: the proposal is the Gaussian that agrees with the likelihood in slope
    and expected curvature at the conditional best fit, widened and cut at the bounds (Geweke,
    Hajivassiliou and Keane's simulator). The same quasi-random points at every value make the
    result smooth in it.
    """
    index = likelihood.index(parameter)
    held = np.arange(len(likelihood.names)) == index
    others = np.flatnonzero(~held)
    uniform = _uniform(points, len(others))
    fits, start = [], likelihood.start
    for value in values:
        point = start.copy()
        point[index] = value
        fit = minimise(likelihood, point, held)
        if not fit.converged:
            raise ComputationError(f"The fit at {parameter} = {value:g} did not converge.")
        fits.append(fit)
        start = fit.x
    chi2 = np.array([fit.chi2 for fit in fits])
    result = np.empty(len(values))
    worst = 1.0
    for row, fit in enumerate(fits):
        if chi2[row] > chi2.min() + 2.0 * cut:
            continue
        samples = np.tile(fit.x, (points, 1))
        samples[:, others], log_proposal = _propose(likelihood, fit.x, others, uniform)
        log_weight = -0.5 * likelihood.chi2(samples) + _powers(likelihood, samples) - log_proposal
        top = log_weight.max()
        weight = np.exp(log_weight - top)
        result[row] = top + np.log(weight.mean())
        if chi2[row] <= chi2.min() + cut:
            worst = min(worst, float(weight.sum() ** 2 / (points * (weight**2).sum())))
    best = int(np.argmin(chi2))
    far = chi2 > chi2[best] + 2.0 * cut
    result[far] = result[best] - 0.5 * (chi2[far] - chi2[best])
    return Marginal(parameter, np.asarray(values), result, chi2, worst)


def _uniform(points: int, dimensions: int) -> Array:
    """Return a Sobol set in the unit cube, scrambled with a fixed seed."""
    if dimensions == 0:
        return np.zeros((points, 0))
    from scipy.stats import qmc

    return np.asarray(qmc.Sobol(dimensions, seed=20250101).random(points))


def _propose(
    likelihood: Likelihood, x: Array, others: NDArray[np.intp], uniform: Array
) -> tuple[Array, Array]:
    """Return points of the others and ln of their proposal density, shapes (n, others), (n,)."""
    if not len(others):
        return uniform, np.zeros(len(uniform))
    expected = likelihood.expected(x)
    gradient = likelihood.chi2_and_gradient(x)[1]
    # The expected curvature is positive everywhere; the exact one need not be.
    # A log-normal norm is proposed in its logarithm, in which its pull is that of a Gaussian.
    log = likelihood.log_normal[others]
    stretch = np.where(log, x[others], 1.0)
    slopes = (likelihood.templates.T @ jacobian(x, likelihood.factors))[:, others] * stretch
    variance = np.where(likelihood.poisson, expected, likelihood.sigma**2)
    half = (slopes.T / variance) @ slopes + np.diag(likelihood.weight[others])
    values, vectors = np.linalg.eigh(half)
    covariance = (vectors / np.maximum(values, 1e-6)) @ vectors.T
    # At a bound the slope need not vanish: the Gaussian's own centre lies beyond it.
    root = WIDENING * np.linalg.cholesky(covariance)
    at, low, high = (
        np.where(log, np.log(np.where(log, values, 1.0)), values)
        for values in (x[others], likelihood.low[others], likelihood.high[others])
    )
    centre = at - 0.5 * covariance @ (gradient[others] * stretch)
    z = np.zeros_like(uniform)
    log_density = np.zeros(len(uniform))
    for i in range(len(others)):
        mean = centre[i] + z[:, :i] @ root[i, :i]
        a, b = (low[i] - mean) / root[i, i], (high[i] - mean) / root[i, i]
        # Where both bounds lie in the upper tail, mirror: differences keep their digits there.
        flip = np.where(a > 0, -1.0, 1.0)
        a, b = np.where(a > 0, -b, a), np.where(a > 0, -a, b)
        below, share = ndtr(a), ndtr(b) - ndtr(a)
        share = np.maximum(share, 1e-300)
        drawn = ndtri(np.clip(below + uniform[:, i] * share, 1e-300, 1 - 1e-16))
        z[:, i] = flip * np.clip(drawn, a, b)
        log_density -= 0.5 * z[:, i] ** 2 + np.log(share * root[i, i]) + 0.5 * np.log(2 * np.pi)
    drawn = np.clip(centre + z @ root.T, low, high)
    return np.where(log, np.exp(drawn), drawn), log_density - drawn @ log


def _powers(likelihood: Likelihood, x: Array) -> Array:
    """Return ln of the priors' powers of |x|, shape (points,); the pulls are in chi2."""
    total = np.zeros(len(x))
    for column, parameter in enumerate(likelihood.parameters):
        if parameter.prior.power and parameter.role != "signal":
            total += parameter.prior.power * np.log(np.abs(x[:, column]))
    return total
