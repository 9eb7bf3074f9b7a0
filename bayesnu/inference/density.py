"""The posterior density of one parameter with its Monte Carlo error: one form, however made.

`bayesnu.inference.marginal_density` averages exact conditional densities over draws,
`bayesnu.inference.point_density` estimates one from points or draws alone, and here is one from a
function, refined until it is smooth. All are integrated in the variable in which they are smooth:
ln x under a log-uniform prior.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from bayesnu.inference.convergence import autocorrelation_times
from bayesnu.likelihood.priors import Prior
from bayesnu.types import Array

BATCHES = 100
"""Parts of the draws whose spread, with its autocorrelation, is the Monte Carlo error."""

FEWEST_BATCHES = 4
"""In a chain: fewer show no autocorrelation, and count as independent."""

ANCHORS = 41
"""Quantiles of the draws at which the grid has their spacing."""

GROWTH = 0.05
"""By how much, of a distance, the steps of a grid grow away from the draws."""

STEP = 0.4
"""Steps of a grid in spacings of the anchors."""

MARGIN = 0.15
"""How far a grid goes beyond the draws, as a share of their range."""

REFINED = 2e-4
"""A function is refined until its interpolation is as good as this, as a share of the integral."""

FEWEST, MOST_PASSES = 65, 14


@dataclass(frozen=True, eq=False)
class Density:
    """A density on a grid, linear between its points.

    Attributes
    ----------
    values : ndarray, shape (points,)
        Ascending.
    density : ndarray, shape (points,)
        Per unit of the value, or of its logarithm if `log`; its integral is one.
    noise : ndarray, shape (sources, points)
        What one standard deviation of each source of Monte Carlo error adds to `density`; no
        rows for one that is exact.
    chains : int
        The first rows are as many batches of each of so many chains, one after the other; the
        others, all where this is zero, are independent.
    batches : int
        Of each chain.
    at_ends : (float, float)
        The likelihood at the ends of the prior's range over its average: 0 where the data
        exclude an end or the range has none, 1 where they do not know the parameter.
    """

    values: Array
    density: Array
    log: bool = False
    noise: Array = field(default_factory=lambda: np.zeros((0, 0)))
    at_ends: tuple[float, float] = (0.0, 0.0)
    chains: int = 0
    batches: int = 0

    def __post_init__(self) -> None:
        if not self.noise.size:
            object.__setattr__(self, "noise", np.zeros((0, len(self.values))))

    @property
    def smooth(self) -> Array:
        """The values in the variable in which the density is smooth."""
        return np.asarray(np.log(self.values) if self.log else self.values)

    def cumulative(self) -> Array:
        """Return the probability below each value, shape (points,)."""
        return _cumulative(self.smooth, self.density)

    def total_error(self, sources: Array) -> Array:
        """Return the error from what each row of `noise` makes of something, the first axis.

        Batches that are alike, of one chain or of neighbours, are worth fewer.
        """
        squares = np.asarray(sources) ** 2
        number = self.chains * self.batches
        if number:
            series = np.reshape(sources[:number], (self.chains, self.batches, -1))
            times = np.maximum(autocorrelation_times(series), 1.0)
            squares[:number] *= times.reshape(squares.shape[1:])
        return np.asarray(np.sqrt(squares.sum(axis=0)))

    def share_below(self, value: float) -> float:
        """Return the probability below a value."""
        t = np.log(max(value, 1e-300)) if self.log else value
        return float(np.clip(_between(self.smooth, self.density, self.smooth[0], t), 0.0, 1.0))

    def share_above(self, value: float) -> float:
        """Return the probability of where the density is higher than at a value."""
        t = self.smooth
        at = np.log(max(value, 1e-300)) if self.log else value
        if not t[0] <= at <= t[-1]:
            return 1.0
        cut = float(np.interp(at, t, self.density))
        fine = np.linspace(0.0, 1.0, 8, endpoint=False)
        inner = (t[:-1, None] + np.diff(t)[:, None] * fine).ravel()
        height = np.interp(inner, t, self.density)
        weight = height * np.repeat(np.diff(t) / len(fine), len(fine))
        return float(weight[height > cut].sum() / weight.sum())


def _cumulative(t: Array, density: Array) -> Array:
    """Return the integral of one or more functions, shape (..., points) as they have."""
    steps = 0.5 * (density[..., 1:] + density[..., :-1]) * np.diff(t)
    return np.concatenate([np.zeros((*steps.shape[:-1], 1)), np.cumsum(steps, axis=-1)], axis=-1)


def _between(t: Array, density: Array, a: float, b: float) -> Array:
    """Return the integral of one or more functions, linear between points, from a to b."""
    inside = (t > a) & (t < b)
    x = np.concatenate([[a], t[inside], [b]])
    ends = [interpolated(t, density, end)[..., None] for end in (a, b)]
    y = np.concatenate([ends[0], density[..., inside], ends[1]], axis=-1)
    return np.asarray(np.trapezoid(y, x, axis=-1))


def interpolated(t: Array, density: Array, at: float) -> Array:
    """Return one or more functions at a place, shape (...)."""
    k = int(np.clip(np.searchsorted(t, at) - 1, 0, len(t) - 2))
    share = np.clip((at - t[k]) / (t[k + 1] - t[k]), 0.0, 1.0)
    return np.asarray((1.0 - share) * density[..., k] + share * density[..., k + 1])


def integral(density: Density, of: Array, a: float, b: float) -> Array:
    """Return the integral of functions on a density's grid between places a and b."""
    return _between(density.smooth, of, a, b)


