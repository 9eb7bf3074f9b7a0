"""The density of draws, or of weighted points, alone: a kernel estimate, each group by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesnu.inference.density import Density, mesh_of, normalised
from bayesnu.likelihood.priors import Prior
from bayesnu.types import Array

BATCHES = 20
"""Parts of the points whose spread, with its autocorrelation, is the Monte Carlo error."""

CELLS = 4000
"""Points that a kernel estimate sums; more are merged first."""

SMOOTH = 0.5
"""Width of the kernel in units of Scott's rule: it adds less than one percent to a variance."""

GAP = 0.5
"""Points with a gap wider than this, in widths of the narrower side, are two groups."""


def from_points(
    points: Array,
    prior: Prior | None = None,
    weights: Array | None = None,
    effective: float | None = None,
) -> Density:
    """Return the density of draws, or of weighted points, alone: a kernel estimate.

    Groups of points that lie apart have their own kernel, which is reflected at the ends of the
    prior's range; no mode is smeared by the distance to another one.

    Parameters
    ----------
    points : ndarray, shape (chains, draws) or (points,)
    weights : ndarray, shape of `points`, optional
    effective : float, optional
        How many independent draws the points are worth.
    """
    low, high = (prior.low, prior.high) if prior is not None else (-np.inf, np.inf)
    log = prior is not None and prior.is_logarithmic
    x = np.log(points) if log else np.asarray(points, dtype=float)
    ends = np.log([low, high]) if log else np.array([low, high])
    weight = np.ones(x.size) if weights is None else weights.ravel()
    batch = _batches(x.shape)
    number = effective or float(weight.sum() ** 2 / (weight**2).sum())
    x, weight, batch = _merged(x.ravel(), weight, batch)
    t = mesh_of(np.repeat(x, _copies(weight)), *map(float, ends))
    parts = np.zeros((int(batch.max()) + 1, len(t)))
    for group in groups(x):
        own, share = x[group], weight[group] / weight.sum()
        width = SMOOTH * _width(own, share) * max(number * share.sum(), 2.0) ** -0.2
        for mirror in (own, *(2.0 * end - own for end in ends if np.isfinite(end))):
            z = (t[:, None] - mirror) / max(width, 1e-12)
            kernel = np.exp(-0.5 * z**2) * share / width
            parts += (batch[group] == np.arange(len(parts))[:, None]) @ kernel.T
    values = np.clip(np.exp(t), low, high) if log else t
    chains = points.shape[0] if points.ndim > 1 else 0
    return normalised(values, parts, prior, np.zeros((0, len(t))), chains)


def _batches(shape: tuple[int, ...]) -> NDArray[np.intp]:
    """Return to which part each draw belongs: runs of every chain, of points every so many."""
    if len(shape) == 1:
        return np.arange(shape[0]) % min(BATCHES, shape[0])
    each = max(1, min(BATCHES // shape[0], shape[1]))
    run = np.arange(shape[1]) * each // shape[1]
    return np.asarray((np.arange(shape[0])[:, None] * each + run).ravel())


def _merged(
    x: Array, weight: Array, batch: NDArray[np.intp]
) -> tuple[Array, Array, NDArray[np.intp]]:
    """Return points in order, neighbours of one batch merged where there are too many."""
    order = np.lexsort((x, batch))
    order = order[weight[order] > 0.0]
    x, weight, batch = x[order], weight[order], batch[order]
    if len(x) > CELLS:
        below = np.cumsum(weight) / weight.sum()
        cell = np.minimum((below * CELLS).astype(int), CELLS - 1) + CELLS * batch
        _, cell = np.unique(cell, return_inverse=True)
        total = np.bincount(cell, weight)
        x = np.bincount(cell, weight * x) / total
        batch = np.rint(np.bincount(cell, batch) / np.bincount(cell)).astype(np.intp)
        weight = total
    order = np.argsort(x)
    return x[order], weight[order], batch[order]


def _copies(weight: Array) -> NDArray[np.intp]:
    """Return how often each point stands for quantiles of equal weight."""
    return np.asarray(
        np.diff(np.floor(np.append(0.0, np.cumsum(weight / weight.sum())) * 4000))
    ).astype(int)


def groups(x: Array) -> list[slice]:
    """Return runs of ordered points that a wide gap separates; few points are no group."""

    def split(first: int, last: int) -> list[slice]:
        fewest = max(5, (last - first) // 100)
        inner = np.diff(x[first + fewest - 1 : last - fewest + 1])
        if len(inner):
            place = int(np.argmax(inner))
            cut = first + fewest + place
            sides = [
                np.subtract(*np.quantile(part, (0.75, 0.25)))
                for part in (x[first:cut], x[cut:last])
            ]
            if inner[place] > GAP * min(sides):
                return split(first, cut) + split(cut, last)
        return [slice(first, last)]

    return split(0, len(x))


def _width(x: Array, weight: Array) -> float:
    """Return a width of points that no tail stretches: Scott's, with the quartiles."""
    below = np.cumsum(weight) / weight.sum()
    low, high = np.interp([0.25, 0.75], below, x)
    mean = float(weight @ x / weight.sum())
    sd = float(np.sqrt(weight @ (x - mean) ** 2 / weight.sum()))
    return min(sd, float(high - low) / 1.349) if high > low else sd
