"""Evidences from posterior draws: bridge sampling.

The optimal bridge of Meng and Wong (Statistica Sinica 6 (1996) 831) between the posterior and
a normal proposal fitted to one half of the draws, iterated on the other half, as in Gronau et
al., J. Math. Psych. 81 (2017) 80.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bayesnu.errors import ComputationError
from bayesnu.types import Array

MAX_STEPS = 1000


@dataclass(frozen=True)
class Evidence:
    """A log-evidence.

    Attributes
    ----------
    relative_error : float
        One standard deviation of the evidence over the evidence.
    """

    log_value: float
    relative_error: float


def log_evidence(
    log_density: Callable[[Array], float], draws: Array, rng: np.random.Generator
) -> Evidence:
    """Return the log of the integral of a density, given draws from it.

    Parameters
    ----------
    log_density : callable
        Of one point on an unbounded space, shape (n,); not normalised.
    draws : ndarray, shape (chains, draws, n)

    Raises
    ------
    ComputationError
        If the iteration does not converge.
    """
    size = draws.shape[-1]
    half = draws.shape[1] // 2
    fitted, used = draws[:, :half].reshape(-1, size), draws[:, half:].reshape(-1, size)
    mean = fitted.mean(axis=0)
    covariance = np.atleast_2d(np.cov(fitted.T))
    covariance[np.diag_indices(size)] *= 1.0 + 1e-9
    root = np.linalg.cholesky(covariance)
    proposals = mean + rng.normal(size=(len(used), size)) @ root.T

    def normal(points: Array) -> Array:
        z = np.linalg.solve(root, (points - mean).T)
        constant = 0.5 * size * np.log(2.0 * np.pi) + np.log(np.diag(root)).sum()
        return np.asarray(-0.5 * (z**2).sum(axis=0) - constant)

    def target(points: Array) -> Array:
        return np.array([log_density(point) for point in points])

    # Ratios posterior / proposal, at draws of either.
    at_draws = target(used) - normal(used)
    at_proposals = target(proposals) - normal(proposals)
    shift = float(np.median(at_draws))
    a, b = np.exp(at_draws - shift), np.exp(at_proposals - shift)
    effective = float(len(used)) / _autocorrelation(at_draws.reshape(draws.shape[0], -1))
    s1 = effective / (effective + len(proposals))
    s2 = 1.0 - s1
    value = 1.0
    for _ in range(MAX_STEPS):
        upper = b / (s1 * b + s2 * value)
        lower = 1.0 / (s1 * a + s2 * value)
        new = float(upper.mean() / lower.mean())
        if not np.isfinite(new) or new <= 0:
            break
        if abs(new - value) < 1e-10 * value:
            variance = upper.var() / upper.mean() ** 2 / len(upper)
            variance += lower.var() / lower.mean() ** 2 / effective
            return Evidence(float(np.log(new) + shift), float(np.sqrt(variance)))
        value = new
    raise ComputationError("Bridge sampling did not converge; more draws may help.")


def weight_errors(weights: Array, evidences: Sequence[Evidence]) -> Array:
    """Return the errors of weights that are evidences over their sum, shape (evidences,).

    d ln w_i / d ln Z_j = delta_ij - w_j.
    """
    slopes = np.eye(len(weights)) - weights
    errors = np.array([evidence.relative_error for evidence in evidences])
    return np.asarray(weights * np.sqrt(slopes**2 @ errors**2))


def _autocorrelation(chains: Array) -> float:
    """Return the integrated autocorrelation time, by batch means, at least 1."""
    length = chains.shape[1]
    size = max(1, int(np.sqrt(length)))
    count = length // size
    if count < 2:
        return 1.0
    batches = chains[:, : count * size].reshape(chains.shape[0], count, size).mean(axis=2)
    variance = float(chains.var())
    return max(1.0, size * float(batches.var(ddof=1)) / variance) if variance > 0 else 1.0
