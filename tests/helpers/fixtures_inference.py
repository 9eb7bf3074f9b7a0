"""Likelihoods and sampled runs that several tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from monte_carlo import settings

from bayesnu.experiments.loading import load
from bayesnu.inference.posterior import sample
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.model.build import build_likelihood
from bayesnu.physics.signals import signal_by_tag

TAGS = {"mu": "magnetic-moment", "q_": "millicharge", "r2": "charge-radius"}


def likelihood_of(experiment: str, *free: str, prior: str = "flat") -> Likelihood:
    """Return the likelihood of an experiment; `free` may be "all charges" or "all radii"."""
    if free[0].startswith("all"):
        tag = {"all charges": "millicharge", "all radii": "charge-radius"}[free[0]]
    else:
        tag = TAGS[free[0][:2]]
    signal = signal_by_tag(tag, "electron-recoil")
    names = signal.elementary() if free[0].startswith("all") else free
    return build_likelihood([load(experiment)], signal, names, prior=prior)


@pytest.fixture(scope="session")
def likelihoods() -> Callable[..., Likelihood]:
    return likelihood_of


@pytest.fixture(scope="session")
def default_run():
    """Return a function that samples with the default settings, once for each likelihood."""
    known = {}

    def run(experiment: str, *free: str, prior: str = "flat"):
        key = (experiment, *free, prior)
        if key not in known:
            likelihood = likelihood_of(experiment, *free, prior=prior)
            known[key] = likelihood, sample(likelihood, settings())
        return known[key]

    return run
