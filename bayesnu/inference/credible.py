"""Credible limits and convergence diagnostics from draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bayesnu.inference.convergence import worst_r_hat_and_ess
from bayesnu.inference.datatree import sampled_of
from bayesnu.inference.density import marginal_density
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.results.draws import Sampled
from bayesnu.results.limit import DIVERGENCE_LIMIT, ESS_LIMIT, R_HAT_LIMIT, CredibleLimit
from bayesnu.types import Array, Interval

if TYPE_CHECKING:
    import xarray as xr


def credible_limit(
    tree: xr.DataTree, parameter: Parameter, level: float, likelihood: Likelihood | None = None
) -> CredibleLimit:
    """Return the credible limit on a parameter from a saved posterior.

    Parameters
    ----------
    tree : DataTree
        As `bayesnu.sample` returns.
    parameter : Parameter
        A one-sided one gets the quantile at `level` as an upper limit, another one the
        highest-density region, which may be a union of intervals.
    level : float
    likelihood : Likelihood, optional
        The one that was sampled. With it the limit comes from the density that the draws of
        all other parameters give (`bayesnu.inference.density`), with a fifth of the Monte Carlo
        error and no bandwidth; without it from the draws themselves.
    """
    names = likelihood.names if likelihood else tuple(map(str, tree["posterior"].data_vars))
    return credible_from_draws(sampled_of(tree, names), names, parameter, level, likelihood)


def credible_from_draws(
    sampled: Sampled,
    names: tuple[str, ...],
    parameter: Parameter,
    level: float,
    likelihood: Likelihood | None = None,
) -> CredibleLimit:
    """Return the credible limit on a parameter from draws of all `names`; see `credible_limit`."""
    draws = sampled.draws[..., names.index(parameter.name)]
    modes = sampled.modes
    method = "NUTS"
    if modes:
        r_hat = max(mode.r_hat for mode in modes)
        ess = min(mode.ess_bulk for mode in modes)
        divergences = sum(mode.divergences for mode in modes)
        weights = ", ".join(f"{mode.weight:.3f}" for mode in modes)
        method = f"NUTS in each of {len(modes)} modes, weights {weights} by bridge sampling"
    else:
        r_hat, ess = worst_r_hat_and_ess(sampled.draws)
        divergences = int(sampled.statistics["diverging"].sum())
    intervals: tuple[Interval, ...]
    if likelihood is not None:
        density = marginal_density(likelihood, sampled.draws, parameter.name)
        one_sided = parameter.one_sided
        intervals = ((None, density.quantile(level)),) if one_sided else density.highest(level)
    elif parameter.one_sided:
        intervals = ((None, float(np.quantile(draws, level))),)
    else:
        intervals = highest_density(draws.ravel(), level, max(1, len(modes)))
    return CredibleLimit(
        prior=parameter.prior.describe(parameter.name),
        kind="upper" if parameter.one_sided else "highest-density",
        intervals=intervals,
        mean=float(draws.mean()),
        sd=float(draws.std()),
        r_hat=r_hat,
        ess_bulk=ess,
        divergences=divergences,
        draws=int(draws.size),
        converged=bool(
            r_hat < R_HAT_LIMIT and ess > ESS_LIMIT and divergences <= DIVERGENCE_LIMIT * draws.size
        ),
        method=method,
    )


def highest_density(draws: Array, level: float, modes: int = 1) -> tuple[Interval, ...]:
    """Return the highest-density region of draws, a union of intervals if `modes` > 1.

    One mode: the shortest interval that holds `level` of the draws. Several: the level set of
    a kernel density estimate (ArviZ).
    """
    import arviz_stats
    import xarray as xr

    data = xr.DataArray(draws, dims="sample")
    if modes == 1:
        low, high = arviz_stats.hdi(data, prob=level, dim="sample").values
        return ((float(low), float(high)),)
    found = arviz_stats.hdi(data, prob=level, dim="sample", method="multimodal").values
    return tuple((float(a), float(b)) for a, b in np.atleast_2d(found) if np.isfinite(a))
