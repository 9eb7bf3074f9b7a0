"""Pseudo-experiments: data simulated at chosen true values, and what a fit says about them.

The nuisances of a toy are at their best fit to the real data, given the true value; what
constrains them is drawn around these, as `bayesnu.campaigns.simulation` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from bayesnu.campaigns.refit import Refit, credible_interval, refit
from bayesnu.campaigns.scan import Scan, scan_of
from bayesnu.campaigns.simulation import draw
from bayesnu.campaigns.task import Row, described
from bayesnu.errors import ComputationError, InputError
from bayesnu.inference.block import with_data as block_with_data
from bayesnu.inference.minima import find_minima
from bayesnu.inference.minimise import Minimum, block_of, minimise, minimise_block
from bayesnu.inference.profile import profile
from bayesnu.inference.profiler import Profiler
from bayesnu.likelihood.data import with_data
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.threshold import threshold
from bayesnu.types import Array

Method = Literal["test", "profile", "posterior", "both"]

PROFILE = ("best_fit", "chi2_min", "delta_chi2")
INTERVAL = ("lower", "upper")
CREDIBLE = ("credible_lower", "credible_upper", "credible_covers", "r_hat", "divergences")


@dataclass(frozen=True, eq=False)
class ToyTask:
    """Simulate data at one of several true values of a parameter, and fit them."""

    likelihood: Likelihood
    parameter: str
    truths: tuple[float, ...]
    """Toy number i is drawn at ``truths[i % len(truths)]``."""
    points: Array
    """Shape (truths, parameters). All parameters at each true value."""
    level: float = 0.9
    """Of the Delta chi2 cut (1 dof) and the credible limit."""
    method: Method = "profile"
    """What is computed: Delta chi2 at the truth; also the interval; the credible limit; all."""
    refit: Refit = field(default_factory=Refit)
    """How the posterior is sampled."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the row's numbers."""
        chosen: tuple[str, ...] = ("truth",)
        if self.method != "posterior":
            chosen += PROFILE
        if self.method in ("profile", "both"):
            chosen += INTERVAL
        if self.method in ("posterior", "both"):
            chosen += CREDIBLE
        return chosen

    def settings(self) -> dict[str, Any]:
        """Return what determines the rows."""
        return {
            **described(self.likelihood),
            "parameter": self.parameter,
            "truths": list(self.truths),
            "points": self.points.tolist(),
            "level": self.level,
            "method": self.method,
            **(self.refit.settings() if self.method in ("posterior", "both") else {}),
        }

    def run(self, index: int, seed: np.random.SeedSequence) -> Row:
        """Simulate and fit one toy."""
        number = index % len(self.truths)
        truth = self.truths[number]
        data, sampling = seed.spawn(2)
        point = self.points[number]
        expected = self.likelihood.expected(point)
        counts, centres = draw(self.likelihood, expected, point, np.random.default_rng(data))
        row: Row = {"truth": truth}
        if self.method != "posterior":
            cut = threshold(self.level, 1) if self.method != "test" else None
            row |= self._frequentist(counts, centres, number, cut)
        if self.method in ("posterior", "both"):
            toy = with_data(self.likelihood, counts, centres)
            found = refit(toy, self.refit, int(sampling.generate_state(1)[0]))
            intervals = credible_interval(found, toy, self.parameter, self.level)
            row["credible_lower"] = intervals[0][0]
            row["credible_upper"] = intervals[-1][1]
            row["credible_covers"] = float(any(a <= truth <= b for a, b in intervals))
            row["r_hat"], row["divergences"] = found.r_hat, float(found.divergences)
        return row

    def _frequentist(self, counts: Array, centres: Array, number: int, cut: float | None) -> Row:
        """Return best fit, Delta chi2 at the truth and, with a cut, the interval below it.

        An end of the interval that the parameter's range cuts off is infinite.
        """
        index = self.likelihood.index(self.parameter)
        point, scale = self.points[number], self._scales
        if self._is_square:
            # One search for all toys: other numbers, but no other likelihood.
            block = block_with_data(block_of(self.likelihood), centres, counts)
            low, high = float(self.likelihood.low[index]), float(self.likelihood.high[index])
            square = _Square(block, index, low, high, float(scale[index]), len(point))
            return square.row(point, cut)
        scan = self._scan(number)
        row = scan.row(counts, centres, cut) if scan else None
        return row or frequentist(
            with_data(self.likelihood, counts, centres), self.parameter, point, cut, scale
        )

    def _scan(self, number: int) -> Scan | None:
        """Return where to fit the toys drawn at a true value: found once."""
        if number not in self._scans:
            point = self.points[number]
            typical = with_data(self.likelihood, self.likelihood.expected(point), point)
            self._scans[number] = scan_of(typical, self.parameter, self.truths[number])
        return self._scans[number]

    @cached_property
    def _scans(self) -> dict[int, Scan | None]:
        return {}

    @cached_property
    def _scales(self) -> Array:
        """Sizes of the signals at which fits begin: those of the data do for every toy."""
        return Profiler(self.likelihood, [self.parameter]).scales

    @cached_property
    def _is_square(self) -> bool:
        """Whether the only signal parameter is a size that enters as its square: chi2 has one
        minimum in that square and the nuisances, and only rises away from it."""
        likelihood, index = self.likelihood, self.likelihood.index(self.parameter)
        signals = sum(parameter.role == "signal" for parameter in likelihood.parameters)
        powers = set((likelihood.factors == index).sum(axis=1).tolist())
        plain = index not in likelihood.angles
        return (
            likelihood.parameters[index].one_sided and signals == 1 and plain and powers <= {0, 2}
        )


