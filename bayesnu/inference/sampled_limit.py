"""A credible limit from a likelihood: draw, and draw more where the limit is not accurate."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from bayesnu.errors import Interrupted
from bayesnu.inference.credible import Stated, credible_from_draws
from bayesnu.inference.posterior import draw_posterior
from bayesnu.inference.reweighted import limit_under
from bayesnu.inference.settings import MOST_DRAWS, Settings
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.other_priors import OtherPrior
from bayesnu.results.draws import Sampled
from bayesnu.results.limit import CredibleLimit
from bayesnu.types import Progress

MOST = 8
"""A limit that is not accurate is drawn again with up to so many times the draws."""

ROUNDS = 4
"""So often, at most, where an accuracy is asked for: how many draws it needs is itself a guess."""


def sampled_limit(
    likelihood: Likelihood,
    name: str,
    level: float | Stated,
    settings: Settings,
    *,
    best: float | None = None,
    other: OtherPrior | None = None,
    progress: Progress | None = None,
) -> tuple[Sampled, CredibleLimit]:
    """Return draws and the credible limit that they give.

    Where an end's Monte Carlo error is above `bayesnu.inference.credible.ACCURACY` of the interval,
    or a piece of the region may be noise or not, the posterior is drawn once more, with as many
    draws as should be enough, up to `MOST` times those asked for; where an accuracy is asked for,
    again until it is met, up to `bayesnu.inference.settings.MOST_DRAWS` in all. If that is not
    enough, the limit says so.

    Parameters
    ----------
    best : float, optional
        The smallest chi2 that is known; see `credible_from_draws`.
    other : OtherPrior, optional
        By which draws and limit are weighed.
    """
    parameter = likelihood.parameters[likelihood.index(name)]
    stated = Stated.of(level)

    def limit_of(sampled: Sampled) -> tuple[Sampled, CredibleLimit]:
        if other is not None:
            sampled, found = limit_under(other, likelihood, sampled, name, stated, best=best)
        else:
            names = likelihood.names
            found = credible_from_draws(sampled, names, parameter, stated, likelihood, best)
        return sampled, found if sampled.complete else _interrupted(found)

    sampled, found = limit_of(draw_posterior(likelihood, settings, progress=progress))
    most = MOST_DRAWS // (settings.draws * settings.chains)
    asked = stated.accuracy is not None
    times, rounds = 1, ROUNDS if asked else 1
    for _ in range(rounds):
        # Weights may leave too few draws: that is what more of them mend.
        hopeless = not found.converged and other is None
        if found.times_more <= 1.0 or hopeless or not sampled.complete:
            break
        wanted = min(ceil(1.2 * times * found.times_more), most if asked else min(MOST, most))
        if wanted <= times:
            break
        times = wanted
        more = draw_posterior(
            likelihood, replace(settings, draws=times * settings.draws), progress=progress
        )
        if not more.complete:
            return replace(sampled, complete=False), _interrupted(found)
        sampled, found = limit_of(more)
    return sampled, found


def _interrupted(found: CredibleLimit) -> CredibleLimit:
    """Return what fewer draws than were asked for say, marked as that."""
    return replace(found, converged=False, interrupted=True)


def whole_limit(
    likelihood: Likelihood,
    name: str,
    level: float,
    settings: Settings,
    *,
    best: float | None = None,
    progress: Progress | None = None,
) -> CredibleLimit:
    """Return the credible limit of `sampled_limit`, from all of its draws.

    Raises
    ------
    Interrupted
        On Ctrl-C before all are drawn.
    """
    found = sampled_limit(likelihood, name, level, settings, best=best, progress=progress)[1]
    if found.interrupted:
        raise Interrupted("Interrupted while sampling.")
    return found
