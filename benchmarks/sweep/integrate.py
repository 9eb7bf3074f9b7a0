"""The posterior of one parameter on a grid: the nuisances are integrated over at each value.

Importance sampling with Student's t around the fitted nuisances, with scrambled Sobol points.
Several scrambles give as many results; their spread is the Monte Carlo error of what is averaged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.special import gammaln, ndtri
from scipy.stats import chi2 as chi2_distribution
from scipy.stats import qmc

from bayesnu.priors import Prior
from benchmarks.sweep.fit import bounds, derivatives
from benchmarks.sweep.scan import Scan

Array = NDArray[np.float64]
Region = list[tuple[float, float]]

SCRAMBLES, POINTS = 8, 256
FREEDOM = 8.0
"""Degrees of freedom of Student's t: tails wide enough for skewed nuisances."""
FAR = 60.0
"""Values whose Delta chi2 is larger carry less than e^-25 of the posterior."""
RISE = 0.7
"""Delta chi2 between neighbouring values of the grid."""
FINE = 40
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


def nodes(found: Scan, far: float = FAR) -> tuple[Array, Array]:
    """Return values that the integral needs and the fitted parameters there."""
    for _ in range(6):
        near = found.delta < far
        either = near[1:] | near[:-1]
        steep = np.abs(np.diff(np.minimum(found.delta, far))) > RISE
        gap = np.flatnonzero(either & steep)
        if not len(gap):
            break
        found.add(0.5 * (found.value[gap] + found.value[gap + 1]))
    inside = found.delta < far
    keep = inside | np.roll(inside, 1) | np.roll(inside, -1)
    thinned: list[int] = []
    size = np.ptp(found.value[keep])
    for place in np.flatnonzero(keep):
        if thinned and place != np.flatnonzero(keep)[-1]:
            last = thinned[-1]
            close = abs(found.delta[place] - found.delta[last]) < 0.5 * RISE
            step = found.value[place] - found.value[last]
            scale = max(0.02 * abs(found.value[place]), 2e-3 * size * 0.01)
            if close and step < scale:
                continue
        thinned.append(int(place))
    return found.value[thinned], found.point[thinned]


def marginal(found: Scan, seed: int = 1) -> Marginal:
    """Return the integral over the nuisances at every value that matters."""
    likelihood = found.likelihood
    value, point = nodes(found)
    free = ~found.held
    size = int(free.sum())
    low, high = (end[free] for end in bounds(likelihood))
    power = np.where(free, [p.prior.power for p in likelihood.parameters], 0.0)
    powered = power != 0.0
    spread = [_student(size, seed + row) for row in range(SCRAMBLES)]
    away = np.concatenate([s[0] for s in spread])
    log_proposal = np.concatenate([s[1] for s in spread])
    log = np.empty((SCRAMBLES, len(value)))
    efficiency = 1.0
    top = -np.inf
    shares = []
    for row, x in enumerate(point):
        _, hessian, fisher = derivatives(likelihood, x[None], free)
        root = _root(hessian[0], fisher[0])
        eta = x[free] + away @ root.T
        inside = ((eta >= low) & (eta <= high)).all(axis=1)
        weight = np.full(len(eta), -np.inf)
        full = np.repeat(x[None], int(inside.sum()), axis=0)
        full[:, free] = eta[inside]
        parts = [likelihood.chi2(full[i : i + CHUNK]) for i in range(0, len(full), CHUNK)]
        chi2 = np.concatenate(parts) if parts else np.empty(0)
        powers = np.log(np.abs(full[:, powered]) + 1e-300) @ power[powered]
        weight[inside] = -0.5 * chi2 + powers - log_proposal[inside]
        weight += np.linalg.slogdet(root)[1]
        high_weight = weight.max()
        plain = np.exp(weight - high_weight)
        shares.append((high_weight, plain.sum() ** 2 / (plain**2).sum() / len(plain)))
        means = plain.reshape(SCRAMBLES, -1).mean(axis=1)
        log[:, row] = high_weight + np.log(means + 1e-300)
        top = max(top, high_weight)
    efficiency = min(share for height, share in shares if height > top - 0.5 * 20.0)
    return Marginal(value, log, float(efficiency))


def _root(hessian: Array, fisher: Array) -> Array:
    """Return L with L L^T the covariance that the curvature of chi2 says."""
    if not len(hessian):
        return hessian
    for matrix in (0.5 * hessian, 0.5 * (0.9 * hessian + 0.1 * fisher), 0.5 * fisher):
        matrix = matrix + 1e-9 * np.diag(np.diag(matrix) + 1e-6)
        values = np.linalg.eigvalsh(matrix)
        if values[0] > 1e-7 * values[-1] or values[0] > 1e-4:
            return np.linalg.cholesky(np.linalg.inv(matrix))
    values, vectors = np.linalg.eigh(0.5 * fisher)
    return vectors / np.sqrt(np.maximum(values, 1e-4))


def _student(size: int, seed: int) -> tuple[Array, Array]:
    """Return points of a standard Student's t and ln of its density there."""
    if size == 0:
        return np.zeros((POINTS, 0)), np.zeros(POINTS)
    uniform = qmc.Sobol(size + 1, scramble=True, rng=np.random.default_rng(seed)).random(POINTS)
    uniform = np.clip(uniform, 1e-12, 1 - 1e-12)
    radius = np.sqrt(chi2_distribution.ppf(uniform[:, -1], FREEDOM) / FREEDOM)
    away = ndtri(uniform[:, :-1]) / radius[:, None]
    square = (away**2).sum(axis=1)
    constant = gammaln(0.5 * (FREEDOM + size)) - gammaln(0.5 * FREEDOM)
    constant -= 0.5 * size * np.log(FREEDOM * np.pi)
    return away, constant - 0.5 * (FREEDOM + size) * np.log1p(square / FREEDOM)
