"""Delta chi2 profiles as plain values, computed, saved and drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import brentq

from bayesnu.types import Array, Floats, Interval, SavedArray


@dataclass(frozen=True, eq=False)
class Profile:
    """A Delta chi2 profile: all other parameters are at their best for each value.

    Attributes
    ----------
    values, delta_chi2 : ndarray, shape (points,)
        Ascending.
    minima : tuple of float
        All local minima that were found, best first.
    best_point : dict of str to float
        All parameters at the global minimum; empty where it was read from a file.
    lower_bound, upper_bound : float
        Where the parameter's range ends.
    free : tuple of str
        All signal parameters that were fitted.
    threshold : float
        The cut on Delta chi2 at this level, for `dof` degrees of freedom; 0 where none was asked
        for.
    below : tuple of Interval
        Where Delta chi2 is below the threshold.
    """

    parameter: str
    unit: str
    values: SavedArray
    delta_chi2: SavedArray
    best_fit: float
    chi2_min: float
    minima: Floats = ()
    best_point: dict[str, float] = field(default_factory=dict)
    one_sided: bool = False
    lower_bound: float = -np.inf
    upper_bound: float = np.inf
    latex: str = ""
    experiments: tuple[str, ...] = ()
    signal: str = ""
    free: tuple[str, ...] = ()
    level: float = 0.9
    dof: int = 1
    threshold: float = 0.0
    below: tuple[Interval, ...] = ()
    _evaluate: Callable[[float], float] | None = field(default=None, repr=False)

    @property
    def fit(self) -> str:
        """Whether other parameters of the signal were free."""
        return "marginal" if len(self.free) > 1 else "one-at-a-time"

    @property
    def label(self) -> str:
        """The experiments."""
        return " + ".join(self.experiments)

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

    def _edge(self, inside: int, outside: int, cut: float) -> float | None:
        if not 0 <= outside < len(self.values):
            return None
        a, b = self.values[inside], self.values[outside]
        if self.delta_chi2[inside] == cut:
            return float(a)
        scale = max(abs(a), abs(b), 1e-12)
        return float(brentq(lambda x: self._above(x) - cut, a, b, xtol=1e-10 * scale, rtol=1e-12))

    def _above(self, value: float) -> float:
        if self._evaluate is not None:
            return self._evaluate(value)
        return float(np.interp(value, self.values, self.delta_chi2))

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as ``bayesnu profile --json`` prints it."""
        return {
            "experiments": list(self.experiments),
            "signal": self.signal,
            "parameter": self.parameter,
            "unit": self.unit,
            "latex": self.latex,
            "fit": self.fit,
            "free": list(self.free),
            "level": self.level,
            "dof": self.dof,
            "threshold": self.threshold,
            "best_fit": self.best_fit,
            "chi2_min": self.chi2_min,
            "minima": list(self.minima),
            "intervals": [list(interval) for interval in self.below],
            "values": self.values.tolist(),
            "delta_chi2": self.delta_chi2.tolist(),
        }


@dataclass(frozen=True, eq=False)
class BeamProfile:
    """A Delta chi2 profile of the effective moment of a beam.

    Attributes
    ----------
    values, delta_chi2 : ndarray, shape (points,)
        1e-11 mu_B, ascending.
    chi2_min : float
        Of the data alone, over all parameters.
    upper_limit : float or None
        1e-11 mu_B; None if the data allow any moment of this beam.
    point : dict of str to float
        All parameters at the upper limit (or at the largest value).
    """

    beam: str
    experiments: tuple[str, ...]
    values: Array
    delta_chi2: Array
    chi2_min: float
    level: float
    dof: int
    upper_limit: float | None
    point: dict[str, float]
