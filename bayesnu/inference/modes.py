"""Several modes: cut the posterior where it is thin, sample each piece, weigh the pieces.

Charges and radii have mirror solutions. A NUTS chain may never cross from one to the other,
or too seldom to get their shares right. So where the profile between two of the minima of chi2
(`bayesnu.inference.minima`) has a barrier, the range is cut at its top; every piece is sampled by
itself (its bounds keep the chains inside), and the pieces are combined with their evidences,
which bridge sampling computes from the draws (`bayesnu.inference.evidence`). This is exact for any
height of the barrier: a cut in the wrong place only costs time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bayesnu.inference.minima import NEGLIGIBLE, find_minima
from bayesnu.inference.minimise import Minimum, minimise
from bayesnu.inference.profile_grid import THOROUGH
from bayesnu.inference.profiler import Profiler
from bayesnu.inference.switched_off import LONG_WAY, find_corridors
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

BARRIER = 1.0
"""A rise of chi2 between two minima, above the higher one, from which on they are two modes.

NUTS crosses such a barrier, but not often enough: R-hat 1.02 was seen with a barrier of 3.
"""

PATH = 25
"""Points at which the way between two minima is profiled."""

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
    draws_each : int
        How many draws are made for each that is kept.
    """

    bounds: dict[str, tuple[float, float]]
    best: dict[str, float]
    chi2: float
    draws_each: int = 1


def find_pieces(likelihood: Likelihood) -> tuple[Piece, ...]:
    """Return the pieces of a posterior, one for each mode; one piece if there is one mode.

    Angles have no far ends to get stuck at.
    """
    names = [p.name for p in likelihood.parameters if p.role == "signal" and not p.periodic]
    if not names:
        return (Piece({}, {}, 0.0),)
    minima = find_minima(likelihood)
    pieces = _split(likelihood, names, {}, minima)
    corridors = find_corridors(likelihood, minima[0], NEGLIGIBLE)
    if corridors is not None:
        pieces = [replace(piece, bounds={**piece.bounds, **corridors.outside}) for piece in pieces]
        for bounds, best in corridors.inside:
            pieces.append(Piece(bounds, _named(likelihood, best), best.chi2, draws_each=LONG_WAY))
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
    likelihood: Likelihood,
    names: list[str],
    bounds: dict[str, tuple[float, float]],
    minima: tuple[Minimum, ...],
) -> list[Piece]:
    """Cut between the best minimum and any other that a barrier separates, again and again."""
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
            inside = tuple(fit for fit in minima if part[0] <= fit.x[index] <= part[1])
            own = {**bounds, name: part}
            result += _split(restrict(likelihood, {name: part}), names, own, inside)
        return result
    return [Piece(bounds, _named(likelihood, best), best.chi2)]


def _named(likelihood: Likelihood, fit: Minimum) -> dict[str, float]:
    return dict(zip(likelihood.names, map(float, fit.x), strict=True))


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
