"""A Delta chi2 profile as plain values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scipy.optimize import brentq

from bayesnu.errors import ComputationError
from bayesnu.results.limit import FrequentistLimit
from bayesnu.types import Array, Interval


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

    def at(self, value: float) -> float:
        """Return Delta chi2 at any value, by a fit."""
        return self._evaluate(value)

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
