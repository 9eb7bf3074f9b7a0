"""Sample the same posterior again and again: no DataTree, chains one after the other."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.errors import ComputationError, InputError, Interrupted
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.results.limit import DIVERGENCE_LIMIT
from bayesnu.types import Array

if TYPE_CHECKING:
    from bayesnu.inference.settings import Settings


TARGET_ACCEPT = 0.8
"""Larger steps than a single fit takes: a quarter fewer evaluations of the likelihood."""

REPEAT_R_HAT = 1.05
"""Above, a refit is repeated with smaller steps. The limit of a single fit, 1.01, is exceeded by
chance in one of ten good runs of this length."""


@dataclass(frozen=True)
class Refit:
    """How the posterior of a refit is sampled.

    Attributes
    ----------
    draws, tune, chains : int
    """

    draws: int = 500
    tune: int = 300
    chains: int = 4

    def __post_init__(self) -> None:
        for key, lowest in (("draws", 10), ("tune", 50), ("chains", 2)):
            if getattr(self, key) < lowest:
                raise InputError(
                    "refit", key, found=getattr(self, key), expected=f"at least {lowest}"
                )

    def settings(self) -> dict[str, Any]:
        """Return the settings as JSON can hold them."""
        return {"refit": {**asdict(self), "target_accept": TARGET_ACCEPT, "r_hat": REPEAT_R_HAT}}


@dataclass(frozen=True)
class Refitted:
    """Draws of a refit and what they are worth.

    Attributes
    ----------
    draws : ndarray, shape (chains, draws, parameters)
    r_hat : float
        The worst of all parameters, split chains; of a posterior of several modes, the worst
        mode's.
    divergences : int
    modes : int
    """

    draws: Array
    r_hat: float
    divergences: int
    modes: int


def refit(likelihood: Likelihood, how: Refit, seed: int) -> Refitted:
    """Draw from a posterior.

    Raises
    ------
    ComputationError
        If the sampler fails, or (`Interrupted`) was interrupted.
    """
    from bayesnu.inference.settings import Settings, harder

    settings = Settings(
        draws=how.draws,
        tune=how.tune,
        chains=how.chains,
        cores=1,
        seed=seed,
        target_accept=TARGET_ACCEPT,
        retries=0,
    )
    found = _drawn(likelihood, settings)
    if (
        found.r_hat > REPEAT_R_HAT
        or found.divergences > DIVERGENCE_LIMIT * found.draws[..., 0].size
    ):
        again = _drawn(likelihood, harder(settings))
        thin = again.draws.shape[1] // how.draws
        found = replace(again, draws=again.draws[:, thin - 1 :: thin])
    return found


def _drawn(likelihood: Likelihood, settings: Settings) -> Refitted:
    """Draw once."""
    from bayesnu.inference.posterior import draw_posterior

    sampled = draw_posterior(likelihood, settings)
    if not sampled.complete:
        raise Interrupted("Interrupted while sampling.")
    if not np.isfinite(sampled.draws).all():
        raise ComputationError("The sampler left the range of numbers.")
    return Refitted(
        draws=sampled.draws,
        r_hat=max((m.r_hat for m in sampled.modes), default=split_r_hat(sampled.draws)),
        divergences=int(sampled.statistics["diverging"].sum()),
        modes=max(1, len(sampled.modes)),
    )


def split_r_hat(draws: Array) -> float:
    """Return the worst split R-hat of all parameters (Gelman et al., BDA3, section 11.4).

    Parameters
    ----------
    draws : ndarray, shape (chains, draws, parameters)
    """
    half = draws.shape[1] // 2
    split = np.concatenate([draws[:, :half], draws[:, half : 2 * half]])
    within = split.var(axis=1, ddof=1).mean(axis=0)
    between = split.mean(axis=1).var(axis=0, ddof=1)
    ratio = between / np.where(within > 0.0, within, 1.0)
    return float(np.sqrt((half - 1.0) / half + ratio).max())


def credible_interval(
    found: Refitted, parameter: Parameter, index: int, level: float
) -> tuple[tuple[float, float], ...]:
    """Return the credible statement of one parameter as intervals with numbers at both ends."""
    from bayesnu.inference.credible import highest_density

    draws = found.draws[..., index].ravel()
    if parameter.one_sided:
        return ((float(parameter.prior.low), float(np.quantile(draws, level))),)
    intervals = highest_density(draws, level, found.modes)
    return tuple((float(a), float(b)) for a, b in intervals if a is not None and b is not None)
