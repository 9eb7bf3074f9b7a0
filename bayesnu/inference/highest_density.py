"""The region of highest density, a union of intervals, with the error of each end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bayesnu.inference.density import Density, integral, interpolated
from bayesnu.types import Array

Span = tuple[float, float]

SIGNIFICANT = 3.0
"""Errors by which a density has to pass the level of a region to add a piece or to split one."""

LARGE = 0.25
"""A piece that holds more than this share of 1 - level is no noise, however flat the density."""


@dataclass(frozen=True)
class Region:
    """A union of intervals.

    Attributes
    ----------
    ends, errors : ndarray, shape (intervals, 2)
    doubt : float
        By how many errors a piece or a hole passes the level that is left out as noise.
    """

    ends: Array
    errors: Array
    doubt: float


def highest_density(density: Density, level: float) -> Region:
    """Return the region of highest density (per unit of the smooth variable) that holds `level`.

    Pieces and holes that may be noise are left out, and the cut is moved until what is left, with
    its pieces as they are, holds `level`.
    """
    t, p = density.smooth, density.density
    cut = _solve(density, level, lambda c: [span for _, span in _runs(t, p, c)])
    cores, doubt = _cores(density, cut, level)

    def pieces(c: float) -> list[Span]:
        runs = _runs(t, p, c)
        found: list[Span] = []
        for first, last in cores:
            near = [span for (a, b), span in runs if b >= first and a <= last]
            if near and found and near[0][0] < found[-1][1]:  # they have grown together
                found[-1] = (found[-1][0], near[-1][1])
            elif near:
                found.append((near[0][0], near[-1][1]))
        return found

    cut = _solve(density, level, pieces)
    ends = np.array(pieces(cut))
    errors = _end_errors(density, ends, cut)[0]
    if density.log:
        ends = np.exp(ends)
        errors = errors * ends
    return Region(ends, errors, doubt)


def _solve(density: Density, level: float, region: Callable[[float], list[Span]]) -> float:
    """Return the cut at which a region holds `level`, by bisection."""
    p = density.density
    low, high = 0.0, float(p.max())
    while high - low > 1e-9 * p.max():
        middle = 0.5 * (low + high)
        held = sum(float(integral(density, p, a, b)) for a, b in region(middle))
        low, high = (middle, high) if held > level else (low, middle)
    return low


def _runs(t: Array, p: Array, cut: float) -> list[tuple[tuple[int, int], Span]]:
    """Return the runs of points above a cut, and where the density crosses it around each."""
    sign = np.concatenate([[False], p > cut, [False]])
    starts = np.flatnonzero(sign[1:-1] & ~sign[:-2])
    stops = np.flatnonzero(sign[1:-1] & ~sign[2:])
    return [
        ((a, b), (_crossing(t, p, a, a - 1, cut), _crossing(t, p, b, b + 1, cut)))
        for a, b in zip(starts.tolist(), stops.tolist(), strict=True)
    ]


def _cores(density: Density, cut: float, level: float) -> tuple[list[tuple[int, int]], float]:
    """Return the first and last peak of each piece, and the doubt about the pieces.

    The doubt is by how many errors a piece or a hole that is left out passes the cut.
    """
    t, p = density.smooth, density.density
    runs = _runs(t, p, cut)
    moved = density.noise
    if len(moved):
        moved = moved - _end_errors(density, np.array([span for _, span in runs]), cut)[1][:, None]
    pulls = (p - cut) / np.maximum(density.total_error(moved), 1e-12 * p.max())
    peaks = [float(pulls[a : b + 1].max()) for (a, b), _ in runs]
    top = int(np.argmax([p[a : b + 1].max() for (a, b), _ in runs]))
    held = [float(integral(density, p, *span)) for _, span in runs]
    kept = [
        peak > SIGNIFICANT or number == top or share > LARGE * (1.0 - level)
        for number, (peak, share) in enumerate(zip(peaks, held, strict=True))
    ]
    doubts = [peak for peak, keep in zip(peaks, kept, strict=True) if not keep]
    cores: list[tuple[int, int]] = []
    before = 0
    for number in np.flatnonzero(kept):
        start, stop = runs[number][0]
        peak = start + int(np.argmax(p[start : stop + 1]))
        hole = float(-pulls[before : start + 1].min()) if cores else np.inf
        if hole <= SIGNIFICANT:
            cores[-1] = (cores[-1][0], peak)
            doubts.append(hole)
        else:
            cores.append((peak, peak))
        before = stop
    return cores, max(doubts, default=0.0)


def _crossing(t: Array, p: Array, inside: int, outside: int, cut: float) -> float:
    if not 0 <= outside < len(t):
        return float(t[inside])
    share = (p[inside] - cut) / (p[inside] - p[outside])
    return float(t[inside] + share * (t[outside] - t[inside]))


def _end_errors(density: Density, pieces: Array, cut: float) -> tuple[Array, Array]:
    """Return the errors of the ends of a highest-density region, and how each source moves its cut.

    Where the density moves by dp(t), an end moves by (dc - dp) / p', and the cut by what keeps
    the probability inside: dc sum 1/|p'| = dM / c + sum dp / |p'|.
    """
    t, p, noise = density.smooth, density.density, density.noise
    ends = pieces.ravel()
    slope = np.array([_slope(t, p, end) for end in ends])
    fixed = np.array([end in (t[0], t[-1]) for end in ends])
    level = 1e-6 * float(p.max() / (t[-1] - t[0]))
    inverse = np.where(fixed, 0.0, 1.0 / np.maximum(np.abs(slope), level))
    moved = np.stack([interpolated(t, noise, end) for end in ends], axis=-1)
    inside = np.sum([integral(density, noise, a, b) for a, b in pieces], axis=0)
    total = float(inverse.sum()) or np.inf  # no end can move: nor does the cut
    cuts = (inside / max(cut, 1e-9 * float(p.max())) + moved @ inverse) / total
    return density.total_error((cuts[:, None] - moved) * inverse).reshape(-1, 2), cuts


def _slope(t: Array, p: Array, at: float) -> float:
    """Return the slope of a density over a few steps around a place."""
    k = int(np.clip(np.searchsorted(t, at) - 1, 0, len(t) - 2))
    a, b = max(k - 1, 0), min(k + 2, len(t) - 1)
    return float((p[b] - p[a]) / (t[b] - t[a]))
