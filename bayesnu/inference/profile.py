"""Delta chi2 profiles of one parameter, and the intervals below a cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bayesnu.errors import ComputationError
from bayesnu.inference.minimise import Minimum, minimise
from bayesnu.inference.profile_grid import THOROUGH, adaptive_grid
from bayesnu.likelihood.angular import best_angles
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.curve import Profile
from bayesnu.types import Array, Progress


class Profiler:
    """Fits all parameters but a few that are held; remembers solutions as starting points.

    Parameters
    ----------
    likelihood : Likelihood
    parameters : sequence of str
        The parameters of interest (one for a profile, two for a contour).
    """

    def __init__(self, likelihood: Likelihood, parameters: Sequence[str]) -> None:
        self.likelihood = likelihood
        self.indices = [likelihood.index(name) for name in parameters]
        self.held = np.zeros(len(likelihood.names), dtype=bool)
        self.held[self.indices] = True
        self.others = np.array(
            [
                i
                for i, p in enumerate(likelihood.parameters)
                if p.role == "signal" and not self.held[i]
            ],
            dtype=int,
        )
        self._solutions: dict[tuple[float, ...], Minimum] = {}

    def at(self, *values: float, thorough: bool = True) -> Minimum:
        """Return the best of several fits with the parameters held at values.

        Parameters
        ----------
        *values : float
        thorough : bool
            Also start from other signals of both signs; else only from the typical point and
            the nearest solutions, whose own thorough fits then spread from point to point.

        Raises
        ------
        ComputationError
            If no fit converges.
        """
        known = self._solutions.get(values)
        if known is not None:
            return known
        starts = self._starts(values, thorough)
        fits = [minimise(self.likelihood, start, self.held) for start in starts]
        best = min(fits, key=lambda fit: (not fit.converged, fit.chi2))
        if not best.converged:
            names = [self.likelihood.names[index] for index in self.indices]
            where = ", ".join(f"{n} = {v:g}" for n, v in zip(names, values, strict=True))
            raise ComputationError(f"The fit at {where} did not converge.")
        self._solutions[values] = best
        return best

    def improve(self, values: tuple[float, ...], neighbours: Sequence[tuple[float, ...]]) -> None:
        """Fit again from the solutions of neighbours; keep the better fit."""
        if not len(self.others):
            return
        current = self.at(*values)
        for neighbour in neighbours:
            start = self.at(*neighbour).x.copy()
            start[self.indices] = values
            fit = minimise(self.likelihood, start, self.held)
            if fit.converged and fit.chi2 < current.chi2:
                self._solutions[values] = current = fit

    def remember(self, values: tuple[float, ...], fit: Minimum) -> None:
        """Take a fit that was found elsewhere as the solution at values."""
        self._solutions[values] = fit

    def _starts(self, values: tuple[float, ...], thorough: bool) -> list[Array]:
        """Return the nearest solutions, the typical point, and other signals of both signs."""
        base = self.likelihood.start.copy()
        base[self.indices] = values
        starts = [base]
        scale = self.scales[self.indices]

        known = list(self._solutions)
        if known:
            away = (np.abs(np.array(known) - values) / scale).sum(axis=1)
        for place in np.argsort(away)[:2] if known else ():
            point = self._solutions[known[place]].x.copy()
            point[self.indices] = values
            starts.append(point)
        if not len(self.others):
            # The counts are linear in the nuisances and chi2 is convex: one start is enough.
            return starts[1:2] or starts
        if not thorough and len(starts) > 1:
            return starts
        for sign in (-1.0, 1.0):
            for size in (0.3, 2.0):
                point = starts[-1].copy()
                point[self.others] = sign * size * self.scales[self.others]
                starts.append(point)
        return [best_angles(self.likelihood, point, self.held) for point in starts]

    @cached_property
    def scales(self) -> Array:
        """For each signal parameter, the size that changes chi2 by about ten, alone."""
        scale = np.ones(len(self.likelihood.names))
        for index, parameter in enumerate(self.likelihood.parameters):
            if parameter.role == "signal":
                scale[index] = signal_scale(self.likelihood, index, 10.0, self.no_signal)
        return scale

    @cached_property
    def no_signal(self) -> Array:
        """The fit of the nuisances alone, without a signal."""
        held = np.array([p.role == "signal" for p in self.likelihood.parameters])
        return minimise(self.likelihood, self.likelihood.start, held).x

    def everywhere(self) -> Minimum:
        """Return the global minimum over all parameters, from several starts."""
        return min(self.all_minima(), key=_chi2)

    def all_minima(self) -> list[Minimum]:
        """Return the minima that several starts lead to.

        Raises
        ------
        ComputationError
            If none converges.
        """
        nothing = np.zeros_like(self.held)
        starts = [self.likelihood.start]
        for index in self.indices:
            low = self.likelihood.low[index]
            for size in (0.3, 1.0, -0.3, -1.0):
                if size > 0 or low < 0:
                    start = self.likelihood.start.copy()
                    start[index] = size * self.scales[index]
                    held = np.arange(len(start)) == index
                    starts.append(minimise(self.likelihood, start, held).x)
        starts = [best_angles(self.likelihood, start, nothing) for start in starts]
        fits = [minimise(self.likelihood, start, nothing) for start in starts]
        good = [fit for fit in fits if fit.converged]
        if not good:
            raise ComputationError("No fit of all parameters converged.")
        return good


def signal_scale(likelihood: Likelihood, index: int, rise: float, start: Array) -> float:
    """Return how far a parameter goes from `start`, alone, until chi2 has risen by `rise`."""
    base = float(likelihood.chi2(start))
    size = 1e-6
    limit = float(min(max(abs(likelihood.low[index]), abs(likelihood.high[index])), 1e9))
    while size < limit:
        for sign in (1.0, -1.0):
            x = start.copy()
            x[index] += sign * size
            inside = likelihood.low[index] <= x[index] <= likelihood.high[index]
            if inside and float(likelihood.chi2(x)) > base + rise:
                return size
        size *= 1.5
    return limit


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
    best = profiler.everywhere()
    if values is not None:
        grid = np.sort(values)
    else:
        step = 1e-3 * max(signal_scale(likelihood, index, 2.0 * cut, profiler.no_signal), 1e-9)
        grid = adaptive_grid(profiler, best, cut, step)
    for number, value in enumerate(grid):
        profiler.at(float(value), thorough=number % THOROUGH == 0)
        if progress:
            progress((number + 1) / len(grid) / 1.2, "profile")
    # A second pass starts every fit from its neighbours' solutions of the first.
    for number in range(len(grid) - 1, -1, -1):
        near = [(float(grid[n]),) for n in (number - 1, number + 1) if 0 <= n < len(grid)]
        profiler.improve((float(grid[number]),), near)
        if progress:
            progress(1.0 - 0.17 * number / len(grid), "profile")
    lowest = min((profiler.at(float(v)) for v in grid), key=_chi2)
    if lowest.chi2 < best.chi2 - 1e-7:
        best = min(best, minimise(likelihood, lowest.x, np.zeros_like(profiler.held)), key=_chi2)
    if likelihood.parameters[index].one_sided and likelihood.low[index] == 0.0:
        # chi2 is flat in the square there: say zero where zero fits as well.
        at_zero = profiler.at(0.0)
        if at_zero.chi2 < best.chi2 + 1e-8:
            best = at_zero
    best_value = float(best.x[index])
    grid = np.unique(np.append(grid, best_value))
    profiler.remember((best_value,), best)
    delta = np.array([profiler.at(float(v)).chi2 for v in grid]) - best.chi2
    meta = likelihood.parameters[index]
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
        latex=meta.latex,
        experiments=likelihood.experiments,
        signal=likelihood.signal,
        free=likelihood.signals,
        _evaluate=_AboveMinimum(profiler, best.chi2),
    )


@dataclass(frozen=True, eq=False)
class _AboveMinimum:
    """Delta chi2 at any value, by a fit; can be sent to another process."""

    profiler: Profiler
    lowest: float

    def __call__(self, value: float) -> float:
        return self.profiler.at(float(value), thorough=False).chi2 - self.lowest


def _chi2(fit: Minimum) -> float:
    return fit.chi2


def _local_minima(values: Array, delta: Array) -> tuple[float, ...]:
    padded = np.concatenate([[np.inf], delta, [np.inf]])
    lowest = (padded[1:-1] < padded[:-2]) & (padded[1:-1] <= padded[2:])
    places = np.flatnonzero(lowest)
    return tuple(float(values[i]) for i in places[np.argsort(delta[places])])
