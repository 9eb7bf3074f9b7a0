"""The posterior density of one parameter, smooth and without a bandwidth: Rao-Blackwell.

Given all other parameters, the density of one is known exactly. Its average over draws of the
others is the marginal density; unlike a histogram or a kernel estimate it has no bias, and much
less noise in quantiles and in the ends of highest-density regions (Gelfand and Smith, JASA 85
(1990) 398, section 2.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesnu.inference.along import Along
from bayesnu.inference.density import BATCHES, Density, mesh_of, normalised
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

DRAWS = 4000
"""The most draws of the others that are averaged, unless more are asked for."""

KNOTS = 4
"""Conditional log-densities are computed at every so many values; a cubic spline does the rest."""

CHUNK = 2_000

NARROW = 2.5
"""A conditional density with fewer values in it than this asks for a finer grid."""

HALVINGS = 5


@dataclass(frozen=True)
class Weights:
    """The shares of the modes of a posterior, and from which one each draw is.

    Attributes
    ----------
    of : ndarray of int, shape (chains, draws)
    share, error : ndarray, shape (modes,)
    """

    of: NDArray[np.intp]
    share: Array
    error: Array


def marginal_density(
    likelihood: Likelihood,
    draws: Array,
    name: str,
    weights: Weights | None = None,
    most: int = DRAWS,
) -> Density:
    """Return the posterior density of a parameter, given draws from the posterior.

    Parameters
    ----------
    likelihood : Likelihood
        The one that was sampled.
    draws : ndarray, shape (chains, draws, parameters)
        Or (draws, parameters), of one chain.
    weights : Weights, optional
        Of a posterior of several modes: their errors are part of the density's.
    most : int
        How many draws are averaged.
    """
    draws = draws if draws.ndim == 3 else draws[None]
    index = likelihood.index(name)
    parameter = likelihood.parameters[index]
    prior = parameter.prior
    log = prior.is_logarithmic
    own = draws[..., index]
    batch, chosen = _batches(draws.shape[:2], most)
    flat = draws.reshape(-1, draws.shape[-1])[chosen]
    mode = weights.of.ravel()[chosen] if weights is not None else np.zeros(len(flat), np.intp)
    low, high = float(likelihood.low[index]), float(likelihood.high[index])
    t = mesh_of(np.log(own) if log else own, *(np.log([low, high]) if log else (low, high)))
    t = _halved(t)
    average = Conditional(likelihood, index, log)
    for halving in range(HALVINGS):
        # A few draws show whether the grid is fine enough for the narrowest of them.
        few = flat[:: max(1, len(flat) // 100)]
        if halving == HALVINGS - 1 or average.points_held(few, t) > NARROW:
            break
        t = _halved(t)
    # A row for every batch within every mode.
    modes = int(mode.max()) + 1
    rows = average(flat, t, batch * modes + mode, (int(batch.max()) + 1) * modes)
    by_batch = rows.reshape(-1, modes, len(t))
    parts, per_mode = by_batch.sum(axis=1), by_batch.sum(axis=0)
    shifts = np.zeros((0, len(t)))
    if weights is not None and modes > 1:
        counts = np.bincount(mode, minlength=modes)
        total = per_mode.sum(axis=0) / counts.sum()
        each = per_mode / np.maximum(counts, 1)[:, None]
        rest = np.maximum(1.0 - weights.share[:modes], 1e-9)
        scale = weights.error[:modes] / rest * len(flat) / len(parts)
        shifts = scale[:, None] * (each - total)
    values = np.clip(np.exp(t), low, high) if log else t
    ranged = None if parameter.periodic else prior
    return normalised(values, parts, ranged, shifts, draws.shape[0])


def _halved(t: Array) -> Array:
    """Return a grid with twice as many steps."""
    return np.insert(t, np.arange(1, len(t)), 0.5 * (t[1:] + t[:-1]))


def _batches(shape: tuple[int, ...], most: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the draws that are averaged, evenly from all chains, and their batches."""
    chains, length = shape
    each = max(1, min(BATCHES // chains, length))
    kept = max(1, min(length, most // chains))
    row = np.linspace(0, length - 1, kept).astype(np.intp)
    run = np.arange(kept) * each // kept
    chain = np.arange(chains)[:, None]
    return (chain * each + run).ravel(), (chain * length + row).ravel()


@dataclass(frozen=True)
class Conditional:
    """Conditional densities of one parameter, and their sums."""

    likelihood: Likelihood
    index: int
    log: bool

    @cached_property
    def along(self) -> Along:
        """The counts along the parameter."""
        return Along(self.likelihood, self.index)

    def conditional(self, flat: Array, t: Array) -> Array:
        """Return the density at `t` given the others of each draw, shape (draws, points).

        Each row times the steps of `t` sums to one.
        """
        fine, _ = self.log_heights(flat, t)
        weight = np.exp(fine - fine.max(axis=-1, keepdims=True))
        return np.asarray(weight / (weight @ steps_of(t))[:, None])

    def log_heights(self, flat: Array, t: Array) -> tuple[Array, Array]:
        """Return ln of likelihood times prior per unit of `t`, up to the prior's constant.

        Returns
        -------
        tuple of ndarray
            Shape (draws, points), and (draws,): what has been taken off each row.
        """
        from scipy.interpolate import CubicSpline

        knots = np.unique(np.append(np.arange(0, len(t), KNOTS), len(t) - 1))
        x = np.exp(t[knots]) if self.log else t[knots]
        likelihood = self.likelihood
        x = np.clip(x, likelihood.low[self.index], likelihood.high[self.index])
        height = log_likelihood(likelihood, self.along.expected(flat, x))
        height -= 0.5 * likelihood.pulls(self.along.points(x))[:, self.index]
        top = height.max(axis=-1)
        height -= top[:, None]
        return CubicSpline(t[knots], height, axis=-1)(t) + self._prior(t), top

    def _prior(self, t: Array) -> Array:
        """Return the log of the prior's power per unit of `t`."""
        power = self.likelihood.parameters[self.index].prior.power
        if self.log or not power:
            return np.full(len(t), (power + 1.0)) * t if self.log else np.zeros(len(t))
        with np.errstate(divide="ignore"):
            return np.asarray(power * np.log(np.abs(t)))

    def points_held(self, flat: Array, t: Array) -> float:
        """Return how many values the narrowest conditional densities have in them."""
        share = self.conditional(flat, t) * steps_of(t)
        return float(np.quantile(1.0 / (share**2).sum(axis=-1), 0.02))

    def __call__(self, flat: Array, t: Array, row: NDArray[np.intp], rows: int) -> Array:
        """Return the sums of the conditional densities by row, shape (rows, points)."""
        total = np.zeros((rows, len(t)))
        size = max(1, CHUNK * KNOTS // len(t))
        for first in range(0, len(flat), size):
            part = slice(first, first + size)
            np.add.at(total, row[part], self.conditional(flat[part], t))
        return total


def steps_of(t: Array) -> Array:
    """Return the weights of the trapezoidal rule."""
    steps = np.zeros_like(t)
    steps[1:] += 0.5 * np.diff(t)
    steps[:-1] += 0.5 * np.diff(t)
    return steps


def log_likelihood(likelihood: Likelihood, expected: Array) -> Array:
    """Return the log-likelihood of expected counts up to a constant, shape (...)."""
    seen = likelihood.poisson & (likelihood.observed > 0)
    total = np.log(expected[..., seen]) @ likelihood.observed[seen]
    total -= expected @ likelihood.poisson
    other = ~likelihood.poisson
    if other.any():
        off = (expected[..., other] - likelihood.observed[other]) / likelihood.sigma[other]
        total -= 0.5 * (off**2).sum(axis=-1)
    return np.asarray(total)
