"""How to sample."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bayesnu.errors import InputError

LOWEST = (("draws", 4), ("tune", 50), ("chains", 1), ("cores", 1), ("retries", 0))

HIGHEST = (("draws", 10**6), ("tune", 10**6), ("chains", 256), ("cores", 1024))

MOST_DRAWS = 10**6
"""Of all chains: a posterior with forty nuisances is then a third of a gigabyte, and its limit is
known to a thousandth; memory for ten times more is not there, and NumPy ends the process."""

HARDER, HARDER_TARGET_ACCEPT = 4, 0.99
"""What a second attempt does: more draws, smaller steps."""

CAREFUL, CAREFUL_TARGET_ACCEPT = 4, 0.98
"""What the first attempt does where small steps are known to be needed: draws for each that is
kept, and smaller steps."""


@dataclass(frozen=True)
class Settings:
    """How to sample.

    Attributes
    ----------
    draws, tune : int
        Draws kept and discarded in each chain.
    backend : str
        A name in `bayesnu.inference.samplers.SAMPLERS`.
    retries : int
        How often a run that has not converged is repeated with smaller steps and `HARDER` times
        the draws, of which every fourth is kept.
    """

    draws: int = 1000
    tune: int = 500
    chains: int = 4
    cores: int = 4
    seed: int = 1
    target_accept: float = 0.9
    backend: str = "kernel"
    retries: int = 2

    def __post_init__(self) -> None:
        for key, lowest in LOWEST:
            if getattr(self, key) < lowest:
                raise InputError(
                    "sampling", key, found=getattr(self, key), expected=f"at least {lowest}"
                )
        for key, highest in HIGHEST:
            if getattr(self, key) > highest:
                raise InputError(
                    "sampling", key, found=getattr(self, key), expected=f"at most {highest}"
                )
        if self.draws * self.chains > MOST_DRAWS:
            raise InputError(
                "sampling",
                "draws",
                found=f"{self.draws} in each of {self.chains} chains",
                expected=f"at most {MOST_DRAWS} in all",
            )
        if not 0.5 <= self.target_accept < 1.0:
            raise InputError(
                "sampling", "target_accept", found=self.target_accept, expected="in [0.5, 1)"
            )


def more_draws(settings: Settings, times: int) -> Settings:
    """Return settings with so many times the draws, if there may be so many."""
    more = times * settings.draws
    return replace(settings, draws=more) if more * settings.chains <= MOST_DRAWS else settings


def careful(settings: Settings) -> Settings:
    """Return settings for a posterior that is thinner in some places than it usually is."""
    return replace(
        settings,
        tune=min(3 * settings.tune, dict(HIGHEST)["tune"]),
        target_accept=max(settings.target_accept, CAREFUL_TARGET_ACCEPT),
    )


def harder(settings: Settings) -> Settings:
    """Return settings for a posterior that the given ones did not master."""
    return replace(
        more_draws(settings, HARDER),
        tune=min(2 * settings.tune, dict(HIGHEST)["tune"]),
        target_accept=max(settings.target_accept, HARDER_TARGET_ACCEPT),
    )
