"""Delta chi2 profiles as plain values, computed, saved and drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import brentq

from bayesnu.errors import ComputationError
from bayesnu.results.held import Held
from bayesnu.results.limit import FrequentistLimit
from bayesnu.results.plain import plain
from bayesnu.types import Array, Floats, Interval, SavedArray


@dataclass(frozen=True, eq=False)
class Profile(Held):
    """A Delta chi2 profile: all other parameters are at their best for each value."""

    parameter: str
    unit: str
    values: SavedArray
    """Shape (points,), ascending."""
    delta_chi2: SavedArray
    best_fit: float
    chi2_min: float
    minima: Floats = ()
    """All local minima that were found, best first."""
    best_point: dict[str, float] = field(default_factory=dict)
    """All parameters at the global minimum; empty where it was read from a file."""
    one_sided: bool = False
    lower_bound: float = -np.inf
    """Where the parameter's range begins; at `upper_bound` it ends."""
    upper_bound: float = np.inf
    at_ends: tuple[str, ...] = ()
    """Parameters that the best fit has left at an end of their range, in words."""
    latex: str = ""
    experiments: tuple[str, ...] = ()
    signal: str = ""
    free: tuple[str, ...] = ()
    """All signal parameters that were fitted."""
    fixed: dict[str, float] = field(default_factory=dict)
    """Every value that was held."""
    fixed_units: dict[str, str] = field(default_factory=dict)
    level: float = 0.9
    dof: int = 1
    threshold: float = 0.0
    """The cut on Delta chi2 at this level, for `dof` degrees of freedom; 0 where none was asked
    for."""
    below: tuple[Interval, ...] = ()
    """Where Delta chi2 is below the threshold."""
    notes: tuple[str, ...] = ()
    """What has to be said beside these: a parameter at an end of its range, a cut never reached."""
    _evaluate: Callable[[float], float] | None = field(default=None, repr=False)

    @property
    def fit(self) -> str:
        """Whether other parameters of the signal were free."""
        return "marginal" if len(self.free) > 1 else "one-at-a-time"

    def at(self, value: float) -> float:
        """Return Delta chi2 at any value: by a fit, or between points if read from a file."""
        if self._evaluate is None:
            return float(np.interp(value, self.values, self.delta_chi2))
        return self._evaluate(value)

    def intervals(self, cut: float) -> tuple[Interval, ...]:
        """Return where Delta chi2 is below `cut`, as a union of intervals.

        An end is None where the parameter's range ends before the cut is reached. Of a profile
        that was read from a file, ends at another cut than its own lie on lines between points.
        """
        if self.below and cut == self.threshold:
            return self.below
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
            If the best fit lies at an end of the parameter's range, and that end is no zero below
            which nothing has a meaning.
        """
        if self.best_fit == self.upper_bound or (
            self.best_fit == self.lower_bound != 0.0 and not self.one_sided
        ):
            unit = f" {self.unit}" if self.unit else ""
            raise ComputationError(
                f"The best fit of {self.parameter} lies at the end of its range, "
                f"{self.best_fit:g}{unit}: chi2 falls beyond it, and there is no interval to give."
            )
        intervals, notes = self.intervals(cut), self.notes_at(cut)
        return FrequentistLimit(dof, cut, self.best_fit, self.chi2_min, intervals, notes)

    def notes_at(self, cut: float) -> tuple[str, ...]:
        """Return what has to be said beside the intervals at a cut."""
        if self.below and cut == self.threshold:
            return self.notes
        return self.at_ends + self._never_reached(self.intervals(cut))

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
            height, halfway = self.delta_chi2[place], self.at(0.5 * bound)
            unit = f" {self.unit}" if self.unit else ""
            if bound == 0.0:
                text = f"Delta chi2 is {height:.3g} at zero"
            elif height - halfway < LEVEL:
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
        return float(brentq(lambda x: self.at(x) - cut, a, b, xtol=1e-10 * scale, rtol=1e-12))

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as ``bayesnu profile --json`` prints it."""
        return {
            **plain(self, "experiments", "signal", "parameter", "unit", "latex", "fit", "free"),
            **plain(self, "fixed", "fixed_units", "level", "dof", "threshold", "best_fit"),
            **plain(self, "chi2_min", "minima"),
            "intervals": [list(interval) for interval in self.below],
            **plain(self, "notes", "values", "delta_chi2"),
        }


LEVEL = 0.05
"""A curve that rises by less over the outer half of the range has saturated."""


@dataclass(frozen=True, eq=False)
class BeamProfile:
    """A Delta chi2 profile of the effective moment of a beam."""

    beam: str
    experiments: tuple[str, ...]
    values: Array
    """Shape (points,): 1e-11 mu_B, ascending."""
    delta_chi2: Array
    chi2_min: float
    """Of the data alone, over all parameters."""
    level: float
    dof: int
    upper_limit: float | None
    """1e-11 mu_B; None if the data allow any moment of this beam."""
    point: dict[str, float]
    """All parameters at the upper limit (or at the largest value)."""
