"""The profile of chi2 by brute force, on a dense grid over the whole range of a parameter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesnu.likelihood.likelihood import Likelihood
from benchmarks.sweep.fit import Flags, bounds, fit

Array = NDArray[np.float64]
Interval = tuple[float | None, float | None]

PER_DECADE = 30
LINEAR = 121
WIDE = 12.0
"""The linear part of the grid reaches so many sizes to both sides."""
EVERY = 4
"""At every so many points of the grid all starts are tried; solutions spread from there."""
ZOOM, ROUNDS = 9, 6
NEAR = 40.0
"""Minima so far above the best one are not looked at more closely."""
MOST, ROUGH = 12, 1e-5
"""Extrema that are looked at in one round, and by how much chi2 changes around them at least: on
a plateau the rounding of fits makes hundreds."""


@dataclass
class Scan:
    """Points of a profile, ascending: the parameter, all parameters there, and chi2."""

    likelihood: Likelihood
    index: int
    value: Array
    point: Array
    chi2: Array

    @property
    def held(self) -> Flags:
        """Which parameters are held in the fits: the one that is scanned."""
        return np.arange(len(self.likelihood.parameters)) == self.index

    @property
    def best(self) -> tuple[float, float]:
        """The value with the smallest chi2, and that chi2."""
        place = int(np.argmin(self.chi2))
        return float(self.value[place]), float(self.chi2[place])

    @property
    def delta(self) -> Array:
        """Delta chi2."""
        return self.chi2 - self.chi2.min()

    def add(self, values: Array) -> None:
        """Add points, fitted from the solutions on both sides."""
        values = np.setdiff1d(values, self.value)
        if not len(values):
            return
        after = np.clip(np.searchsorted(self.value, values), 1, len(self.value) - 1)
        found = [self._from(values, self.point[side]) for side in (after - 1, after)]
        better = found[0][1] <= found[1][1]
        point = np.where(better[:, None], found[0][0], found[1][0])
        chi2 = np.where(better, found[0][1], found[1][1])
        self._insert(values, point, chi2)

    def include(self, point: Array) -> None:
        """Take a fit that was found elsewhere, if it is better, and spread from there."""
        chi2 = float(self.likelihood.chi2(point))
        if chi2 < self.chi2.min() - 1e-9:
            value = np.array([point[self.index]])
            keep = self.value != value
            self.value, self.point, self.chi2 = (
                part[keep] for part in (self.value, self.point, self.chi2)
            )
            self._insert(value, point[None], np.array([chi2]))
            self.spread()
            self.refine_extrema()

    def spread(self) -> None:
        """Fit every point again from its neighbours' solutions."""
        for shift in (1, -1):
            point, chi2 = self._from(self.value, np.roll(self.point, shift, axis=0))
            better = chi2 < self.chi2
            self.point[better], self.chi2[better] = point[better], chi2[better]

    def _from(self, values: Array, points: Array) -> tuple[Array, Array]:
        start = points.copy()
        start[:, self.index] = values
        return fit(self.likelihood, start, self.held)

    def _insert(self, values: Array, point: Array, chi2: Array) -> None:
        order = np.argsort(np.concatenate([self.value, values]), kind="stable")
        self.value = np.concatenate([self.value, values])[order]
        self.point = np.concatenate([self.point, point])[order]
        self.chi2 = np.concatenate([self.chi2, chi2])[order]

    def zoom(self, brackets: list[tuple[float, float]]) -> None:
        """Add evenly spaced points inside brackets."""
        if brackets:
            share = np.linspace(0.0, 1.0, ZOOM + 2)[1:-1]
            self.add(np.unique([a + share * (b - a) for a, b in brackets]))

    def refine_extrema(self) -> None:
        """Look closely at the minima, and at the maxima between them."""
        for _ in range(ROUNDS):
            for sign in (1.0, -1.0):
                height = np.concatenate([[np.inf], sign * self.chi2, [np.inf]])
                low = (height[1:-1] <= height[:-2]) & (height[1:-1] <= height[2:])
                places = np.flatnonzero(low & (self.delta < NEAR))
                places = places[np.argsort(self.delta[places])][:MOST]
                last = len(self.value) - 1
                ends = [(max(p - 1, 0), min(p + 1, last)) for p in places]
                self.zoom(
                    [
                        (float(self.value[a]), float(self.value[b]))
                        for a, b in ends
                        if self._rough(a, b)
                    ]
                )

    def _rough(self, a: int, b: int) -> bool:
        heights = self.chi2[a : b + 1]
        return bool(np.ptp(heights) > ROUGH and self.value[b] - self.value[a] > 1e-9)

    def intervals(self, cut: float) -> tuple[Interval, ...]:
        """Return where Delta chi2 is below a cut; an end is None where the range ends first."""
        for _ in range(3):
            above = self.delta > cut
            change = np.flatnonzero(above[1:] != above[:-1])
            self.zoom([(float(self.value[i]), float(self.value[i + 1])) for i in change])
        below = np.concatenate([[False], self.delta <= cut, [False]]).astype(int)
        edges = np.diff(below)
        starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
        return tuple(
            (self._crossing(a, a - 1, cut), self._crossing(b, b + 1, cut))
            for a, b in zip(starts, stops, strict=True)
        )

    def _crossing(self, inside: int, outside: int, cut: float) -> float | None:
        if not 0 <= outside < len(self.value):
            return None
        a, b = self.delta[inside], self.delta[outside]
        share = (cut - a) / (b - a)
        return float(self.value[inside] + share * (self.value[outside] - self.value[inside]))


