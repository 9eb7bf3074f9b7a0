"""Where a profile is computed: around every minimum, past the cut, and out to the range's ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from bayesnu.errors import ComputationError
from bayesnu.inference.minima import find_minima
from bayesnu.inference.minimise import Minimum, minimise
from bayesnu.inference.profiler import Profiler, by_chi2, lows
from bayesnu.types import Array

GRID = 41
"""Points over the whole of a profile."""

AROUND = 21
"""Points over every region below the cut, where there are several."""

RATIO = 1.3
"""Each step away from a minimum ends so much farther from it than the one before: where Delta
chi2 levels off, the cut may be reached at a hundred widths."""

INSIDE = 8
"""Points between a minimum and where chi2, the other parameters held, reaches the cut."""

REACH = 2.2
"""The grid goes on until Delta chi2 is this many times the cut."""

THOROUGH = 4
"""Every so many points of a grid are fitted from many starts, the others from neighbours."""

ROUNDS = 4
"""So often a low that the grid shows may lead to a minimum that was not known."""

TOP = 1e-3
"""How exactly a barrier between two minima is placed, as a share of the step there."""


def adaptive_grid(profiler: Profiler, cut: float) -> tuple[Array, Minimum]:
    """Return values of the parameter, ascending, at which to compute a profile, and the best fit.

    Parameters
    ----------
    profiler : Profiler
        Of one parameter. It is told of the minima, and keeps what is fitted on the way.
    cut : float
        Delta chi2 that has to be reached on both sides, with room to spare.
    """
    minima = list(find_minima(profiler.likelihood))
    index = profiler.indices[0]
    grid: set[float] = set()
    begun: set[float] = set()
    for _ in range(ROUNDS):
        best = min(minima, key=by_chi2)
        target = best.chi2 + REACH * cut
        for fit in minima:
            place = float(fit.x[index])
            if place not in begun and fit.chi2 < target:
                begun.add(place)
                profiler.remember_better((place,), fit)
                if not _is_seen(profiler, sorted(grid), place, fit.chi2 + cut):
                    grid |= set(_outwards(profiler, fit, cut, target))
                grid.add(place)
        new = _lows_between(profiler, sorted(grid), minima, target)
        if not new:
            break
        minima += new
    values = np.array(sorted(grid))
    heights = np.array([profiler.at(float(v)).chi2 for v in values])
    near = heights < target
    near[:-1] |= near[1:] & (heights[1:] < target)
    near[1:] |= heights[:-1] < target
    kept = values[near]
    inner = values[heights < best.chi2 + cut]
    grid_even = np.linspace(kept[0], kept[-1], GRID)
    # An even grid shows the curve; it would miss narrow regions, which have points of their own.
    parts = [kept, grid_even]
    if len(begun) > 1 and len(inner):
        parts += [np.linspace(a, b, AROUND) for a, b in _regions(values, heights < target)]
    return np.unique(np.concatenate(parts)), best


def _is_seen(profiler: Profiler, grid: list[float], place: float, height: float) -> bool:
    """Whether a grid runs through a minimum already: with no barrier, there is one walk for all."""
    after = int(np.searchsorted(grid, place))
    if not 0 < after < len(grid):
        return False
    return all(profiler.at(grid[number]).chi2 < height for number in (after - 1, after))


def _regions(values: Array, below: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Return the stretches of a grid that are below the target, with one point more each side."""
    padded = np.concatenate([[False], below, [False]]).astype(int)
    starts, stops = np.flatnonzero(np.diff(padded) == 1), np.flatnonzero(np.diff(padded) == -1)
    last = len(values) - 1
    return [
        (float(values[max(a - 1, 0)]), float(values[min(b, last)]))
        for a, b in zip(starts.tolist(), stops.tolist(), strict=True)
    ]


def _outwards(profiler: Profiler, fit: Minimum, cut: float, target: float) -> list[float]:
    """Return values on both sides of a minimum, out to where chi2 is above the target.

    With other signals free, a low may lie beyond: then out to the ends of the range.
    """
    likelihood, index = profiler.likelihood, profiler.indices[0]
    centre = float(fit.x[index])
    result: list[float] = []
    for sign in (-1.0, 1.0):
        end = float(likelihood.high[index] if sign > 0 else likelihood.low[index])
        length = abs(end - centre)
        if length == 0.0:
            continue
        width = _alone(profiler, fit, cut, sign, length)
        steps = np.linspace(0.0, width, INSIDE + 1)[1:]
        count = np.ceil(np.log(length / width) / np.log(RATIO))
        steps = np.append(steps, width * RATIO ** np.arange(1.0, count))
        values = [*(centre + sign * steps[steps < length]), end]
        for number, value in enumerate(values):
            try:
                height = profiler.at(float(value), thorough=number % THOROUGH == 0).chi2
            except ComputationError:
                break  # too far out for the fit of the nuisances
            result.append(float(value))
            if height > target and not len(profiler.others):
                break
    return result


def _alone(profiler: Profiler, fit: Minimum, cut: float, sign: float, length: float) -> float:
    """Return how far the parameter goes, all others held, until chi2 has risen by the cut."""
    likelihood, index = profiler.likelihood, profiler.indices[0]
    steps = length * RATIO ** np.arange(-80.0, 1.0)
    trials = np.repeat(fit.x[None], len(steps), axis=0)
    trials[:, index] += sign * steps
    above = likelihood.chi2(trials) > fit.chi2 + cut
    return float(steps[np.argmax(above)] if above.any() else steps[-1])


def _lows_between(
    profiler: Profiler, values: list[float], minima: list[Minimum], target: float
) -> list[Minimum]:
    """Fit again from the neighbours of every point; return minima that were not known."""
    improve_all(profiler, np.array(values))
    index = profiler.indices[0]
    heights = [profiler.at(value).chi2 for value in values]
    known = [float(fit.x[index]) for fit in minima]
    found: list[Minimum] = []
    for place in lows(heights):
        if heights[place] > target or values[place] in known:
            continue
        start = profiler.at(values[place]).x
        fit = minimise(profiler.likelihood, start, np.zeros_like(profiler.held))
        left, right = values[max(place - 1, 0)], values[min(place + 1, len(values) - 1)]
        near = [other for other in (*minima, *found) if left <= other.x[index] <= right]
        better = all(fit.chi2 < other.chi2 - 1e-6 for other in near)
        if fit.converged and better:
            found.append(fit)
    return found


def improve_all(profiler: Profiler, grid: Array) -> None:
    """Fit every point again from both neighbours: down the grid, then up it."""
    if profiler.convex:
        return
    last = len(grid) - 1
    for order in (range(last, -1, -1), range(last + 1)):
        for number in order:
            near = [(float(grid[n]),) for n in (number - 1, number + 1) if 0 <= n <= last]
            profiler.improve((float(grid[number]),), near)


def barriers(profiler: Profiler, grid: Array) -> Array:
    """Return where chi2 is highest between two lows of a grid, more exactly than the grid has it.

    A cut just below the top of a barrier gives two intervals, one just above it gives one.
    """
    heights = np.array([profiler.at(float(value)).chi2 for value in grid])
    found = []
    for place in range(1, len(grid) - 1):
        if not heights[place] >= max(heights[place - 1], heights[place + 1]):
            continue
        step = float(grid[place + 1] - grid[place - 1])
        top = minimize_scalar(
            lambda value: -profiler.at(float(value), thorough=False).chi2,
            bounds=(float(grid[place - 1]), float(grid[place + 1])),
            method="bounded",
            options={"xatol": TOP * step},
        )
        found.append(float(top.x))
    return np.array(found)
