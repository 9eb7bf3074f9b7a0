"""Fits of toys with one signal of either sign: where solutions can lie is found once for all.

The search for minima walks from every minimum to the ends of the range, and does not know what it
will find. Toys of one point are alike: far from where the data without fluctuations allow the
signal, no fluctuation brings chi2 down. So the places at which chi2 is fitted, and the nuisances
there, come from one thorough profile of these data. A toy is fitted at each, from the place before
it, moved as the nuisances of the profile move. Height and slope at both ends of a step show every
low between them, and from each that matters all parameters are fitted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicHermiteSpline
from scipy.optimize import brentq

from bayesnu.campaigns.task import Row
from bayesnu.errors import ComputationError
from bayesnu.inference.block import with_data as block_with_data
from bayesnu.inference.minima import find_minima, walk_values
from bayesnu.inference.minimise import Block, Minimum, block_of, minimise_block, promised
from bayesnu.inference.profile_grid import improve_all
from bayesnu.inference.profiler import Profiler, by_chi2
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

FAR = 225.0
"""Where data without fluctuations have a larger Delta chi2 no toy is fitted. Fluctuations change it
by twice its root, times a standard Gaussian: below 10 it comes once in 1e12 toys."""

SHALLOW = 25.0
"""A toy whose Delta chi2 at the first or last place is lower is searched thoroughly."""

OFF = 0.05
"""Steps are halved until a cubic from both ends gives chi2 in the middle to this, or to this share
of it."""

HALVINGS = 8

APART = 1e-4
"""Two fits of the nuisances at one value with chi2 farther apart are two solutions."""

MATTERS = 30.0
"""A solution of the nuisances higher than the best one by more is not seen in toys."""

EXACT = 1e-7
"""A fit that could still lower chi2 by more has stopped at an edge, and is known less well: others
may lead farther along it."""

AROUND = 2.0
"""A low of the cubics may be deeper by this than they say."""


@dataclass(frozen=True, eq=False)
class Scan:
    """Where toys drawn at a point are fitted."""

    likelihood: Likelihood
    """Of the data around which the toys scatter."""
    index: int
    """Of the signal."""
    points: Array
    """Shape (places, parameters). All parameters at each place, of data without fluctuations."""
    first: int
    """The place of the point itself."""

    def row(self, counts: Array, centres: Array, cut: float | None) -> Row | None:
        """Return what `ToyTask` wants to know of a toy; None if it needs the thorough search."""
        toy = _Toy(self, block_with_data(block_of(self.likelihood), centres, counts))
        fits = toy.fits()
        lowest = min(map(by_chi2, fits))
        if not all(fit.converged for fit in fits) or self._is_shallow(fits, lowest):
            return None
        minima = toy.minima(fits, lowest + (cut or 0.0) + AROUND)
        best = min((*minima, *fits), key=by_chi2)
        ends = toy.ends([*fits, *minima], best.chi2 + cut) if cut is not None else (None, None)
        if not toy.are_exact((fits[self.first], *ends), best):
            return None
        row: Row = {
            "best_fit": float(best.x[self.index]),
            "chi2_min": best.chi2,
            "delta_chi2": max(fits[self.first].chi2 - best.chi2, 0.0),
        }
        if cut is not None:
            low, high = (np.inf if end is None else float(end.x[self.index]) for end in ends)
            row["lower"], row["upper"] = (low if np.isfinite(low) else -np.inf), high
        return row

    def _is_shallow(self, fits: list[Minimum], lowest: float) -> bool:
        """Whether chi2 is low at the first or last place, and this is no end of the range."""
        low, high = self.likelihood.low[self.index], self.likelihood.high[self.index]
        return any(
            fit.x[self.index] not in (low, high) and fit.chi2 < lowest + SHALLOW
            for fit in (fits[0], fits[-1])
        )


@dataclass(frozen=True, eq=False)
class _Toy:
    """One toy: its numbers, and where to fit it."""

    scan: Scan
    block: Block

    def fits(self) -> list[Minimum]:
        """Return the best fit at every place."""
        points, first, index = self.scan.points, self.scan.first, self.scan.index
        found = {first: self.at(points[first])}
        for order in (range(first + 1, len(points)), range(first - 1, -1, -1)):
            last = first
            for place in order:
                start = found[last].x + points[place] - points[last]
                start[index] = points[place, index]
                found[place] = self.at(start)
                last = place
        return [found[place] for place in range(len(points))]

    def at(self, start: Array) -> Minimum:
        """Return the best fit of the nuisances."""
        return minimise_block(self.block, start, np.arange(len(start)) == self.scan.index)

    def between(self, a: Minimum, b: Minimum, value: float) -> Minimum:
        """Return the best fit of the nuisances at a value of the signal between two fits."""
        index = self.scan.index
        share = (value - a.x[index]) / (b.x[index] - a.x[index])
        start = (1.0 - share) * a.x + share * b.x
        start[index] = value
        return self.at(start)

    def minima(self, fits: list[Minimum], below: float) -> list[Minimum]:
        """Return the minima over all parameters that the fits show, below a height."""
        index = self.scan.index
        x = np.array([fit.x for fit in fits])
        curve = _curve(fits, index)
        free = np.zeros(x.shape[1], dtype=bool)
        result = []
        flat = curve.derivative()
        for place in flat.roots(discontinuity=False, extrapolate=False):
            if flat(place, 1) > 0.0 and curve(place) < below:
                start = np.array([np.interp(place, x[:, index], column) for column in x.T])
                start[index] = place
                result.append(minimise_block(self.block, start, free))
        return [fit for fit in result if fit.converged]

    def ends(self, fits: list[Minimum], height: float) -> tuple[Minimum | None, Minimum | None]:
        """Return the outermost fits at which chi2 has a height; None if the range ends before."""
        ordered = sorted(fits, key=lambda fit: float(fit.x[self.scan.index]))
        return self.end(ordered, height), self.end(ordered[::-1], height)

    def end(self, fits: list[Minimum], height: float) -> Minimum | None:
        """Return the first fit at which chi2 has a height, on the way through others."""
        inside = next(place for place, fit in enumerate(fits) if fit.chi2 <= height)
        if inside == 0:
            return None
        outer, inner = fits[inside - 1], fits[inside]
        a, b = float(outer.x[self.scan.index]), float(inner.x[self.scan.index])
        found = {a: outer, b: inner}

        def above(value: float) -> float:
            if value not in found:
                found[value] = self.between(outer, inner, value)
            return found[value].chi2 - height

        scale = max(abs(a), abs(b), 1e-12)
        return found[float(brentq(above, a, b, xtol=1e-10 * scale, rtol=1e-12))]

    def are_exact(self, held: Iterable[Minimum | None], best: Minimum) -> bool:
        """Whether fits with the signal held, and the best fit, are minima of a smooth chi2."""
        free = np.zeros(len(best.x), dtype=bool)
        signal = np.arange(len(best.x)) == self.scan.index
        marked = [(best, free), *((fit, signal) for fit in held if fit is not None)]
        return all(promised(self.block, fit, mark) < EXACT for fit, mark in marked)


def _curve(fits: list[Minimum], index: int) -> CubicHermiteSpline:
    """Return chi2 between fits, from its heights and slopes."""
    slopes = [fit.gradient[index] for fit in fits if fit.gradient is not None]
    return CubicHermiteSpline([fit.x[index] for fit in fits], list(map(by_chi2, fits)), slopes)


def scan_of(typical: Likelihood, parameter: str, value: float) -> Scan | None:
    """Return where to fit toys.

    None if the signal is not one parameter of either sign, or the nuisances at one value of it have
    several solutions: then each toy needs the thorough search.

    Parameters
    ----------
    typical : Likelihood
        Of the data around which they scatter.
    value : float
        Of the parameter, at which they are drawn.
    """
    index = typical.index(parameter)
    signals = sum(meta.role == "signal" for meta in typical.parameters)
    meta = typical.parameters[index]
    if meta.one_sided or meta.periodic or signals != 1:
        return None
    profiler = Profiler(typical, [parameter])
    try:
        points = _places(profiler, value)
    except ComputationError:
        return None
    if any(_has_other_solution(profiler, place) for place in points[:, index].tolist()):
        return None
    first = int(np.flatnonzero(points[:, index] == value)[0])
    return Scan(typical, index, points, first)


def _places(profiler: Profiler, value: float) -> Array:
    """Return all parameters at the places of a scan, by the value of the signal."""
    likelihood, index = profiler.likelihood, profiler.indices[0]
    minima, values = find_minima(likelihood), {value}
    for fit in minima:
        for sign in (-1.0, 1.0):
            values |= set(walk_values(likelihood, index, fit.x, sign).tolist())
    grid = np.array(sorted(values))
    improve_all(profiler, grid)
    near = np.array([profiler.at(place).chi2 for place in grid]) < minima[0].chi2 + FAR
    near[:-1] |= near[1:]
    near[1:] |= near[:-1]
    first, last = np.flatnonzero(near)[[0, -1]]
    grid = grid[first : last + 1]
    for _ in range(HALVINGS):
        curve = _curve([profiler.at(place) for place in grid], index)
        middles = 0.5 * (grid[1:] + grid[:-1])
        seen = np.array([profiler.at(place).chi2 for place in middles])
        off = np.abs(curve(middles) - seen) > OFF * (1.0 + seen - minima[0].chi2)
        if not off.any():
            break
        grid = np.sort(np.append(grid, middles[off]))
    return np.array([profiler.at(place).x for place in grid])


def _has_other_solution(profiler: Profiler, value: float) -> bool:
    """Whether the nuisances have a second solution at a value of the signal that may matter."""
    fits = [fit for fit in profiler.fits((value,)) if fit.converged]
    above = np.array(list(map(by_chi2, fits))) - profiler.at(value).chi2
    return bool(((above > APART) & (above < MATTERS)).any())