def normalised(
    values: Array, parts: Array, prior: Prior | None, shifts: Array, chains: int = 0
) -> Density:
    """Return the mean of densities, and their spread as its error.

    Parameters
    ----------
    values : ndarray, shape (points,)
    parts : ndarray, shape (batches, points)
        Per unit of the smooth variable, of equal weight; not normalised.
    prior : Prior, optional
        That the density rests on; without it nothing is known of the range.
    shifts : ndarray, shape (sources, points)
        Other errors, in units of `parts`.
    chains : int
        From which the parts are, one after the other; 0 if they are independent.
    """
    log = prior is not None and prior.is_logarithmic
    t = np.log(values) if log else values
    mean = parts.mean(axis=0)
    norm = float(np.trapezoid(mean, t))
    batches = len(parts)
    spread = (parts - mean) / np.sqrt(batches * max(batches - 1.0, 1.0))
    noise = np.concatenate([spread[: batches if batches > 1 else 0], shifts]) / norm
    # Errors change the shape, not the integral, which is one.
    noise -= np.outer(np.trapezoid(noise, t, axis=-1), mean / norm)
    at_ends = _at_ends(values, mean / norm, log, prior)
    each = batches // chains if chains else 0
    if each < FEWEST_BATCHES:
        chains = each = 0
    return Density(values, mean / norm, log, noise, at_ends, chains, each)


def _at_ends(values: Array, density: Array, log: bool, prior: Prior | None) -> tuple[float, float]:
    """Return the likelihood at both ends of the prior's range over its average.

    Posterior over prior density is just that (the Savage-Dickey ratio). Zero is no end of a range
    that begins there: less has no meaning.
    """
    if prior is None or prior.is_gaussian or not np.isfinite(prior.high - prior.low):
        return 0.0, 0.0
    ratios = []
    for place, end in ((0, prior.low), (-1, prior.high)):
        near = end != 0.0 and abs(values[place] - end) <= 1e-9 * (prior.high - prior.low)
        before = float(prior.density(values[place])) * (values[place] if log else 1.0)
        ratios.append(float(density[place]) / before if near and before > 0.0 else 0.0)
    return ratios[0], ratios[1]


