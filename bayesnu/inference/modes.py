"""Several modes: cut the posterior where it is thin, sample each piece, weigh the pieces.

Charges and radii have mirror solutions. A NUTS chain may never cross from one to the other,
or too seldom to get their shares right. So chi2 is searched for minima from many starting
points; where the profile between two of them has a barrier, the range is cut at its top; every
piece is sampled by itself (its bounds keep the chains inside), and the pieces are combined
with their evidences, which bridge sampling computes from the draws
(`bayesnu.inference.evidence`). This is exact for any height of the barrier: a cut in the wrong
place only costs time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from bayesnu.errors import ComputationError
from bayesnu.inference.minimise import Minimum, minimise
from bayesnu.inference.profile import Profiler
from bayesnu.inference.profile_grid import THOROUGH
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

BARRIER = 1.0
"""A rise of chi2 between two minima, above the higher one, from which on they are two modes.

NUTS crosses such a barrier, but not often enough: R-hat 1.02 was seen with a barrier of 3.
"""

NEGLIGIBLE = 40.0
"""A minimum this far above the best one carries less than e^-20 of the posterior."""

SIZES = (0.3, 1.0, 2.5)
"""Where the search starts, in units of what changes chi2 by ten, with all signs."""

SCAN = 1.25 ** np.arange(-16.0, 25.0)
"""Steps of the search along each parameter, in the same units: from a few percent of a width to
two hundred widths, close enough that a solution and the barrier before it are both seen."""

PATH = 25
"""Points at which the way between two minima is profiled."""

SAME = 0.05
"""Minima closer than this, in units of what changes chi2 by ten, are one."""

MANY = 3
"""With more parameters than this, combinations of signs are tried at one size only."""

MOST_PIECES = 16
MOST_CUTS = 4


@dataclass(frozen=True)
class Piece:
    """A part of the parameter space with one mode.

    Attributes
    ----------
    bounds : dict of str to (float, float)
        The range of each parameter that was cut.
    best : dict of str to float
        The minimum of chi2 inside.
    chi2 : float
        Above that of the best piece.
    """

    bounds: dict[str, tuple[float, float]]
    best: dict[str, float]
    chi2: float


def find_pieces(likelihood: Likelihood) -> tuple[Piece, ...]:
    """Return the pieces of a posterior, one for each mode; one piece if there is one mode.

    Only signal parameters that can be negative are searched: of the others only the size
    matters, and a size enters squared. Angles have no far ends to get stuck at.
    """
    names = [
        p.name
        for p in likelihood.parameters
        if p.role == "signal" and not p.one_sided and not p.periodic
    ]
    if not names:
        return (Piece({}, {}, 0.0),)
    pieces = _split(likelihood, names, {})
    lowest = min(piece.chi2 for piece in pieces)
    kept = [
        replace(piece, chi2=piece.chi2 - lowest)
        for piece in pieces
        if piece.chi2 - lowest < NEGLIGIBLE
    ]
    if len(kept) == 1:
        return (Piece({}, kept[0].best, 0.0),)
    return tuple(sorted(kept, key=lambda piece: piece.chi2)[:MOST_PIECES])


def _split(
    likelihood: Likelihood, names: list[str], bounds: dict[str, tuple[float, float]]
) -> list[Piece]:
    """Cut between the best minimum and any other that a barrier separates, again and again."""
    minima = local_minima(likelihood, names)
    best = minima[0]
    scale = Profiler(likelihood, names).scales
    for other in minima[1:]:
        if len(bounds) >= MOST_CUTS:
            break
        apart = np.abs(other.x - best.x) / scale
        index = max((likelihood.index(name) for name in names), key=lambda i: apart[i])
        cut = _barrier(likelihood, index, best, other)
        if cut is None:
            continue
        name = likelihood.names[index]
        low, high = float(likelihood.low[index]), float(likelihood.high[index])
        result: list[Piece] = []
        for part in ((low, cut), (cut, high)):
            result += _split(restrict(likelihood, {name: part}), names, {**bounds, name: part})
        return result
    point = dict(zip(likelihood.names, map(float, best.x), strict=True))
    return [Piece(bounds, point, best.chi2)]


def local_minima(likelihood: Likelihood, names: list[str]) -> list[Minimum]:
    """Return the distinct local minima of chi2 that a spread of starting points leads to.

    Parameters
    ----------
    likelihood : Likelihood
    names : list of str
        Parameters whose values and signs are spread.

    Returns
    -------
    list of Minimum
        Best first; those that are negligible are left out.
    """
    profiler = Profiler(likelihood, names)
    indices = [likelihood.index(name) for name in names]
    scale = profiler.scales[indices]
    sizes = [sign * size for size in SIZES for sign in (-1.0, 1.0)]
    corners = [np.zeros(len(names))]
    corners += [size * np.eye(len(names))[i] for i in range(len(names)) for size in sizes]
    if len(names) > 1:
        corners += [
            size * np.array(signs)
            for size in (SIZES if len(names) <= MANY else SIZES[1:2])
            for signs in product((-1.0, 1.0), repeat=len(names))
        ]
    nothing = np.zeros(len(likelihood.names), dtype=bool)
    held = nothing.copy()
    held[indices] = True
    distinct: list[Minimum] = []

    def search(start: Array) -> None:
        # First the nuisances alone: else they swing to a bound before the signal has moved.
        fit = minimise(likelihood, minimise(likelihood, start, held).x, nothing)
        if not fit.converged:
            return
        for number, other in enumerate(distinct):
            if np.max(np.abs(fit.x - other.x)[indices] / scale) < SAME:
                distinct[number] = min(fit, other, key=_chi2)
                return
        distinct.append(fit)

    for corner in corners:
        start = likelihood.start.copy()
        start[indices] = corner * scale
        search(start)
    # A mirror solution may lie anywhere along a parameter: walk from every minimum that is
    # found, the new ones included, and fit again where the way goes down and up again.
    walked = 0
    while walked < min(len(distinct), MOST_PIECES):
        base = distinct[walked]
        walked += 1
        for index in indices:
            for low_point in _lows_along(likelihood, index, base, float(profiler.scales[index])):
                search(low_point)
    if not distinct:
        raise ComputationError("No fit of all parameters converged.")
    distinct.sort(key=_chi2)
    return [fit for fit in distinct if fit.chi2 - distinct[0].chi2 < NEGLIGIBLE]


def _chi2(fit: Minimum) -> float:
    return fit.chi2


def _lows_along(likelihood: Likelihood, index: int, base: Minimum, scale: float) -> list[Array]:
    """Return points where chi2, with the nuisances fitted again, has a low along a parameter.

    The other signal parameters stay where they are.
    """
    low, high = likelihood.low[index], likelihood.high[index]
    held = np.array([parameter.role == "signal" for parameter in likelihood.parameters])
    result: list[Array] = []
    for sign in (-1.0, 1.0):
        values = base.x[index] + sign * scale * SCAN
        values = np.append(values[(values > low) & (values < high)], high if sign > 0 else low)
        points: list[Array] = [base.x]
        heights = [base.chi2]
        for value in values:
            start = points[-1].copy()
            start[index] = value
            fit = minimise(likelihood, start, held)
            points.append(fit.x)
            heights.append(fit.chi2)
        height = np.append(heights, np.inf)
        lows = (height[1:-1] < height[:-2]) & (height[1:-1] <= height[2:])
        result += [points[place + 1] for place in np.flatnonzero(lows)]
    return result


def _barrier(likelihood: Likelihood, index: int, best: Minimum, other: Minimum) -> float | None:
    """Return where chi2, profiled between two minima, is highest; None if it is low there."""
    values = np.linspace(best.x[index], other.x[index], PATH)
    higher = max(best.chi2, other.chi2)
    if values[0] == values[-1] or _straight_way(likelihood, best, other) < higher + BARRIER:
        return None
    profiler = Profiler(likelihood, [likelihood.names[index]])
    profiler.remember((float(values[0]),), best)
    profiler.remember((float(values[-1]),), other)
    for number, value in enumerate(values[1:-1]):
        profiler.at(float(value), thorough=number % THOROUGH == 0)
    for number in range(PATH - 2, 0, -1):
        profiler.improve((float(values[number]),), [(float(values[number + 1]),)])
    heights = np.array([profiler.at(float(value)).chi2 for value in values])
    top = int(np.argmax(heights))
    return float(values[top]) if heights[top] >= higher + BARRIER else None


def _straight_way(likelihood: Likelihood, one: Minimum, other: Minimum) -> float:
    """Return the highest chi2 on the straight way between two minima, the nuisances fitted."""
    held = np.array([parameter.role == "signal" for parameter in likelihood.parameters])
    steps = np.linspace(0.0, 1.0, PATH)[1:-1]
    return max(minimise(likelihood, one.x + step * (other.x - one.x), held).chi2 for step in steps)


def restrict(likelihood: Likelihood, bounds: dict[str, tuple[float, float]]) -> Likelihood:
    """Return the likelihood with narrower ranges of some parameters."""
    for name, (low, high) in bounds.items():
        prior = likelihood.parameters[likelihood.index(name)].prior
        likelihood = likelihood.with_prior(name, replace(prior, low=low, high=high))
    return likelihood


def mixture(
    draws: list[Array], weights: Array, rng: np.random.Generator
) -> tuple[Array, NDArray[np.int64], NDArray[np.int64]]:
    """Combine the draws of the pieces, each chain holding every piece by its weight.

    Parameters
    ----------
    draws : list of ndarray, shape (chains, draws, parameters)
        One entry for each piece.
    weights : ndarray, shape (pieces,)
        Sum to one.
    rng : Generator

    Returns
    -------
    combined : ndarray, shape (chains, draws, parameters)
    piece : ndarray of int, shape (chains, draws)
        Which piece a draw is from.
    row : ndarray of int, shape (chains, draws)
        Which draw of that piece.
    """
    chains, length, _ = draws[0].shape
    combined = np.empty_like(draws[0])
    piece = np.empty((chains, length), dtype=np.int64)
    rows = np.empty((chains, length), dtype=np.int64)
    for chain in range(chains):
        shares = weights * length
        counts = np.floor(shares).astype(int)
        # What is left over goes by lot, so that each piece's expected share is exact.
        missing = length - counts.sum()
        if missing:
            rest = (shares - counts) / (shares - counts).sum()
            extra = rng.choice(len(weights), size=missing, p=rest)
            counts += np.bincount(extra, minlength=len(weights))
        which = rng.permutation(np.repeat(np.arange(len(weights)), counts))
        row = np.empty(length, dtype=np.int64)
        for number, count in enumerate(counts):
            chosen = rng.choice(length, size=count, replace=count > length)
            row[which == number] = np.sort(chosen)
        combined[chain] = np.array([draws[w][chain, r] for w, r in zip(which, row, strict=True)])
        piece[chain], rows[chain] = which, row
    return combined, piece, rows
