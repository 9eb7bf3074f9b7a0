"""Sample the same posterior again and again: no DataTree, chains one after the other."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.errors import ComputationError, InputError, Interrupted
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.limit import DIVERGENCE_LIMIT
from bayesnu.types import Array

if TYPE_CHECKING:
    from bayesnu.inference.density import Density
    from bayesnu.results.draws import Sampled


TARGET_ACCEPT = 0.8
"""Larger steps than a single fit takes: a quarter fewer evaluations of the likelihood."""

REPEAT_R_HAT = 1.05
"""Above, a refit is repeated with smaller steps. The limit of a single fit, 1.01, is exceeded by
chance in one of ten good runs of this length."""


@dataclass(frozen=True)
class Refit:
    """How the posterior of a refit is sampled."""

    draws: int = 500
    tune: int = 300
    chains: int = 4

    def __post_init__(self) -> None:
        for key, lowest in (("draws", 10), ("tune", 50), ("chains", 2)):
            if getattr(self, key) < lowest:
                raise InputError(
                    "refit", key, found=getattr(self, key), expected=f"at least {lowest}"
                )
        Settings(draws=self.draws, tune=self.tune, chains=self.chains)  # not too many, either

    def settings(self) -> dict[str, Any]:
        """Return the settings as JSON can hold them."""
        return {"refit": {**asdict(self), "target_accept": TARGET_ACCEPT, "r_hat": REPEAT_R_HAT}}


@dataclass(frozen=True)
class Refitted:
    """Draws of a refit and what they are worth."""

    sampled: Sampled
    r_hat: float
    """The worst of all parameters, split chains; of a posterior of several modes, the worst mode's.
    """
    divergences: int
    modes: int

    @property
    def draws(self) -> Array:
        """Shape (chains, draws, parameters)."""
        return self.sampled.draws


def refit(likelihood: Likelihood, how: Refit, seed: int) -> Refitted:
    """Draw from a posterior."""
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
        kept = slice(thin - 1, None, thin)
        statistics = {key: values[:, kept] for key, values in again.sampled.statistics.items()}
        thinned = replace(again.sampled, draws=again.draws[:, kept], statistics=statistics)
        found = replace(again, sampled=thinned)
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
        sampled=sampled,
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


def density_of_refit(found: Refitted, likelihood: Likelihood, name: str) -> Density:
    """Return the posterior density of a parameter, from which a single fit's limit comes too."""
    from bayesnu.inference.credible import density_of

    parameter = likelihood.parameters[likelihood.index(name)]
    return density_of(found.sampled, likelihood.names, parameter, likelihood)


def credible_interval(
    found: Refitted, likelihood: Likelihood, name: str, level: float
) -> tuple[tuple[float, float], ...]:
    """Return the credible statement that is printed as intervals with numbers at both ends."""
    from bayesnu.inference.credible import credible

    parameter = likelihood.parameters[likelihood.index(name)]
    low, high = parameter.prior.low, parameter.prior.high
    stated = credible(density_of_refit(found, likelihood, name), parameter.one_sided, level)
    return tuple(
        (float(low if a is None else a), float(high if b is None else b))
        for a, b in stated.intervals
    )
