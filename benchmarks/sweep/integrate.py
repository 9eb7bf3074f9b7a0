"""The posterior of one parameter on a grid: the nuisances are integrated over at each value.

Importance sampling with Student's t around the fitted nuisances, with scrambled Sobol points.
Several scrambles give as many results; their spread is the Monte Carlo error of what is averaged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.stats import qmc

from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.priors import Prior
from benchmarks.sweep.fit import Flags, bounds, derivatives
from benchmarks.sweep.scan import Scan

Array = NDArray[np.float64]
Region = list[tuple[float, float]]

SCRAMBLES, POINTS = 8, 256
NOT_NEGLIGIBLE = 10.0
"""ln of how far the marginal likelihood may be below its top where efficiency is looked at."""
FAR = 60.0
"""Values whose Delta chi2 is larger carry less than e^-25 of the posterior."""
RISE, SHARE_OF_DELTA = 0.5, 0.2
"""Delta chi2 between neighbouring values of the first grid, at least and as a share of it."""
FORETOLD, HALVINGS = 4e-3, 7
"""How well interpolation foretells ln of the integral in the middle of two values, and how many
times they are halved at most."""
NEGLIGIBLE = 16.0
"""ln of how far below its top nobody looks more closely."""
FINE = 200
"""Points between neighbouring values, where the smooth log-density is interpolated."""
CHUNK = 60_000


@dataclass(frozen=True)
class Marginal:
    """ln of the likelihood of one parameter, the others integrated over.

    Attributes
    ----------
    value : ndarray, shape (values,)
    log : ndarray, shape (scrambles, values)
        Each row is an estimate of its own, up to one constant.
    efficiency : float
        The smallest share of effective points, where the likelihood is not negligible.
    """

    value: Array
    log: Array
    efficiency: float

    def posterior(self, prior: Prior, rows: Array | None = None) -> Posterior:
        """Return the posterior under a prior; `rows` are averaged (all, if None)."""
        chosen = self.log if rows is None else self.log[rows]
        top = self.log.max()
        log = np.log(np.exp(chosen - top).mean(axis=0) + 1e-300)
        share = np.linspace(0.0, 1.0, FINE, endpoint=False)
        inner = self.value[:-1, None] + np.diff(self.value)[:, None] * share
        fine = np.append(inner.ravel(), self.value[-1])
        if prior.power < 0 and prior.low > 0:
            fine = np.union1d(fine, np.geomspace(prior.low, prior.high, 20_000))
        fine = fine[(fine >= prior.low) & (fine <= prior.high)]
        density = np.exp(PchipInterpolator(self.value, log, extrapolate=True)(fine))
        density[(fine < self.value[0]) | (fine > self.value[-1])] = 0.0
        if prior.power:
            density *= np.abs(fine) ** prior.power
        return Posterior(fine, density)

    def spread(self, prior: Prior, number: Callable[[Posterior], float]) -> tuple[float, float]:
        """Return a number of the posterior and its Monte Carlo error."""
        each = [number(self.posterior(prior, np.array([row]))) for row in range(len(self.log))]
        return number(self.posterior(prior)), float(np.std(each, ddof=1) / np.sqrt(len(each)))


@dataclass(frozen=True)
class Posterior:
    """A density on a fine grid, not normalised."""

    value: Array
    density: Array

    @property
    def cumulative(self) -> Array:
        """Probability below each value."""
        steps = 0.5 * (self.density[1:] + self.density[:-1]) * np.diff(self.value)
        total = np.concatenate([[0.0], np.cumsum(steps)])
        return total / total[-1]

    def quantile(self, level: float) -> float:
        """Return the value below which `level` lies."""
        return float(np.interp(level, self.cumulative, self.value))

    def below(self, value: float) -> float:
        """Return the probability below a value."""
        return float(np.interp(value, self.value, self.cumulative))

    def held(self, region: Region) -> float:
        """Return the probability inside a union of intervals."""
        return sum(self.below(b) - self.below(a) for a, b in region)

    def at(self, value: float) -> float:
        """Return the normalised density."""
        norm = np.trapezoid(self.density, self.value)
        return float(np.interp(value, self.value, self.density, left=0.0, right=0.0) / norm)

    def highest(self, level: float) -> Region:
        """Return the highest-density region."""
        mass = 0.5 * (self.density[1:] + self.density[:-1]) * np.diff(self.value)
        height = np.minimum(self.density[1:], self.density[:-1])
        order = np.argsort(-height)
        kept = np.cumsum(mass[order]) / mass.sum()
        cut = height[order[min(int(np.searchsorted(kept, level)), len(order) - 1)]]
        inside = np.concatenate([[False], height >= cut, [False]]).astype(int)
        edges = np.diff(inside)
        starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        return [
            (float(self.value[a]), float(self.value[b])) for a, b in zip(starts, stops, strict=True)
        ]


def nodes(found: Scan, far: float = FAR) -> Array:
    """Return values from which the integral begins: a ladder of Delta chi2, with longer steps
    where the likelihood is small."""
    for _ in range(6):
        delta = np.minimum(found.delta, far)
        near = found.delta < far
        gap = np.flatnonzero((near[1:] | near[:-1]) & (np.abs(np.diff(delta)) > 2 * _rise(delta)))
        if not len(gap):
            break
        found.add(0.5 * (found.value[gap] + found.value[gap + 1]))
    inside = found.delta < far
    keep = np.flatnonzero(inside | np.roll(inside, 1) | np.roll(inside, -1))
    delta, value = np.minimum(found.delta, far), found.value
    scale = np.maximum(0.1 * np.abs(value), 0.02 * np.ptp(value[keep]))
    rise = np.append(_rise(delta), RISE)
    thinned = [int(keep[0])]
    for place, after in pairwise(keep):
        last = thinned[-1]
        close = abs(delta[after] - delta[last]) < rise[place]
        if not close or value[after] - value[last] > scale[place]:
            thinned.append(int(place))
    return value[np.unique([*thinned, keep[-1], int(np.argmin(found.delta))])]


def _rise(delta: Array) -> Array:
    """Return how far apart in Delta chi2 neighbours may be."""
    return np.maximum(RISE, SHARE_OF_DELTA * np.minimum(delta[1:], delta[:-1]))


def marginal(found: Scan, seed: int = 1) -> Marginal:
    """Return the integral over the nuisances at every value that matters.

    Between two values another one is taken until interpolation foretells the ones in the middle:
    on a plateau of the profile, where bounded nuisances take up a signal, the marginal likelihood
    changes and the profile does not.
    """
    one = _Integral(found, seed)
    value = nodes(found)
    rows = one.at(value)
    open_ends = np.full(len(value) - 1, True)
    for _ in range(HALVINGS):
        mean = _mean(rows[:, :-1])
        important = mean > mean.max() - NEGLIGIBLE
        gap = np.flatnonzero(open_ends & (important[1:] | important[:-1]))
        if not len(gap):
            break
        middle = 0.5 * (value[gap] + value[gap + 1])
        found_rows = one.at(middle)
        off = np.abs(PchipInterpolator(value, mean)(middle) - _mean(found_rows[:, :-1]))
        value, rows = np.append(value, middle), np.append(rows, found_rows, axis=0)
        order = np.argsort(value, kind="stable")
        is_wrong = np.zeros(len(value), dtype=bool)
        is_wrong[len(value) - len(middle) :] = off > FORETOLD
        value, rows, is_wrong = value[order], rows[order], is_wrong[order]
        open_ends = is_wrong[1:] | is_wrong[:-1]
    mean = _mean(rows[:, :-1])
    efficiency = rows[mean > mean.max() - NOT_NEGLIGIBLE, -1].min()
    return Marginal(value, rows[:, :-1].T, float(efficiency))


def _mean(rows: Array) -> Array:
    """Return ln of the mean over scrambles, by value."""
    top = rows.max()
    return top + np.log(np.exp(rows - top).mean(axis=1) + 1e-300)


class _Integral:
    """The integral over the nuisances of a scan, with the same points everywhere."""

    def __init__(self, found: Scan, seed: int) -> None:
        self.scan, self.likelihood = found, found.likelihood
        self.free = ~found.held
        size = int(self.free.sum())
        self.low, self.high = (end[self.free] for end in bounds(self.likelihood))
        self.uniform = np.concatenate([_uniform(size, seed + row) for row in range(SCRAMBLES)])
        powers = [p.prior.power for p in self.likelihood.parameters]
        self.power = np.where(self.free, powers, 0.0)

    def at(self, values: Array) -> Array:
        """Return ln of the integral by scramble and the share of effective points, by value."""
        self.scan.add(values)
        points = self.scan.point[np.searchsorted(self.scan.value, values)]
        return np.array([self._one(x) for x in points]).reshape(len(values), SCRAMBLES + 1)

    def _one(self, x: Array) -> Array:
        free, likelihood = self.free, self.likelihood
        root = _root(likelihood, x, free, self.low, self.high)
        eta, log_proposal = _draw(self.uniform, x[free], root, self.low, self.high)
        full = np.repeat(x[None], len(eta), axis=0)
        full[:, free] = eta
        parts = [likelihood.chi2(full[i : i + CHUNK]) for i in range(0, len(full), CHUNK)]
        powered = self.power != 0.0
        powers = np.log(np.abs(full[:, powered]) + 1e-300) @ self.power[powered]
        weight = -0.5 * np.concatenate(parts) + powers - log_proposal
        top = weight.max()
        plain = np.exp(weight - top)
        log = top + np.log(plain.reshape(SCRAMBLES, -1).mean(axis=1) + 1e-300)
        return np.append(log, plain.mean() ** 2 / (plain**2).mean())


def _uniform(size: int, seed: int) -> Array:
    """Return scrambled Sobol points, shape (POINTS, size)."""
    if size == 0:
        return np.zeros((POINTS, 0))
    points = qmc.Sobol(size, scramble=True, rng=np.random.default_rng(seed)).random(POINTS)
    return np.clip(points, 1e-12, 1.0 - 1e-12)


def _root(likelihood: Likelihood, x: Array, free: Flags, low: Array, high: Array) -> Array:
    """Return L with L L^T the covariance that chi2 says around a fit.

    Where the fit is at an end of a range the density falls as an exponential.
    """
    if not free.any():
        return np.zeros((0, 0))
    gradient, hessian, fisher = (part[0] for part in derivatives(likelihood, x[None], free))
    ends = (x[free] <= low) | (x[free] >= high)
    steep = np.diag(np.where(ends, 0.5 * gradient, 0.0) ** 2)
    for share in (0.0, 0.1, 0.5, 1.0):
        matrix = 0.5 * ((1.0 - share) * hessian + share * fisher) + steep
        matrix = matrix + 1e-9 * np.diag(np.diag(matrix) + 1e-6)
        values = np.linalg.eigvalsh(matrix)
        if values[0] > max(1e-9 * values[-1], 1e-6):
            return np.linalg.cholesky(np.linalg.inv(matrix))
    values, vectors = np.linalg.eigh(0.5 * fisher + steep)
    covariance = (vectors / np.maximum(values, 1e-4)) @ vectors.T
    return np.linalg.cholesky(covariance + 1e-12 * np.eye(len(covariance)))


def _draw(
    uniform: Array, centre: Array, root: Array, low: Array, high: Array
) -> tuple[Array, Array]:
    """Return points inside the ranges and ln of the density they are drawn from.

    One coordinate after the other: Student's t with four degrees of freedom, whose distribution
    function has a closed form both ways, cut off at the ends of the range.
    """
    z = np.empty_like(uniform)
    log_density = np.zeros(len(uniform))
    for i in range(uniform.shape[1]):
        middle = centre[i] + z[:, :i] @ root[i, :i]
        below, above = (_below((end - middle) / root[i, i]) for end in (low[i], high[i]))
        share = np.maximum(above - below, 1e-300)
        z[:, i] = _quantile(np.clip(below + uniform[:, i] * share, 1e-13, 1.0 - 1e-13))
        log_density += np.log(0.375) - 2.5 * np.log1p(0.25 * z[:, i] ** 2)
        log_density -= np.log(share) + np.log(root[i, i])
    return np.clip(centre + z @ root.T, low, high), log_density


def _below(t: Array) -> Array:
    """Return the distribution function of Student's t with four degrees of freedom."""
    t = np.clip(t, -1e6, 1e6)
    square = t * t / (1.0 + 0.25 * t * t)
    return 0.5 + 0.375 * t / np.sqrt(1.0 + 0.25 * t * t) * (1.0 - square / 12.0)


def _quantile(p: Array) -> Array:
    """Return its inverse."""
    a = np.sqrt(4.0 * p * (1.0 - p))
    q = np.cos(np.arccos(np.minimum(a, 1.0)) / 3.0) / a
    return np.sign(p - 0.5) * 2.0 * np.sqrt(np.maximum(q - 1.0, 0.0))
