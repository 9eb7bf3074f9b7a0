"""The ends of an interval by iminuit's MINOS, from several starting points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesnu.likelihood.likelihood import Likelihood
from benchmarks.sweep.fit import bounds
from benchmarks.sweep.scan import Interval, size_of

Array = NDArray[np.float64]

SIZES = (0.3, 3.0, 30.0)


def is_even(likelihood: Likelihood, index: int) -> bool:
    """Return whether only the size of a parameter matters."""
    x = np.repeat(likelihood.start[None, :], 2, axis=0)
    x[0, index] = size_of(likelihood, index, 3.0)
    x[1, index] = -x[0, index]
    one, other = likelihood.chi2(x)
    return bool(abs(one - other) < 1e-9 * max(1.0, abs(one)))


class Minos:
    """Minuit on a likelihood; its minimum is the best of several.

    Attributes
    ----------
    chi2 : float
    value : float
        Of the parameter, at the minimum.
    """

    def __init__(self, likelihood: Likelihood, parameter: str) -> None:
        from iminuit import Minuit

        self.parameter, self.index = parameter, likelihood.index(parameter)
        low, high = bounds(likelihood)
        self.even = low[self.index] >= 0.0 and is_even(likelihood, self.index)
        if self.even:
            low[self.index] = -high[self.index]
        size = size_of(likelihood, self.index, 3.0)
        best = None
        for start in [1e-3, *SIZES, *(-s for s in SIZES)]:
            value = start * size
            if not low[self.index] <= value <= high[self.index] or (self.even and start < 0):
                continue
            point = np.clip(likelihood.start + 1e-3, low, high)
            point[self.index] = value
            minuit = Minuit(lambda x: float(likelihood.chi2(x)), point, name=list(likelihood.names))
            minuit.errordef = Minuit.LEAST_SQUARES
            for name, a, b in zip(likelihood.names, low, high, strict=True):
                minuit.limits[name] = (None if np.isinf(a) else a, None if np.isinf(b) else b)
            minuit.fixed[parameter] = True
            minuit.migrad()
            minuit.fixed[parameter] = False
            minuit.migrad()
            if minuit.valid and (best is None or minuit.fval < best.fval - 1e-6):
                best = minuit
        self.minuit = best

    @property
    def valid(self) -> bool:
        """Whether there is a valid minimum."""
        return self.minuit is not None

    @property
    def best(self) -> tuple[float, float]:
        """The parameter at the minimum (its size, if only that matters), and chi2."""
        value = float(self.minuit.values[self.parameter])
        return abs(value) if self.even else value, float(self.minuit.fval)

    @property
    def point(self) -> Array:
        """All parameters at the minimum, inside their ranges."""
        found = np.array(self.minuit.values)
        if self.even:
            found[self.index] = abs(found[self.index])
        return found

    def interval(self, level: float) -> Interval | None:
        """Return the ends around the minimum; None where MINOS finds none."""
        low, high = self.minuit.limits[self.parameter]
        value = float(self.minuit.values[self.parameter])
        if not self.even and min(value - low, high - value) < 1e-6 * (high - low):
            return None
        try:
            self.minuit.minos(self.parameter, cl=level)
        except RuntimeError:
            return None
        error = self.minuit.merrors[self.parameter]
        lower = value + error.lower if error.lower_valid else None
        upper = value + error.upper if error.upper_valid else None
        if not self.even:
            return lower, upper
        if value < 0:
            lower, upper = (None if e is None else -e for e in (upper, lower))
        return (lower if lower is not None and lower > 0 else None), upper
