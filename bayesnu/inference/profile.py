"""Delta chi2 profiles of one parameter, and the intervals below a cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import gammaincinv

from bayesnu.errors import ComputationError, InputError
from bayesnu.inference.minima import at_ends, find_minima
from bayesnu.inference.minimise import minimise
from bayesnu.inference.profile_grid import THOROUGH, adaptive_grid, barriers, improve_all
from bayesnu.inference.profiler import Profiler, by_chi2, lows
from bayesnu.likelihood import Likelihood
from bayesnu.results import FrequentistLimit, Interval

Array = NDArray[np.float64]
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Profile:
    """A Delta chi2 profile: all other parameters are at their best for each value.

    Attributes
    ----------
    parameter : str
    unit : str
    values, delta_chi2 : ndarray, shape (points,)
        Ascending.
    best_fit : float
    chi2_min : float
    best_point : dict of str to float
        All parameters at the global minimum.
    minima : tuple of float
        All local minima that were found, best first.
    one_sided : bool
    lower_bound, upper_bound : float
        Where the parameter's range ends.
    at_ends : tuple of str
        Parameters that the best fit has left at an end of their range, in words.
    """

    parameter: str
    unit: str
    values: Array
    delta_chi2: Array
    best_fit: float
    chi2_min: float
    best_point: dict[str, float]
    minima: tuple[float, ...]
    one_sided: bool
    lower_bound: float
    upper_bound: float
    _evaluate: Callable[[float], float]
    at_ends: tuple[str, ...] = ()

    def intervals(self, cut: float) -> tuple[Interval, ...]:
        """Return where Delta chi2 is below `cut`, as a union of intervals.

        An end is None where the parameter's range ends before the cut is reached.
        """
        below = self.delta_chi2 <= cut
        result: list[Interval] = []
        index = 0
        while index < len(self.values):
            if not below[index]:
                index += 1
                continue
            last = index
            while last + 1 < len(self.values) and below[last + 1]:
                last += 1
            result.append((self._edge(index, index - 1, cut), self._edge(last, last + 1, cut)))
            index = last + 1
        return tuple(result)

    def limit(self, dof: int, cut: float) -> FrequentistLimit:
        """Return the statement at a cut, with what has to be said beside it.

        Raises
        ------
        ComputationError
            If the best fit lies at an end of the parameter's range.
        """
        if self.best_fit == self.upper_bound or (
            self.best_fit == self.lower_bound and not self.one_sided
        ):
            unit = f" {self.unit}" if self.unit else ""
            raise ComputationError(
                f"The best fit of {self.parameter} lies at the end of its range, "
                f"{self.best_fit:g}{unit}: chi2 falls beyond it, and there is no interval to give."
            )
        intervals = self.intervals(cut)
        notes = self.at_ends + self._never_reached(intervals)
        return FrequentistLimit(dof, cut, self.best_fit, self.chi2_min, intervals, notes)

    def _never_reached(self, intervals: tuple[Interval, ...]) -> tuple[str, ...]:
        """Say where the range of the parameter ends before Delta chi2 reaches the cut."""
        ends = []
        if intervals[-1][1] is None:
            ends.append((self.upper_bound, -1, "upper"))
        if intervals[0][0] is None and not (self.one_sided and self.lower_bound >= 0.0):
            ends.append((self.lower_bound, 0, "lower"))
        result = []
        for bound, place, side in ends:
            if self.values[place] != bound:
                continue  # a grid that was given ends there, not the range
            height, halfway = self.delta_chi2[place], self._evaluate(0.5 * bound)
            unit = f" {self.unit}" if self.unit else ""
            if height - halfway < LEVEL:
                text = f"Delta chi2 saturates at {height:.3g} towards {bound:.4g}{unit}"
            else:
                text = f"Delta chi2 is {height:.3g} at the end of the range, {bound:.4g}{unit}"
            result.append(f"no {side} limit at this level: {text}")
        return tuple(result)

    def _edge(self, inside: int, outside: int, cut: float) -> float | None:
        if not 0 <= outside < len(self.values):
            return None
        a, b = self.values[inside], self.values[outside]
        if self.delta_chi2[inside] == cut:
            return float(a)
        scale = max(abs(a), abs(b), 1e-12)
        return float(
            brentq(lambda x: self._evaluate(x) - cut, a, b, xtol=1e-10 * scale, rtol=1e-12)
        )


LEVEL = 0.05
"""A curve that rises by less over the outer half of the range has saturated."""


def threshold(level: float, dof: int) -> float:
    """Return the Delta chi2 cut: 2.706 for 90% and 1 dof, 4.605 for 2 dof.

    Raises
    ------
    InputError
        If the level is not inside (0, 1) or dof is not 1 or 2.
    """
    if not 0.0 < level < 1.0:
        raise InputError("--level", "level", found=f"{level:g}", expected="inside (0, 1)")
    if dof not in (1, 2):
        raise InputError("--dof", "dof", found=str(dof), expected="1 or 2")
    return float(2.0 * gammaincinv(0.5 * dof, level))


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
    likelihood : Likelihood
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