def from_function(
    log_density: Callable[[Array], Array], prior: Prior, nodes: Array | None = None
) -> Density:
    """Return a density from its logarithm, computed where it is needed.

    Parameters
    ----------
    log_density : callable
        Ascending values -> ln(likelihood), without the prior, each up to the same constant.
    prior : Prior
        With a finite range.
    nodes : ndarray, optional
        Values to begin with.
    """
    from scipy.interpolate import PchipInterpolator

    log = prior.is_logarithmic

    def to_value(t: Array) -> Array:
        return np.clip(np.exp(t) if log else t, prior.low, prior.high)

    first = np.linspace(0.0, 1.0, FEWEST)
    ends = np.array([prior.low, prior.high])
    if nodes is None:
        nodes = (
            prior.low * (prior.high / prior.low) ** first if log else ends @ [1.0 - first, first]
        )
    t = np.unique(np.append(nodes[(nodes > prior.low) & (nodes < prior.high)], ends))
    t = np.log(t) if log else t
    height = np.asarray(log_density(to_value(t)))
    active = np.ones(len(t) - 1, dtype=bool)

    def posterior(t: Array, height: Array) -> Array:
        jacobian = t if log else 0.0
        return np.asarray(height + prior.log_density(to_value(t)) + jacobian)

    for _ in range(MOST_PASSES):
        middle = 0.5 * (t[1:] + t[:-1])[active]
        guess = PchipInterpolator(t, height)(middle)
        found = np.asarray(log_density(to_value(middle)))
        top = max(posterior(t, height).max(), posterior(middle, found).max())
        width = np.diff(t)[active]
        scale = np.exp(posterior(middle, np.maximum(found, guess)) - top) * width
        total = np.trapezoid(np.exp(posterior(t, height) - top), t)
        wrong = np.minimum(np.abs(found - guess), 1.0) * scale > REFINED * total / FEWEST
        # Where much of the probability lies in one step, linear steps need more of them.
        wrong |= scale > 0.02 * total
        where = np.flatnonzero(active)
        t = np.insert(t, where + 1, middle)
        height = np.insert(height, where + 1, found)
        active = np.zeros(len(t) - 1, dtype=bool)
        left = where + np.arange(len(where))
        active[left[wrong]] = active[left[wrong] + 1] = True
        if not active.any():
            break
    curve = PchipInterpolator(t, height)
    fine = np.concatenate([np.linspace(a, b, 12, endpoint=False) for a, b in pairwise(t)])
    fine = np.append(fine, t[-1])
    log_p = posterior(fine, curve(fine))
    return normalised(
        to_value(fine), np.exp(log_p - log_p.max())[None], prior, np.zeros((0, len(fine)))
    )


def mesh_of(draws: Array, low: float, high: float) -> Array:
    """Return a grid that is fine where draws are dense and grows away from there.

    Parameters
    ----------
    low, high : float
        The ends of the range.
    """
    ordered = np.sort(draws.ravel())
    margin = MARGIN * (ordered[-1] - ordered[0]) or 1e-6 * max(abs(ordered[0]), 1e-6)
    first, last = max(low, ordered[0] - margin), min(high, ordered[-1] + margin)
    anchors = np.unique(np.quantile(ordered, np.linspace(0.0, 1.0, ANCHORS)))
    if len(anchors) < 2:
        return np.linspace(first, last, 16 * ANCHORS)
    gaps = np.diff(anchors)
    step = STEP * np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf))
    step = np.maximum(
        step, 1e-3 * (np.quantile(ordered, 0.9) - np.quantile(ordered, 0.1)) / ANCHORS
    )
    grid = [first]
    while grid[-1] < last:
        grid.append(grid[-1] + float(np.min(step + GROWTH * np.abs(grid[-1] - anchors))))
    return np.asarray(first + (np.array(grid) - first) * (last - first) / (grid[-1] - first))
