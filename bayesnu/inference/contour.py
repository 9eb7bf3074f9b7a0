"""Delta chi2 regions of two parameters, all others profiled."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bayesnu.errors import InputError
from bayesnu.inference.minima import at_ends, find_minima
from bayesnu.inference.minimise import minimise
from bayesnu.inference.profile import profile
from bayesnu.inference.profiler import Profiler
from bayesnu.likelihood.held import held
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.region import Contour
from bayesnu.types import Array, Progress

POINTS = 41
AROUND = 15
NARROW = 0.2
"""An interval that is narrower than this share of the whole gets so many points of its own."""

SPARSE = 5
"""Every so many points on each axis are fitted from many starts, the others from neighbours."""

MARGIN = 0.12
"""How far the grid goes beyond the region, as a share of its width."""


def contour(
    likelihood: Likelihood,
    first: str,
    second: str,
    *,
    cuts: tuple[float, ...] = (4.605170186,),
    points: int = POINTS,
    progress: Progress | None = None,
) -> Contour:
    """Return the Delta chi2 map of two parameters on a grid that encloses the largest cut.

    The bounding box of the region {Delta chi2 < cut} is exactly the pair of profile intervals
    at the same cut, so the grid fits whatever the scale of the parameters.

    Parameters
    ----------
    first, second : str
        The parameters on the x and the y axis.
    points : int
        Grid points on each axis; where its profile has several narrow intervals, each gets
        points of its own beside them.
    progress : callable, optional
        Called with the fraction done and a word.
    """
    if first == second:
        raise InputError("contour", "parameters", found=f"{first} twice", expected="two")
    if not 5 <= points <= 401:
        raise InputError("contour", "points", found=str(points), expected="5 to 401")
    x, y = (_axis(likelihood, name, max(cuts), points) for name in (first, second))
    profiler = Profiler(likelihood, [first, second])
    values = np.empty((len(y), len(x)))
    # Rows in turn, back and forth, so that every fit starts next to the one before; then once
    # more the other way, from all neighbours, so that no point stays in a worse minimum.
    for row in range(len(y)):
        columns = range(len(x))
        for column in columns if row % 2 == 0 else columns[::-1]:
            thorough = row % SPARSE == 0 and column % SPARSE == 0
            fit = profiler.at(float(x[column]), float(y[row]), thorough=thorough)
            values[row, column] = fit.chi2
        if progress:
            progress(0.8 * (row + 1) / len(y), "contour")
    if not profiler.convex:
        _sweep(profiler, x, y, values, progress)
    place = np.unravel_index(np.argmin(values), values.shape)
    start = profiler.at(float(x[place[1]]), float(y[place[0]])).x
    fits = [*find_minima(likelihood), minimise(likelihood, start, np.zeros_like(profiler.held))]
    best = min((fit for fit in fits if fit.converged), key=lambda fit: fit.chi2)
    a, b = profiler.indices
    return Contour(
        parameters=(first, second),
        units=(likelihood.parameters[a].unit, likelihood.parameters[b].unit),
        x=x,
        y=y,
        delta_chi2=values - best.chi2,
        best_fit=(float(best.x[a]), float(best.x[b])),
        chi2_min=best.chi2,
        cuts=tuple(cuts),
        notes=at_ends(likelihood, best),
        latex=(likelihood.parameters[a].latex, likelihood.parameters[b].latex),
        experiments=likelihood.experiments,
        signal=likelihood.signal,
        free=likelihood.signals,
        **held(likelihood),
    )


def _axis(likelihood: Likelihood, name: str, cut: float, points: int) -> Array:
    """Return a grid that encloses the region, with a margin, inside the bounds."""
    curve = profile(likelihood, name, cut=cut)
    intervals = [
        (curve.lower_bound if a is None else a, curve.upper_bound if b is None else b)
        for a, b in curve.intervals(cut)
    ]
    low, high = intervals[0][0], intervals[-1][1]
    margin = MARGIN * (high - low)
    low, high = max(curve.lower_bound, low - margin), min(curve.upper_bound, high + margin)
    parts = [np.linspace(low, high, points)]
    for a, b in intervals:
        if b - a < NARROW * (high - low):
            own = MARGIN * (b - a)
            parts.append(np.linspace(max(low, a - own), min(high, b + own), AROUND))
    return np.unique(np.concatenate(parts))


def _sweep(
    profiler: Profiler, x: Array, y: Array, values: Array, progress: Callable[..., None] | None
) -> None:
    rows, columns = values.shape
    for row in range(rows - 1, -1, -1):
        for column in range(columns - 1, -1, -1):
            near = [
                (float(x[c]), float(y[r]))
                for r, c in ((row + 1, column), (row, column + 1), (row - 1, column))
                if 0 <= r < rows and 0 <= c < columns
            ]
            here = (float(x[column]), float(y[row]))
            profiler.improve(here, near)
            values[row, column] = profiler.at(*here).chi2
        if progress:
            progress(0.8 + 0.2 * (rows - row) / rows, "contour")
