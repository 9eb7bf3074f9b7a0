"""What a campaign repeats: a task turns an index and a stream of random numbers into one row."""

from __future__ import annotations

import hashlib
from typing import Any, Protocol

import numpy as np

from bayesnu.likelihood.likelihood import Likelihood

Row = dict[str, float]
"""Plain numbers by name; every row of a campaign has the same names."""


class Task(Protocol):
    """One fit, repeated. A task is a frozen value that can travel to another process.

    Its row depends on its own values, the index and the seed only: not on which process runs
    it, nor on what ran before.
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the row's numbers, in order."""
        ...

    def settings(self) -> dict[str, Any]:
        """Return what determines the rows, as JSON can hold it."""
        ...

    def run(self, index: int, seed: np.random.SeedSequence) -> Row:
        """Do one fit; raises ComputationError if it fails."""
        ...


def seed_of(seed: int, index: int) -> np.random.SeedSequence:
    """Return the random numbers of one index: ``SeedSequence(seed).spawn(...)[index]``.

    Each index has a stream of its own, so that order and number of processes do not matter.
    """
    return np.random.SeedSequence(seed, spawn_key=(index,))


def digest(likelihood: Likelihood) -> str:
    """Return a hash of everything in a likelihood that changes a fit: numbers, names, priors."""
    found = hashlib.sha256()
    for parameter in likelihood.parameters:
        found.update(repr(parameter).encode())
    for array in (likelihood.factors, likelihood.templates, likelihood.observed, likelihood.sigma):
        found.update(str(array.shape).encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:16]


def described(likelihood: Likelihood) -> dict[str, Any]:
    """Return what a likelihood is, for the settings of a campaign."""
    experiments = likelihood.provenance.get("experiments", {})
    return {
        "experiments": dict(experiments) if isinstance(experiments, dict) else {},
        "signal": str(likelihood.provenance.get("signal", "")),
        "priors": {p.name: p.prior.words(p.name) for p in likelihood.parameters},
        "likelihood": digest(likelihood),
    }
