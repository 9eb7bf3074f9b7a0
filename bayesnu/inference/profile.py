"""Delta chi2 profiles of one parameter, and the intervals below a cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bayesnu.inference.minima import at_ends, find_minima
from bayesnu.inference.minimise import minimise
from bayesnu.inference.profile_grid import THOROUGH, adaptive_grid, barriers, improve_all
from bayesnu.inference.profiler import Profiler, by_chi2, lows
from bayesnu.likelihood.held import held
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.curve import Profile
from bayesnu.types import Array, Progress


def profile(
    likelihood: Likelihood,
    parameter: str,
    *,
    values: Sequence[float] | None = None,
    cut: float = 2.705543454,
    progress: Progress | None = None,
) -> Profile:
    """Return the Delta chi2 profile of one parameter.

    Without `values` the grid adapts: it grows outwards until Delta chi2 is well above the cut
    on both sides (or the parameter's range ends), whatever the scale of the parameter. Other
    minima are searched far beyond; each one below the cut gets points of its own, so that it
    is not stepped over.

    Parameters
    ----------
    parameter : str
        The parameter of interest; all others are fitted.
    values : sequence of float, optional
        Grid to use instead.
    cut : float
        Delta chi2 that the grid has to reach.
    progress : callable, optional
        Called with the fraction done and a word.

    Raises
    ------
    ComputationError
        If a fit does not converge.
    """
    profiler = Profiler(likelihood, [parameter])
    index = profiler.indices[0]
    meta = likelihood.parameters[index]
    if values is not None:
        grid, best = np.sort(np.asarray(values, dtype=float)), find_minima(likelihood)[0]
    else:
        grid, best = adaptive_grid(profiler, cut)
    for number, value in enumerate(grid):
        profiler.at(float(value), thorough=number % THOROUGH == 0)
        if progress:
            progress((number + 1) / len(grid) / 1.2, "profile")
    # Once more: every fit starts from its neighbours' solutions too.
    improve_all(profiler, grid)
    lowest = min((profiler.at(float(v)) for v in grid), key=by_chi2)
    if lowest.chi2 < best.chi2 - 1e-7:
        best = min(best, minimise(likelihood, lowest.x, np.zeros_like(profiler.held)), key=by_chi2)
    if meta.one_sided and likelihood.low[index] == 0.0:
        # chi2 is flat in the square there: say zero where zero fits as well.
        at_zero = profiler.at(0.0)
        if at_zero.chi2 < best.chi2 + 1e-8:
            best = at_zero
    best_value = float(best.x[index])
    profiler.remember((best_value,), best)
    grid = np.unique(np.append(grid, best_value))
    if values is None:
        grid = np.unique(np.append(grid, barriers(profiler, grid)))
    delta = np.array([profiler.at(float(v)).chi2 for v in grid]) - best.chi2
    return Profile(
        parameter=parameter,
        unit=meta.unit,
        values=grid,
        delta_chi2=np.maximum(delta, 0.0),
        best_fit=best_value,
        chi2_min=best.chi2,
        best_point=dict(zip(likelihood.names, map(float, best.x), strict=True)),
        minima=_local_minima(grid, delta),
        one_sided=meta.one_sided,
        lower_bound=float(likelihood.low[index]),
        upper_bound=float(likelihood.high[index]),
        at_ends=at_ends(likelihood, best),
        latex=meta.latex,
        experiments=likelihood.experiments,
        signal=likelihood.signal,
        free=likelihood.signals,
        **held(likelihood),
        _evaluate=_AboveMinimum(profiler, best.chi2),
    )


@dataclass(frozen=True, eq=False)
class _AboveMinimum:
    """Delta chi2 at any value, by a fit; can be sent to another process."""

    profiler: Profiler
    lowest: float

    def __call__(self, value: float) -> float:
        return self.profiler.at(float(value), thorough=False).chi2 - self.lowest


def _local_minima(values: Array, delta: Array) -> tuple[float, ...]:
    places = lows(delta)
    return tuple(float(values[i]) for i in places[np.argsort(delta[places], kind="stable")])
