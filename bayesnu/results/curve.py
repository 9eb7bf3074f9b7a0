"""A Delta chi2 profile as plain values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scipy.optimize import brentq

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