def size_of(likelihood: Likelihood, index: int, change: float = 1.0) -> float:
    """Return the smallest size of a parameter that changes chi2 by so much, alone."""
    low, high = bounds(likelihood)
    reach = max(abs(low[index]), abs(high[index]))
    sizes = np.geomspace(1e-9 * reach, reach, 400)
    x = np.repeat(likelihood.start[None, :], 2 * len(sizes), axis=0)
    x[:, index] = np.concatenate([sizes, -sizes])
    moved = np.abs(likelihood.chi2(x) - likelihood.chi2(likelihood.start)) > change
    moved &= (x[:, index] >= low[index]) & (x[:, index] <= high[index])
    where = np.abs(x[moved, index])
    return float(where.min()) if len(where) else float(reach)


def grid_of(likelihood: Likelihood, index: int) -> Array:
    """Return a dense grid over the whole range: linear near zero, logarithmic beyond."""
    low, high = (float(end[index]) for end in bounds(likelihood))
    size = size_of(likelihood, index)
    reach = max(abs(low), abs(high))
    decades = np.log10(reach / (1e-2 * size))
    far = np.geomspace(1e-2 * size, reach, max(2, int(PER_DECADE * decades)))
    near = np.linspace(-WIDE * size, WIDE * size, LINEAR)
    grid = np.concatenate([near, far, -far, [0.0, low, high]])
    return np.unique(grid[(grid >= low) & (grid <= high)])


def starts_of(likelihood: Likelihood, index: int, rng: np.random.Generator) -> Array:
    """Return starting points of the other parameters, shape (starts, parameters).

    The typical point, every response nearly switched off, and points drawn around the typical
    one; where other signals are free, at several sizes of either sign.
    """
    low, high = bounds(likelihood)
    typical = likelihood.start.copy()
    starts = [typical]
    sigma = np.array([min(p.prior.sigma, 0.3) for p in likelihood.parameters])
    roles = [p.role for p in likelihood.parameters]
    off = typical.copy()
    for place, role in enumerate(roles):
        if role == "response":
            off[place] = low[place] + 1e-2 if low[place] > -1.0 else low[place]
    starts.append(off)
    others = [i for i, role in enumerate(roles) if role == "signal" and i != index]
    sizes = np.array([size_of(likelihood, i, 5.0) for i in others])
    for _ in range(3 if not others else 4 + 4 * len(others)):
        point = typical + sigma * rng.normal(size=len(typical))
        spread = rng.choice([0.1, 1.0, 3.0], size=len(others))
        point[others] = typical[others] + spread * sizes * rng.choice([-1.0, 1.0], len(others))
        point[index] = typical[index]
        starts.append(np.clip(point, low, high))
    return np.array(starts)


def scan(likelihood: Likelihood, parameter: str, seed: int = 1) -> Scan:
    """Return the profile of a parameter over its whole range."""
    index = likelihood.index(parameter)
    grid = grid_of(likelihood, index)
    coarse = np.unique(np.append(grid[::EVERY], grid[-1]))
    starts = starts_of(likelihood, index, np.random.default_rng(seed))
    held = np.arange(len(likelihood.parameters)) == index
    x = np.tile(starts, (len(coarse), 1))
    x[:, index] = np.repeat(coarse, len(starts))
    point, chi2 = fit(likelihood, x, held)
    chi2 = chi2.reshape(len(coarse), len(starts))
    lowest = np.argmin(chi2, axis=1)
    rows = np.arange(len(coarse)) * len(starts) + lowest
    result = Scan(likelihood, index, coarse, point[rows], chi2.min(axis=1))
    result.spread()
    result.add(grid)
    result.spread()
    result.refine_extrema()
    return result
