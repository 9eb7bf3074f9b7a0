"""Many fits at once: chi2 at its smallest over some parameters, from many starting points.

Levenberg's damped Newton steps, for a whole batch of points together. Of the package it knows
`Likelihood.expected`, `chi2` and the pulls; its minimisers are what is to be judged.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesnu.likelihood.likelihood import Likelihood

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

STEPS = 60
STEP = 1e-3
"""Of the difference quotients, in units of max(|x|, 1): exact for counts up to quadratic."""
DECREASE = 1e-10
DAMPING = (1e-6, 1e12)
CHUNK = 400
NOTHING = 1e-8
"""Counts below this are raised to a floor, at which they have no second derivative."""
START_DAMPING = 1.37e-3
"""Not a power of ten: minus one times a negative curvature would make a matrix singular."""


def bounds(likelihood: Likelihood) -> tuple[Array, Array]:
    """Return the lower and upper ends of all ranges."""
    low = np.array([p.prior.low for p in likelihood.parameters])
    high = np.array([p.prior.high for p in likelihood.parameters])
    return low, high


def pull_derivatives(likelihood: Likelihood, x: Array) -> tuple[Array, Array, Array]:
    """Return half the first and second derivatives of the pulls, and their Fisher information.

    By differences, whatever the shape of a pull is; of a pull u^2 the last is (du/dx)^2.
    """
    step = STEP * np.maximum(np.abs(x), STEP)
    below, here, above = (likelihood.pulls(x + sign * step) for sign in (-1.0, 0.0, 1.0))
    slope, bend = (above - below) / (4.0 * step), (above - 2.0 * here + below) / (2.0 * step**2)
    squared = np.where(here > 1e-6, slope**2 / np.maximum(here, 1e-6), bend)
    return slope, bend, np.maximum(squared, bend)


def derivatives(likelihood: Likelihood, x: Array, free: Flags) -> tuple[Array, Array, Array]:
    """Return gradient, Hessian (without mixed derivatives of the counts), Fisher matrix of chi2.

    Parameters
    ----------
    x : ndarray, shape (points, parameters)
    free : ndarray, shape (parameters,)
        The rows and columns that are returned.
    """
    places = np.flatnonzero(free)
    step = STEP * np.maximum(np.abs(x[:, places]), 1.0)
    moved = np.repeat(x[:, None, :], 2 * len(places), axis=1)
    for row, place in enumerate(places):
        moved[:, 2 * row, place] += step[:, row]
        moved[:, 2 * row + 1, place] -= step[:, row]
    counts = likelihood.expected(moved)
    jacobian = (counts[:, 0::2] - counts[:, 1::2]) / (2.0 * step[..., None])
    expected = likelihood.expected(x)
    second = counts[:, 0::2] - 2.0 * expected[:, None] + counts[:, 1::2]
    second[np.minimum(counts[:, 0::2], counts[:, 1::2]) < NOTHING] = 0.0
    n, sigma = likelihood.observed, likelihood.sigma
    poisson = sigma == 0.0
    square = np.where(poisson, 1.0, sigma) ** 2
    slope = np.where(poisson, 1.0 - n / expected, (expected - n) / square)
    curvature = np.where(poisson, n / expected**2, 1.0 / square)
    information = np.where(poisson, 1.0 / expected, 1.0 / square)
    pull, bend, known = (part[:, places] for part in pull_derivatives(likelihood, x))
    gradient = np.einsum("pfb,pb->pf", jacobian, slope) + pull
    across = np.swapaxes(jacobian, 1, 2)
    unit = np.eye(len(places))
    # What enters squared has no slope at zero: there the second derivative decides.
    bend = bend + np.einsum("pfb,pb->pf", second, slope) / step**2
    hessian = (jacobian * curvature[:, None]) @ across + bend[:, None] * unit
    fisher = (jacobian * information[:, None]) @ across + known[:, None] * unit
    return 2.0 * gradient, 2.0 * hessian, 2.0 * fisher


def fit(likelihood: Likelihood, x: Array, held: Flags) -> tuple[Array, Array]:
    """Return the points at which steps from `x` end, and chi2 there.

    Parameters
    ----------
    x : ndarray, shape (points, parameters)
        Where to start.
    held : ndarray, shape (parameters,)
        Parameters that keep their values.
    """
    low, high = bounds(likelihood)
    x = np.clip(x, low, high)
    if held.all():
        return x, likelihood.chi2(x)
    parts = [_fit(likelihood, x[i : i + CHUNK], ~held) for i in range(0, len(x), CHUNK)]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _solved(matrix: Array, right: Array) -> Array:
    """Return the solutions; where a matrix is singular, the shortest."""
    try:
        return np.linalg.solve(matrix, right[..., None])[..., 0]
    except np.linalg.LinAlgError:
        return (np.linalg.pinv(matrix, hermitian=True) @ right[..., None])[..., 0]


def _fit(likelihood: Likelihood, x: Array, free: Flags) -> tuple[Array, Array]:
    low, high = (end[free] for end in bounds(likelihood))
    size = int(free.sum())
    x, chi2 = x.copy(), likelihood.chi2(x)
    damping = np.full(len(x), START_DAMPING)
    active = np.arange(len(x))
    for _ in range(STEPS):
        if not len(active):
            break
        here = x[active][:, free]
        gradient, hessian, fisher = derivatives(likelihood, x[active], free)
        stuck = ((here <= low) & (gradient > 0)) | ((here >= high) & (gradient < 0))
        gradient = np.where(stuck, 0.0, gradient)
        diagonal = np.maximum(*(np.abs(np.einsum("pii->pi", m)) for m in (hessian, fisher)))
        diagonal += 1e-12
        matrix = hessian + damping[active, None, None] * diagonal[:, None] * np.eye(size)
        matrix = np.where(stuck[:, :, None] | stuck[:, None, :], np.eye(size), matrix)
        step = -_solved(matrix, gradient)
        trial = x[active].copy()
        trial[:, free] = np.clip(here + step, low, high)
        found = likelihood.chi2(trial)
        better = found < chi2[active]
        gain = chi2[active] - found
        rows = active[better]
        x[rows], chi2[rows] = trial[better], found[better]
        damping[active] = np.where(better, damping[active] * 0.1, damping[active] * 10.0)
        damping = np.maximum(damping, DAMPING[0])
        expected_gain = -np.sum(gradient * step, axis=1)
        done = np.where(better, gain < DECREASE, np.abs(expected_gain) < DECREASE)
        active = active[~done & (damping[active] < DAMPING[1])]
    return x, chi2