def toy_task(
    likelihood: Likelihood,
    parameter: str,
    truths: Sequence[float],
    *,
    level: float = 0.9,
    method: Method = "profile",
    settings: Refit | None = None,
) -> ToyTask:
    """Return the task of toys at true values, with the nuisances fitted at each."""
    index = likelihood.index(parameter)
    low, high = float(likelihood.low[index]), float(likelihood.high[index])
    if not truths:
        raise InputError("toys", "truth", found="none", expected="at least one value")
    for value in truths:
        if not low <= value <= high:
            raise InputError(
                "toys", f"truth of {parameter}", found=value, expected=f"in [{low:g}, {high:g}]"
            )
    if method not in ("test", "profile", "posterior", "both"):
        raise InputError("toys", "method", found=method, expected="profile | posterior | both")
    threshold(level, 1)
    profiler = Profiler(likelihood, [parameter])
    points = np.array([profiler.at(float(value)).x for value in truths])
    return ToyTask(
        likelihood, parameter, tuple(map(float, truths)), points, level, method, settings or Refit()
    )


@dataclass(frozen=True)
class _Square:
    """The fits of one toy whose signal is the square of a size."""

    block: NDArray[np.int64]
    """The numbers of the toy."""
    index: int
    """The size."""
    low: float
    """Its range, up to `high`."""
    high: float
    scale: float
    """What would be seen."""
    count: int
    """Of parameters."""

    def row(self, point: Array, cut: float | None) -> Row:
        """Return what `ToyTask` wants to know of a toy drawn at a point."""
        at_truth = self.at(float(point[self.index]), point)
        if not at_truth.converged:
            raise ComputationError("The fit of a toy at its true value did not converge.")
        # Zero is a stationary point, so the free fit starts away from it.
        inner = at_truth.x.copy()
        inner[self.index] = max(inner[self.index], 0.5 * self.scale)
        free = minimise_block(self.block, inner, np.zeros(self.count, dtype=bool))
        best = min((free, self.at(self.low, at_truth.x), at_truth), key=_chi2)
        if not best.converged:
            raise ComputationError("The fit of a toy did not converge.")
        row = _row(best, self.index, at_truth)
        if cut is not None:
            row["lower"], row["upper"] = self.interval(best, cut)
        return row

    def at(self, value: float, near: Array) -> Minimum:
        """Return the best fit with the size held."""
        start = near.copy()
        start[self.index] = value
        return minimise_block(self.block, start, np.arange(self.count) == self.index)

    def interval(self, best: Minimum, cut: float) -> tuple[float, float]:
        """Return the ends of where Delta chi2 is below the cut."""

        def above(value: float) -> float:
            return self.at(value, best.x).chi2 - best.chi2 - cut

        start, step = float(best.x[self.index]), self.scale
        end = min(start + step, self.high)
        while above(end) < 0.0:
            if end >= self.high:
                return 0.0, np.inf
            start, end = end, min(end + step, self.high)
            step *= 2.0
        upper = float(brentq(above, start, end, xtol=1e-6 * end, rtol=1e-9))
        fitted = float(best.x[self.index])
        if fitted <= self.low or above(self.low) <= 0.0:
            return self.low, upper
        return float(brentq(above, self.low, fitted, xtol=1e-6 * end, rtol=1e-9)), upper


def frequentist(
    toy: Likelihood, parameter: str, point: Array, cut: float | None, scales: Array
) -> Row:
    """Return best fit, Delta chi2 at the truth and, with a cut, the interval below it.

    Parameters
    ----------
    point : ndarray, shape (parameters,)
        Where the toy was drawn: a start for the fits.
    scales : ndarray, shape (parameters,)
        As of `Profiler`.
    """
    profiler = Profiler(toy, [parameter])
    profiler.scales = scales
    index = profiler.indices[0]
    at_truth = _held_fit(toy, point, profiler)
    best = _best(toy, profiler, at_truth)
    row = _row(best, index, at_truth)
    if cut is not None:
        intervals = profile(toy, parameter, cut=cut).intervals(cut)
        low, high = intervals[0][0], intervals[-1][1]
        row["lower"] = -np.inf if low is None else low
        row["upper"] = np.inf if high is None else high
    return row


def _row(best: Minimum, index: int, at_truth: Minimum) -> Row:
    return {
        "best_fit": float(best.x[index]),
        "chi2_min": best.chi2,
        "delta_chi2": max(at_truth.chi2 - best.chi2, 0.0),
    }


def _chi2(fit: Minimum) -> float:
    return fit.chi2


def _held_fit(toy: Likelihood, point: Array, profiler: Profiler) -> Minimum:
    """Return the best fit at the truth, started from where the toy was drawn."""
    value = float(point[profiler.indices[0]])
    fits = [minimise(toy, point, profiler.held)]
    if len(profiler.others):
        fits.append(profiler.at(value))
    best = min(fits, key=lambda fit: (not fit.converged, fit.chi2))
    if not best.converged:
        raise ComputationError("The fit of a toy at its true value did not converge.")
    profiler.remember((value,), best)
    return best


def _best(toy: Likelihood, profiler: Profiler, at_truth: Minimum) -> Minimum:
    """Return the best fit of all parameters."""
    free = np.zeros_like(profiler.held)
    fits = [find_minima(toy)[0], minimise(toy, at_truth.x, free), at_truth]
    best = min(fits, key=_chi2)
    if not best.converged:
        raise ComputationError("The fit of a toy did not converge.")
    return best
