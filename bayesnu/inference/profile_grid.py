"""Where a profile is computed: past the cut on both sides, and around every other minimum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bayesnu.errors import ComputationError
from bayesnu.inference.minimise import Minimum, minimise
from bayesnu.types import Array

if TYPE_CHECKING:
    from bayesnu.inference.profile import Profiler


GRID = 41
"""Points over the whole of a profile."""

AROUND = 21
"""Points around every minimum, where there are several."""

WALK = 0.15 * 1.3 ** np.arange(25.0)
"""Steps of the search for other minima beyond the cut, in widths of what is below it: out to
eighty widths, at distances that grow by less than a mirror solution is wide."""

REACH = 2.2
"""The grid goes on until Delta chi2 is this many times the cut."""

THOROUGH = 4
"""Every so many points of a grid are fitted from many starts, the others from neighbours."""


@dataclass(frozen=True)
class _Search:
    profiler: Profiler
    index: int
    target: float
    step: float

    @property
    def low(self) -> float:
        return float(self.profiler.likelihood.low[self.index])

    @property
    def high(self) -> float:
        return float(self.profiler.likelihood.high[self.index])

    def far(self, centre: float, sign: float) -> float:
        """Return a value on one side of `centre` at which chi2 is above the target."""
        end = self.high if sign > 0 else self.low
        step = self.step
        while True:
            value = centre + sign * step
            if (value - end) * sign >= 0:
                return end
            if self.profiler.at(value).chi2 > self.target:
                return value
            step *= 1.6

    def beyond(self, start: float, sign: float, width: float) -> list[Minimum]:
        """Walk outwards and return the minima below the target that lie there.

        Wherever chi2 goes down and up again, all parameters are fitted.
        """
        end = self.high if sign > 0 else self.low
        values = start + sign * width * WALK
        values = np.append(start, values[(values > self.low) & (values < self.high)])
        if (start - end) * sign < 0 and len(values) <= len(WALK):
            values = np.append(values, end)
        fits: list[Minimum] = []
        for number, value in enumerate(values):
            try:
                fits.append(self.profiler.at(float(value), thorough=number % THOROUGH == 0))
            except ComputationError:
                break  # too far out for the fit of the nuisances
        height = np.array([np.inf, *(fit.chi2 for fit in fits), np.inf])
        lows = (height[1:-1] < height[:-2]) & (height[1:-1] <= height[2:])
        lows[:1] = False
        nothing = np.zeros_like(self.profiler.held)
        found = [
            minimise(self.profiler.likelihood, fits[place].x, nothing)
            for place in np.flatnonzero(lows)
        ]
        return [fit for fit in found if fit.converged and fit.chi2 < self.target]


def adaptive_grid(profiler: Profiler, best: Minimum, cut: float, step: float) -> Array:
    """Return values of the parameter, ascending, at which to compute a profile.

    Parameters
    ----------
    profiler : Profiler
        Of one parameter. It is told of the minima that are found.
    best : Minimum
        The lowest one known.
    cut : float
        Delta chi2 that has to be reached on both sides, with room to spare.
    step : float
        A change of the parameter that changes chi2 little.
    """
    index = profiler.indices[0]
    search = _Search(profiler, index, best.chi2 + REACH * cut, step)
    centre = float(best.x[index])
    left, right = search.far(centre, -1.0), search.far(centre, 1.0)
    regions = [(left, right)]
    for start, sign in ((left, -1.0), (right, 1.0)):
        for other in search.beyond(start, sign, right - left):
            place = float(other.x[index])
            profiler.remember((place,), other)
            if not any(a < place < b for a, b in regions):
                regions.append((search.far(place, -1.0), search.far(place, 1.0)))
    left, right = min(a for a, _ in regions), max(b for _, b in regions)
    margin = (right - left) / (GRID - 1)
    grid = np.linspace(max(search.low, left - margin), min(search.high, right + margin), GRID)
    if len(regions) > 1:
        grid = np.concatenate([grid, *(np.linspace(a, b, AROUND) for a, b in regions)])
    return np.unique(grid)
