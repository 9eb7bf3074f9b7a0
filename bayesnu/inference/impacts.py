"""Impacts: how a limit moves when a nuisance does, and what is left when it is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from bayesnu.inference.minima import find_minima
from bayesnu.inference.minimise import Minimum, derivatives, minimise
from bayesnu.inference.profile import profile
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.impacts import GROUPS, Known, NuisanceImpact
from bayesnu.types import Array, Interval, Progress

CLOSE = 1e-6
"""Closer to an end of its range than this share of its width, a parameter lies there."""

STEPS = 40
"""Of bisection: until a width is known to 1e-12 of the range."""

CORRELATED = 0.3
MOST_PAIRS = 12


def covariance_at(likelihood: Likelihood, best: Minimum) -> Array:
    """Return the covariance at a minimum; zero for parameters at an end of their range."""
    hessian = derivatives(likelihood, best.x)[2]
    inside = np.array([not _at_end(likelihood, best.x, i) for i in range(len(best.x))])
    covariance = np.zeros_like(hessian)
    free = np.ix_(inside, inside)
    # chi2 = x^T C^-1 x
    covariance[free] = 2.0 * np.linalg.pinv(hessian[free], hermitian=True)
    return covariance


def nuisance_impacts(
    likelihood: Likelihood, parameter: str, cut: float, progress: Progress | None = None
) -> list[NuisanceImpact]:
    """Return all nuisances of a likelihood, the one with the largest impact first.

    Impacts on a size are changes of the upper end of its interval; on other parameters those of
    the best fit.
    """
    best = find_minima(likelihood)[0]
    covariance = covariance_at(likelihood, best)
    interest = likelihood.index(parameter)
    size = likelihood.parameters[interest].one_sided
    nominal = interval_of(likelihood, parameter, cut)[1] if size else float(best.x[interest])
    found = []
    for i, p in enumerate(likelihood.parameters):
        if p.role == "signal":
            continue
        if progress is not None:
            progress(i / len(likelihood.parameters), f"impact of {p.name}")
        fit = float(best.x[i])
        error = _error(likelihood, best, i, float(covariance[i, i]))
        moved = []
        for t in (1.0, -1.0):
            value = float(np.clip(fit + t * error, likelihood.low[i], likelihood.high[i]))
            held = likelihood.with_fixed({p.name: value})
            at = (
                interval_of(held, parameter, cut)[1]
                if size
                else _nearest(held, parameter, np.delete(best.x, i))
            )
            moved.append(None if at is None or nominal is None else at - nominal)
        both = covariance[i, i] * covariance[interest, interest]
        found.append(
            NuisanceImpact(
                name=p.name,
                group=GROUPS[p.role],
                prior=p.prior.words(p.name),
                prior_value=p.prior.centre if p.prior.has_pull else None,
                prior_error=p.prior.sigma if p.prior.has_pull else None,
                fit=fit,
                error=error,
                impact_up=moved[0],
                impact_down=moved[1],
                correlation=float(covariance[i, interest] / np.sqrt(both)) if both > 0 else None,
            )
        )
    return sorted(found, key=lambda n: -n.impact)


def known_groups(
    likelihood: Likelihood, parameter: str, cut: float, nuisances: Iterable[NuisanceImpact]
) -> list[Known]:
    """Return the interval with each group of nuisances, and all, held at their best fit."""
    nuisances = list(nuisances)
    nominal = interval_of(likelihood, parameter, cut)
    groups = list(dict.fromkeys(n.group for n in nuisances))
    found = []
    for group in (*groups, "all"):
        values = {n.name: n.fit for n in nuisances if group in (n.group, "all")}
        interval = interval_of(likelihood.with_fixed(values), parameter, cut)
        low = float(likelihood.low[likelihood.index(parameter)])
        before, after = _width(nominal, low), _width(interval, low)
        change = None if before is None or after is None else after / before - 1.0
        found.append(Known(group, interval, change))
    return found


def correlated_pairs(likelihood: Likelihood) -> list[tuple[str, str, float]]:
    """Return pairs of parameters that the best fit correlates, the largest first."""
    covariance = covariance_at(likelihood, find_minima(likelihood)[0])
    sigma = np.sqrt(np.diag(covariance))
    scale = np.outer(sigma, sigma)
    matrix = np.divide(covariance, scale, out=np.zeros_like(scale), where=scale > 0.0)
    pairs = [
        (likelihood.names[i], likelihood.names[j], float(matrix[i, j]))
        for i in range(len(sigma))
        for j in range(i)
        if abs(matrix[i, j]) > CORRELATED
    ]
    return sorted(pairs, key=lambda pair: -abs(pair[2]))[:MOST_PAIRS]


def effects(
    likelihood: Likelihood, parameter: str, cut: float, nuisances: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """Return shares by which the upper end changes with a nuisance held at two values, not fitted.

    The others are fitted; the reference has all these nuisances held at their expectation.
    """
    held = {name: float(likelihood.start[likelihood.index(name)]) for name in nuisances}

    def end(values: Mapping[str, float]) -> float:
        found = interval_of(likelihood.with_fixed({**held, **values}), parameter, cut)[1]
        return np.nan if found is None else found

    nominal = end({})
    return {
        name: (end({name: a}) / nominal - 1.0, end({name: b}) / nominal - 1.0)
        for name, (a, b) in nuisances.items()
    }


def interval_of(likelihood: Likelihood, parameter: str, cut: float) -> Interval:
    """Return the piece of the Delta chi2 interval that holds the best fit."""
    found = profile(likelihood, parameter, cut=cut)
    pieces = found.intervals(cut)
    for low, high in pieces:
        above = low is None or low <= found.best_fit
        if above and (high is None or found.best_fit <= high):
            return (low, high)
    return pieces[-1]


def _width(interval: Interval, low: float) -> float | None:
    """Return the width of an interval; of a limit, its distance from the end of the range."""
    start, end = interval
    return None if end is None else end - (low if start is None else start)


def _nearest(likelihood: Likelihood, parameter: str, start: Array) -> float:
    """Return the best value next to where the fit was: not that of a mirror solution."""
    nothing = np.zeros(len(start), dtype=bool)
    return float(minimise(likelihood, start, nothing).x[likelihood.index(parameter)])


def _at_end(likelihood: Likelihood, x: Array, index: int) -> bool:
    low, high = likelihood.low[index], likelihood.high[index]
    close = CLOSE * (high - low if np.isfinite(high - low) else 1.0)
    return bool(x[index] - low < close or high - x[index] < close)


def _error(likelihood: Likelihood, best: Minimum, index: int, variance: float) -> float:
    """Return the width after the fit; at an end of the range, how far chi2 stays within one."""
    if variance > 0.0:
        return float(np.sqrt(variance))
    low, high = float(likelihood.low[index]), float(likelihood.high[index])
    x, held = best.x.copy(), np.zeros(len(best.x), dtype=bool)
    held[index] = True
    at_low = x[index] - low < high - x[index]
    end = float(x[index])
    far = high if at_low else low
    if not np.isfinite(far):
        far = end + (1.0 if at_low else -1.0) * max(10.0 * abs(end), 10.0)
    near = end
    for _ in range(STEPS):
        middle = 0.5 * (near + far)
        x[index] = middle
        if minimise(likelihood, x, held).chi2 - best.chi2 < 1.0:
            near = middle
        else:
            far = middle
    return abs(near - end)
