"""Fits with some parameters held: what profiles, contours and the search for minima stand on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesnu.errors import ComputationError
from bayesnu.inference.minimise import Minimum, best_angles, minimise
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

FAINT = 0.2
"""Share of a norm at which fits start that look for a signal hidden by a low efficiency."""


class Profiler:
    """Fits all parameters but a few that are held; remembers solutions as starting points.

    Parameters
    ----------
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
        fits = self.fits(values, thorough)
        best = min(fits, key=lambda fit: (not fit.converged, fit.chi2))
        if not best.converged:
            names = [self.likelihood.names[index] for index in self.indices]
            where = ", ".join(f"{n} = {v:g}" for n, v in zip(names, values, strict=True))
            raise ComputationError(f"The fit at {where} did not converge.")
        self._solutions[values] = best
        return best

    def fits(self, values: tuple[float, ...], thorough: bool = True) -> list[Minimum]:
        """Return the fits from all starts, as of `at`: they may have found several solutions."""
        starts = self._starts(values, thorough)
        return [minimise(self.likelihood, start, self.held) for start in starts]

    def improve(self, values: tuple[float, ...], neighbours: Sequence[tuple[float, ...]]) -> None:
        """Fit again from the solutions of neighbours; keep the better fit."""
        if self.convex:
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

    def remember_better(self, values: tuple[float, ...], fit: Minimum) -> None:
        """Take a fit that was found elsewhere, unless a better one is known."""
        known = self._solutions.get(values)
        if known is None or fit.chi2 < known.chi2:
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
        if self.convex:
            return starts[1:2] or starts
        if not thorough and len(starts) > 1:
            return starts
        if not len(self.others):
            return [*starts, *self._faint(starts[0])]
        for sign in (-1.0, 1.0):
            for size in (0.3, 2.0):
                point = starts[-1].copy()
                point[self.others] = sign * size * self.scales[self.others]
                starts.append(point)
        return [best_angles(self.likelihood, point, self.held) for point in starts]

    def _faint(self, base: Array) -> list[Array]:
        """Return a start at which the norms that multiply other nuisances are small.

        A large signal can be hidden by a small efficiency: another branch of the fit.
        """
        point = base.copy()
        norms = [
            i
            for i, p in enumerate(self.likelihood.parameters)
            if p.role == "response" and p.prior.low == 0.0
        ]
        point[norms] *= FAINT
        return [point] if norms else []

    @cached_property
    def convex(self) -> bool:
        """Whether chi2 has one minimum while the parameters are held.

        It has where the counts are linear in all others: no term holds two of them, or a bend.
        """
        if self.likelihood.has_bends:
            return False
        free = np.append(~self.held, False)
        return not len(self.others) and bool((free[self._padded].sum(axis=1) <= 1).all())

    @property
    def _padded(self) -> NDArray[np.int64]:
        return np.minimum(self.likelihood.factors, len(self.held))

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


def lows(heights: Sequence[float] | Array) -> NDArray[np.intp]:
    """Return the places at which a row of numbers has a low, its ends included."""
    padded = np.concatenate([[np.inf], heights, [np.inf]])
    return np.flatnonzero((padded[1:-1] < padded[:-2]) & (padded[1:-1] <= padded[2:]))


def by_chi2(fit: Minimum) -> float:
    """Return chi2, to sort by."""
    return fit.chi2
