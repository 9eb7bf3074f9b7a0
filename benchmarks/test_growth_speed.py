"""How the cost grows with bins, components, experiments and draws.

Each number of experiments is compared with the sum of that many single ones. The invented
experiments have the size of XENONnT's (84 bins, 12 terms); the real ones are five.
"""

import numpy as np
import pytest

from bayesnu.campaigns.refit import Refit, refit
from bayesnu.inference.log_posterior import log_posterior
from bayesnu.inference.profile import profile
from benchmarks.cases import ELECTRON_RECOIL, PARAMETER, copies, invented, real

BINS = [30, 100, 300, 1000, 3000]
COMPONENTS = [5, 10, 30, 100]
EXPERIMENTS = [1, 2, 5, 10]
DRAWS = [250, 500, 1000, 2000, 4000]
VALUES = np.linspace(0.0, 2.0, 41)


def evaluation(likelihood):
    """Return a call of the log-posterior with its gradient."""
    compiled = log_posterior(likelihood)
    function, point = compiled.function(), np.zeros(compiled.size)
    function(point)
    return lambda: function(point)


@pytest.mark.parametrize("bins", BINS)
def test_chi2_bins(benchmark, bins):
    benchmark(evaluation(invented(bins, 10)))


@pytest.mark.parametrize("components", COMPONENTS)
def test_chi2_components(benchmark, components):
    benchmark(evaluation(invented(300, components)))


@pytest.mark.parametrize("experiments", EXPERIMENTS)
def test_chi2_experiments(benchmark, experiments):
    benchmark(evaluation(copies(experiments)))


@pytest.mark.parametrize("experiments", EXPERIMENTS)
def test_profile_experiments(benchmark, experiments):
    likelihood = copies(experiments)
    benchmark.pedantic(
        profile, (likelihood, PARAMETER), {"values": VALUES}, rounds=3, warmup_rounds=1
    )


@pytest.mark.parametrize("experiments", EXPERIMENTS)
def test_refit_experiments(benchmark, experiments):
    likelihood = copies(experiments)
    benchmark.pedantic(refit, (likelihood, Refit(), 1), rounds=3, warmup_rounds=1)


def test_chi2_real_combined(benchmark):
    benchmark(evaluation(real(*ELECTRON_RECOIL)))


@pytest.mark.parametrize("name", ELECTRON_RECOIL)
def test_chi2_real_single(benchmark, name):
    benchmark(evaluation(real(name)))


@pytest.mark.parametrize("draws", DRAWS)
def test_refit_draws(benchmark, draws):
    likelihood = real()
    benchmark.pedantic(refit, (likelihood, Refit(draws=draws), 1), rounds=5, warmup_rounds=1)
