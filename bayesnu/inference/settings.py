"""How to sample."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bayesnu.errors import InputError

LOWEST = (("draws", 4), ("tune", 50), ("chains", 1), ("cores", 1), ("retries", 0))

HARDER, HARDER_TARGET_ACCEPT = 4, 0.99
"""What a second attempt does: more draws, smaller steps."""


@dataclass(frozen=True)
class Settings:
    """How to sample.

    Attributes
    ----------
    draws, tune : int
        Draws kept and discarded in each chain.
    chains, cores : int
    seed : int
    target_accept : float
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
        if not 0.5 <= self.target_accept < 1.0:
            raise InputError(
                "sampling", "target_accept", found=self.target_accept, expected="in [0.5, 1)"
            )


def harder(settings: Settings) -> Settings:
    """Return settings for a posterior that the given ones did not master."""
    return replace(
        settings,
        draws=HARDER * settings.draws,
        tune=2 * settings.tune,
        target_accept=max(settings.target_accept, HARDER_TARGET_ACCEPT),
    )
