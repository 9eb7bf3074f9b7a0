"""Small likelihoods and tasks, in a module that worker processes can import."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bayesnu.campaigns.task import Row
from bayesnu.likelihood.bins import Bins
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.likelihood.priors import flat, gaussian


def counting(background: float = 400.0, signal: float = 40.0, sigma: float = 0.05) -> Likelihood:
    """A moment-like size that enters squared, over a background that a pull constrains."""
    bins = 6
    falling = np.exp(-np.arange(bins) / 1.5)
    templates = np.array([signal * falling / falling.sum(), np.full(bins, background / bins)])
    return Likelihood(
        parameters=(
            Parameter("size", "signal", flat(0.0, 4.0), "", "s", one_sided=True),
            Parameter("norm", "background", gaussian(1.0, sigma, low=0.0)),
        ),
        factors=np.array([[0, 0], [1, 2]]),
        templates=templates,
        labels=(("counting", "solar_nu"), ("counting", "background")),
        observed=np.round(templates[1]),
        sigma=np.zeros(bins),
        stack=(Bins("counting", slice(0, bins), np.arange(bins + 1.0)),),
        provenance={"experiments": {"counting": "0"}, "signal": "size"},
    )


def charge(background: float = 400.0) -> Likelihood:
    """A parameter of either sign that enters linearly and squared: two solutions."""
    bins = 6
    falling = np.exp(-np.arange(bins) / 1.5)
    falling /= falling.sum()
    templates = np.array([30.0 * falling, 15.0 * falling, np.full(bins, background / bins)])
    return Likelihood(
        parameters=(
            Parameter("charge", "signal", flat(-6.0, 4.0), "", "q"),
            Parameter("norm", "background", gaussian(1.0, 0.05, low=0.0)),
        ),
        factors=np.array([[0, 2], [0, 0], [1, 2]]),
        templates=templates,
        labels=(("counting", "solar_nu"), ("counting", "solar_nu"), ("counting", "background")),
        observed=np.round(templates[2]),
        sigma=np.zeros(bins),
        stack=(Bins("counting", slice(0, bins), np.arange(bins + 1.0)),),
        provenance={"experiments": {"counting": "0"}, "signal": "charge"},
    )


@dataclass(frozen=True)
class Numbers:
    """A task without physics: random numbers, after a moment of waiting.

    Attributes
    ----------
    seconds : float
        What a fit takes.
    fatal : str
        A file; if it does not exist, fit number 5 makes it and kills its own process. With
        ``always`` every fit does.
    """

    seconds: float = 0.0
    fatal: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the row's numbers."""
        return ("first", "second")

    def settings(self) -> dict[str, Any]:
        """Return what determines the rows; how long they take does not."""
        return {"what": "numbers"}

    def run(self, index: int, seed: np.random.SeedSequence) -> Row:
        """Return two random numbers."""
        time.sleep(self.seconds)
        if self.fatal == "always":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fatal and index == 5 and not Path(self.fatal).exists():
            Path(self.fatal).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        first, second = np.random.default_rng(seed).normal(size=2)
        return {"first": float(first), "second": float(second)}
