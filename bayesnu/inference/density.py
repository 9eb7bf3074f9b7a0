"""The posterior density of one parameter, smooth and without a bandwidth: Rao-Blackwell.

Given all other parameters, the density of one is known exactly. Its average over draws of the
others is the marginal density; unlike a histogram or a kernel estimate it has no bias, and much
less noise in quantiles and in the ends of highest-density regions (Gelfand and Smith, JASA 85
(1990) 398, section 2.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array, Interval

POINTS = 241
KNOTS = 61
"""Values at which conditional log-densities are computed; a cubic spline does the rest."""

DRAWS = 4000
"""The most draws of the others that are averaged."""

CHUNK = 1_000
MARGIN = 0.15
"""How far the grid goes beyond the draws, as a share of their range."""

NOISE = 0.05
"""A region is not split, nor an interval added, where the density passes its level by less."""


@dataclass(frozen=True)
class Density:
    """A density on a grid.

    Attributes
    ----------
    values : ndarray, shape (points,)
        Ascending, evenly spaced.
    density : ndarray, shape (points,)
        Its trapezoidal integral is one.
    """

    values: Array
    density: Array

    def quantile(self, level: float) -> float:
        """Return the value below which `level` of the probability lies."""
        cumulative = self._cumulative()
        place = int(np.clip(np.searchsorted(cumulative, level) - 1, 0, len(cumulative) - 2))
        step = self.values[1] - self.values[0]
        missing = (level - cumulative[place]) / step
        a, b = self.density[place], self.density[place + 1]
        # The density is linear within a step: solve a s + (b - a) s^2 / 2 = missing.
        share = 2.0 * missing / (a + np.sqrt(max(a * a + 2.0 * (b - a) * missing, 0.0)))
        return float(self.values[place] + share * step)

    def highest(self, level: float) -> tuple[Interval, ...]:
        """Return the highest-density region that holds `level`, a union of intervals."""

        def held(cut: float) -> float:
            return sum(self._between(a, b) for a, b in self._above(cut))

        top = float(self.density.max())
        low, high = 0.0, top
        while high - low > 1e-9 * top:
            middle = 0.5 * (low + high)
            low, high = (middle, high) if held(middle) > level else (low, middle)
        return self._above(low)

    def _above(self, cut: float) -> tuple[tuple[float, float], ...]:
        """Return where the density is above a cut, without what may be noise."""
        sign = np.append(np.append(-1.0, self.density - cut), -1.0) > 0
        starts = np.flatnonzero(sign[1:-1] & ~sign[:-2])
        stops = np.flatnonzero(sign[1:-1] & ~sign[2:])
        runs = [
            (int(a), int(b))
            for a, b in zip(starts, stops, strict=True)
            if self.density[a : b + 1].max() > (1.0 + NOISE) * cut
        ]
        merged: list[tuple[int, int]] = []
        for a, b in runs:
            if merged and self.density[merged[-1][1] : a + 1].min() > (1.0 - NOISE) * cut:
                merged[-1] = (merged[-1][0], b)
            else:
                merged.append((a, b))
        return tuple(
            (self._crossing(a, a - 1, cut), self._crossing(b, b + 1, cut)) for a, b in merged
        )

    def _crossing(self, inside: int, outside: int, cut: float) -> float:
        if not 0 <= outside < len(self.values):
            return float(self.values[inside])
        a, b = self.density[inside], self.density[outside]
        share = (a - cut) / (a - b)
        return float(self.values[inside] + share * (self.values[outside] - self.values[inside]))

    def _cumulative(self) -> Array:
        steps = 0.5 * (self.density[1:] + self.density[:-1]) * np.diff(self.values)
        return np.concatenate([[0.0], np.cumsum(steps)])

    def _between(self, a: float, b: float) -> float:
        """Return the probability between two values."""
        inside = self.values[(self.values > a) & (self.values < b)]
        x = np.concatenate([[a], inside, [b]])
        return float(np.trapezoid(np.interp(x, self.values, self.density), x))


def marginal_density(likelihood: Likelihood, draws: Array, name: str) -> Density:
    """Return the posterior density of a parameter, given draws from the posterior.

    Parameters
    ----------
    likelihood : Likelihood
        The one that was sampled.
    draws : ndarray, shape (..., parameters)
    name : str
    """
    from scipy.interpolate import CubicSpline

    index = likelihood.index(name)
    flat = draws.reshape(-1, draws.shape[-1])
    own = flat[:, index]
    margin = MARGIN * np.ptp(own)
    low = max(likelihood.low[index], own.min() - margin)
    high = min(likelihood.high[index], own.max() + margin)
    values, knots = np.linspace(low, high, POINTS), np.linspace(low, high, KNOTS)
    to_values = CubicSpline(knots, np.eye(KNOTS))(values)
    prior = likelihood.parameters[index].prior
    with np.errstate(divide="ignore"):
        power = prior.power * np.log(np.abs(values)) if prior.power else np.zeros(POINTS)
    chosen = flat[np.linspace(0, len(flat) - 1, min(DRAWS, len(flat))).astype(int)]
    total = np.zeros(POINTS)
    size = CHUNK // KNOTS
    for first in range(0, len(chosen), size):
        points = np.repeat(chosen[first : first + size, None, :], KNOTS, axis=1)
        points[..., index] = knots
        log = _log_likelihood(likelihood, points) - 0.5 * likelihood.pulls(points)[..., index]
        fine = (log - log.max(axis=-1, keepdims=True)) @ to_values.T + power
        weight = np.exp(fine - fine.max(axis=-1, keepdims=True))
        total += (weight / weight.sum(axis=-1, keepdims=True)).sum(axis=0)
    return Density(values, total / np.trapezoid(total, values))


def _log_likelihood(likelihood: Likelihood, points: Array) -> Array:
    """Return the log-likelihood up to a constant, with few temporary arrays, shape (...)."""
    expected = likelihood.expected(points)
    poisson = likelihood.poisson
    if not poisson.any():
        return np.asarray(
            -0.5 * (((expected - likelihood.observed) / likelihood.sigma) ** 2).sum(-1)
        )
    if not poisson.all():
        return np.asarray(-0.5 * likelihood.chi2_per_bin(points).sum(-1))
    seen = likelihood.observed > 0
    log = np.log(expected[..., seen]) @ likelihood.observed[seen]
    return np.asarray(log - expected.sum(axis=-1))
