"""A posterior under another prior than that it was drawn with: the same draws, weighed anew.

Of one parameter the density under a prior is that under another one times their ratio, exactly; of
several, draws are weighted points. What weights cost is the effective sample size, which decides
as always whether a limit can be quoted.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bayesnu.inference.convergence import quality_of
from bayesnu.inference.credible import (
    ACCURACY,
    Credible,
    Stated,
    credible,
    credible_from_draws,
    density_of,
)
from bayesnu.inference.density import Density
from bayesnu.inference.point_density import from_points
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.other_priors import OtherPrior
from bayesnu.likelihood.priors import Prior
from bayesnu.results.draws import Sampled
from bayesnu.results.limit import ESS_LIMIT, CredibleLimit
from bayesnu.types import Array

SPARE = 1.5
"""Where fewer draws than so many times the limit are left, more are made."""

STEP = 0.02
"""Over this share of a range the power is found with which a prior goes on beyond its end."""


def limit_under(
    other: OtherPrior,
    likelihood: Likelihood,
    sampled: Sampled,
    name: str,
    level: float | Stated,
    *,
    best: float | None = None,
) -> tuple[Sampled, CredibleLimit]:
    """Return draws under a prior, of draws with flat ones, and the credible limit.

    Parameters
    ----------
    best : float, optional
        As of `credible_from_draws`.
    """
    parameter = likelihood.parameters[likelihood.index(name)]
    stated = Stated.of(level)
    drawn = credible_from_draws(sampled, likelihood.names, parameter, stated, likelihood, best)
    draws = sampled.draws[..., likelihood.index(name)]
    if other.parameters == (name,):
        before = density_of(sampled, likelihood.names, parameter, likelihood)
        ratio = _ratio(before.values[:, None], other)
        density = times(before, ratio, other)
        weights = np.interp(draws, before.values, ratio)
    else:
        columns = [likelihood.index(own) for own in other.parameters]
        weights = _ratio(sampled.draws[..., columns], other)
        share = weights.sum() ** 2 / (weights**2).sum() / weights.size
        effective = share * quality_of(draws[..., None]).ess_bulk
        density = from_points(draws, parameter.prior, weights, effective)
    found: Credible = credible(density, parameter.one_sided, stated.level, stated.kind)
    again = resampled(sampled, weights)
    quality = quality_of(again.draws)
    own = again.draws[..., likelihood.index(name)]
    ess = min(quality.ess_bulk, quality.ess_tail)
    prior = parameter.prior
    accuracy_needs = found.draws_needed(stated.accuracy or ACCURACY)
    return again, replace(
        drawn,
        prior=f"{other.words} on [{prior.low:g}, {prior.high:g}]",
        intervals=found.intervals,
        intervals_error=found.errors,
        bounded=found.bounded,
        times_more=max(accuracy_needs, SPARE * ESS_LIMIT / max(ess, 1.0)),
        mean=float(own.mean()),
        sd=float(own.std()),
        ess_bulk=quality.ess_bulk,
        ess_tail=quality.ess_tail,
        converged=drawn.converged and ess > ESS_LIMIT,
        method=f"{drawn.method} under flat priors, weighed by this one",
        notes=found.notes,
    )


def _ratio(values: Array, other: OtherPrior) -> Array:
    """Return a prior over a flat one, the highest being one."""
    log = other.log_density(values)
    return np.asarray(np.exp(log - log.max()))


def times(density: Density, ratio: Array, other: OtherPrior) -> Density:
    """Return a density under a flat prior times another prior, given on its grid."""
    height = density.density * ratio
    norm = float(np.trapezoid(height, density.smooth))
    noise = density.noise * ratio / norm
    height = height / norm
    # Errors change the shape, not the integral, which is one.
    noise = noise - np.outer(np.trapezoid(noise, density.smooth, axis=-1), height)
    prior = None if density.prior is None else _beyond(density.prior, other)
    return replace(density, density=height, noise=noise, prior=prior)


def _beyond(prior: Prior, other: OtherPrior) -> Prior | None:
    """Return the power of the parameter with which a prior goes on beyond the range's upper end."""
    if not np.isfinite(prior.high) or prior.high <= 0.0:
        return None
    ends = np.array([[(1.0 - STEP) * prior.high], [prior.high]])
    below, at = other.log_density(ends)
    power = float((at - below) / -np.log1p(-STEP))
    return replace(prior, power=power) if np.isfinite(power) else None


def resampled(sampled: Sampled, weights: Array) -> Sampled:
    """Return as many draws of each chain, chosen by their weights, in their order."""
    chains, length = weights.shape
    draws = np.empty_like(sampled.draws)
    statistics = {key: np.empty_like(values) for key, values in sampled.statistics.items()}
    for chain in range(chains):
        below = np.cumsum(weights[chain]) / weights[chain].sum()
        rows = np.minimum(np.searchsorted(below, (np.arange(length) + 0.5) / length), length - 1)
        draws[chain] = sampled.draws[chain, rows]
        for key, values in sampled.statistics.items():
            statistics[key][chain] = values[chain, rows]
    modes = tuple(
        replace(mode, weight=float((statistics["mode"] == number).mean()))
        for number, mode in enumerate(sampled.modes)
    )
    return replace(sampled, draws=draws, statistics=statistics, modes=modes)
