"""Posteriors by integration on grids: what NUTS must reproduce."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import xlogy

from bayesnu.likelihood.likelihood import Likelihood

NODES = 32
"""Gauss-Legendre nodes over 14 standard deviations: exact to better than 1e-6."""


def log_weight(likelihood: Likelihood, x: np.ndarray) -> np.ndarray:
    """Return ln(likelihood x prior) at points of shape (..., parameters), from the templates."""
    padded = np.concatenate([x, np.ones((*x.shape[:-1], 1))], axis=-1)
    counts = np.prod(padded[..., likelihood.factors], axis=-1) @ likelihood.templates
    n, sigma = likelihood.observed, likelihood.sigma
    if (sigma > 0).all():
        log = -0.5 * (((counts - n) / sigma) ** 2).sum(axis=-1)
    else:
        assert (sigma == 0).all()
        log = (xlogy(n, counts) - counts).sum(axis=-1)
    for column, parameter in enumerate(likelihood.parameters):
        prior = parameter.prior
        off = x[..., column] - prior.centre
        if prior.log_normal:
            off = np.log(x[..., column] / prior.centre)
        log = log - 0.5 * (off / prior.sigma) ** 2
        if prior.power:
            log = log + prior.power * np.log(np.abs(x[..., column]))
    return log


def nodes(low: float, high: float, count: int = NODES) -> tuple[np.ndarray, np.ndarray]:
    x, w = np.polynomial.legendre.leggauss(count)
    return low + 0.5 * (high - low) * (x + 1.0), 0.5 * (high - low) * w


def grid_posterior(
    likelihood: Likelihood, axes: list[np.ndarray], ranges: list[tuple[float, float]]
) -> np.ndarray:
    """Return the posterior of the first parameters on a grid, the others integrated out.

    Parameters
    ----------
    axes : list of ndarray
        Evenly spaced values of the first parameters.
    ranges : list of (float, float)
        Where the other parameters are integrated (Gauss-Legendre).

    Returns
    -------
    ndarray
        Not normalised, shape (len(axes[0]), ...).
    """
    rules = [nodes(*bounds) for bounds in ranges]
    inner = np.stack(np.meshgrid(*[rule[0] for rule in rules], indexing="ij"), axis=-1)
    inner = inner.reshape(-1, len(rules))
    weight = np.ones(1)
    for rule in rules:
        weight = np.multiply.outer(weight, rule[1]).ravel()
    shape = tuple(len(axis) for axis in axes)
    outer = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
    result = np.empty(len(outer))
    x = np.empty((len(inner), len(axes) + len(rules)))
    x[:, len(axes) :] = inner
    for row, point in enumerate(outer):
        x[:, : len(axes)] = point
        log = log_weight(likelihood, x) + np.log(weight)
        top = log.max()
        result[row] = top + np.log(np.exp(log - top).sum())
    return np.exp(result - result.max()).reshape(shape)


@dataclass(frozen=True)
class Curve:
    """A density on an evenly spaced grid, fine enough to be linear between its points."""

    x: np.ndarray
    density: np.ndarray

    @property
    def cumulative(self) -> np.ndarray:
        steps = 0.5 * (self.density[1:] + self.density[:-1]) * np.diff(self.x)
        total = np.concatenate([[0.0], np.cumsum(steps)])
        return total / total[-1]

    def quantile(self, level: float | np.ndarray) -> np.ndarray:
        return np.interp(level, self.cumulative, self.x)

    def highest(self, level: float) -> list[tuple[float, float]]:
        """Return the highest-density region, by bisection of its cut on a fine grid."""
        x = np.linspace(self.x[0], self.x[-1], 200_001)
        density = np.interp(x, self.x, self.density)
        density = density / density.sum()
        cut = brentq(lambda c: density[density > c].sum() - level, 0.0, density.max(), rtol=1e-12)
        inside = np.concatenate([[False], density > cut, [False]]).astype(int)
        edges = np.diff(inside)
        starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
        return [(float(x[a]), float(x[b])) for a, b in zip(starts, stops, strict=True)]

    def at(self, x: np.ndarray) -> np.ndarray:
        """Return the normalised density; zero outside of the grid."""
        norm = np.trapezoid(self.density, self.x)
        return np.interp(x, self.x, self.density, left=0.0, right=0.0) / norm

    def below(self, x: float | np.ndarray) -> np.ndarray:
        """Return the probability below values."""
        return np.interp(x, self.x, self.cumulative)

    def moved(self, cut: float, share: float) -> Curve:
        """Return the curve with a share of the probability moved from above a cut to below."""
        below = float(self.below(cut))
        factors = np.where(self.x < cut, 1.0 + share / below, 1.0 - share / (1.0 - below))
        return Curve(self.x, self.density * factors)
