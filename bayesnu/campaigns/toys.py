"""Pseudo-experiments: data simulated at chosen true values, and what a fit says about them.

The nuisances of a toy are at their best fit to the real data, given the true value. What
constrains them is measured anew in every toy, as the counts are: the centres of the pulls are
drawn around the true nuisances with their widths (the unconditional ensemble; G. Cowan et al.,
Eur. Phys. J. C 71 (2011) 1554, section 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from scipy.optimize import brentq

from bayesnu.campaigns.refit import Refit, credible_interval, refit
from bayesnu.campaigns.task import Row, described
from bayesnu.errors import ComputationError, InputError
from bayesnu.inference.minimise import Minimum, minimise
from bayesnu.inference.profile import Profiler, profile
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.threshold import threshold
from bayesnu.types import Array

Method = Literal["test", "profile", "posterior", "both"]

PROFILE = ("best_fit", "chi2_min", "delta_chi2")
INTERVAL = ("lower", "upper")
CREDIBLE = ("credible_lower", "credible_upper", "credible_covers", "r_hat", "divergences")


@dataclass(frozen=True, eq=False)
class ToyTask:
    """Simulate data at one of several true values of a parameter, and fit them.

    Attributes
    ----------
    likelihood : Likelihood
    parameter : str
    truths : tuple of float
        Toy number i is drawn at ``truths[i % len(truths)]``.
    points : ndarray, shape (truths, parameters)
        All parameters at each true value.
    level : float
        Of the Delta chi2 cut (1 dof) and the credible limit.
    method : {"test", "profile", "posterior", "both"}
        What is computed: Delta chi2 at the truth; also the interval; the credible limit; all.
    refit : Refit
        How the posterior is sampled.
    """

    likelihood: Likelihood
    parameter: str
    truths: tuple[float, ...]
    points: Array
    level: float = 0.9
    method: Method = "profile"
    refit: Refit = field(default_factory=Refit)

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
        toy = simulate(self.likelihood, self.points[number], np.random.default_rng(data))
        row: Row = {"truth": truth}
        if self.method != "posterior":
            cut = threshold(self.level, 1) if self.method != "test" else None
            row |= frequentist(toy, self.parameter, truth, self.points[number], cut)
        if self.method in ("posterior", "both"):
            found = refit(toy, self.refit, int(sampling.generate_state(1)[0]))
            place = toy.index(self.parameter)
            intervals = credible_interval(found, toy.parameters[place], place, self.level)
            row["credible_lower"] = intervals[0][0]
            row["credible_upper"] = intervals[-1][1]
            row["credible_covers"] = float(any(a <= truth <= b for a, b in intervals))
            row["r_hat"], row["divergences"] = found.r_hat, float(found.divergences)
        return row


def toy_task(
    likelihood: Likelihood,
    parameter: str,
    truths: Sequence[float],
    *,
    level: float = 0.9,
    method: Method = "profile",
    settings: Refit | None = None,
) -> ToyTask:
    """Return the task of toys at true values, with the nuisances fitted at each.

    Raises
    ------
    InputError
        If a true value is out of the parameter's range, or there is none.
    ComputationError
        If the nuisances cannot be fitted.
    """
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
        likelihood,
        parameter,
        tuple(map(float, truths)),
        points,
        level,
        method,
        settings or Refit(),
    )


def simulate(likelihood: Likelihood, point: Array, rng: np.random.Generator) -> Likelihood:
    """Return the likelihood of a toy: counts and centres of pulls drawn at a point."""
    counts = likelihood.simulate(point, rng)
    centres = point + rng.normal(size=len(point)) * np.where(
        likelihood.weight > 0.0, 1.0 / np.sqrt(np.maximum(likelihood.weight, 1e-300)), 0.0
    )
    parameters = tuple(
        replace(p, prior=replace(p.prior, centre=float(centre))) if p.prior.is_gaussian else p
        for p, centre in zip(likelihood.parameters, centres, strict=True)
    )
    return replace(likelihood, parameters=parameters, observed=counts)


def frequentist(
    toy: Likelihood, parameter: str, truth: float, point: Array, cut: float | None
) -> Row:
    """Return best fit, Delta chi2 at the truth and, with a cut, the interval below it.

    Parameters
    ----------
    toy : Likelihood
    parameter : str
    truth : float
    point : ndarray, shape (parameters,)
        Where the toy was drawn: a start for the fits.
    cut : float or None

    Returns
    -------
    dict
        An end of the interval that the parameter's range cuts off is infinite.
    """
    profiler = Profiler(toy, [parameter])
    index = profiler.indices[0]
    at_truth = _held_fit(toy, point, profiler)
    best = _best(toy, profiler, at_truth)
    row = {
        "best_fit": float(best.x[index]),
        "chi2_min": best.chi2,
        "delta_chi2": max(at_truth.chi2 - best.chi2, 0.0),
    }
    if cut is not None:
        row["lower"], row["upper"] = _interval(toy, profiler, best, cut)
    return row


def _is_square(toy: Likelihood, profiler: Profiler) -> bool:
    """Whether the only signal parameter is a size that enters as its square: chi2 has one
    minimum in that square and the nuisances, and only rises away from it."""
    index = profiler.indices[0]
    powers = set((toy.factors == index).sum(axis=1).tolist())
    return toy.parameters[index].one_sided and not len(profiler.others) and powers <= {0, 2}


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
    index, free = profiler.indices[0], np.zeros_like(profiler.held)
    if _is_square(toy, profiler):
        # Zero is a stationary point, so the free fit starts away from it.
        inner, zero = at_truth.x.copy(), at_truth.x.copy()
        inner[index] = max(inner[index], 0.5 * profiler.scales[index])
        zero[index] = toy.low[index]
        fits = [minimise(toy, inner, free), minimise(toy, zero, profiler.held), at_truth]
    else:
        fits = [profiler.everywhere(), minimise(toy, at_truth.x, free), at_truth]
    best = min(fits, key=lambda fit: fit.chi2)
    if not best.converged:
        raise ComputationError("The fit of a toy did not converge.")
    return best


def _interval(
    toy: Likelihood, profiler: Profiler, best: Minimum, cut: float
) -> tuple[float, float]:
    """Return the outermost ends of where Delta chi2 is below the cut."""
    index = profiler.indices[0]
    meta = toy.parameters[index]
    if not _is_square(toy, profiler):
        intervals = profile(toy, meta.name, cut=cut).intervals(cut)
        low, high = intervals[0][0], intervals[-1][1]
        return (-np.inf if low is None else low, np.inf if high is None else high)

    def above(value: float) -> float:
        return profiler.at(float(value), thorough=False).chi2 - best.chi2 - cut

    start, limit = float(best.x[index]), float(toy.high[index])
    step = float(profiler.scales[index])
    end = min(start + step, limit)
    while above(end) < 0.0:
        if end >= limit:
            return 0.0, np.inf
        start, end = end, min(end + step, limit)
        step *= 2.0
    upper = float(brentq(above, start, end, xtol=1e-6 * end, rtol=1e-9))
    lowest = float(toy.low[index])
    if float(best.x[index]) <= lowest or above(lowest) <= 0.0:
        return lowest, upper
    lower = brentq(above, lowest, float(best.x[index]), xtol=1e-6 * end, rtol=1e-9)
    return float(lower), upper
