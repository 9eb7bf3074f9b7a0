"""A posterior with new data in a running process, 4 chains of 500 draws, beside nutpie."""

import numpy as np
import pytest

from bayesnu.campaigns.refit import Refit, refit
from bayesnu.campaigns.simulation import simulate
from bayesnu.likelihood.pymc_model import template_model
from benchmarks.cases import EXPERIMENT, PARAMETER, real

ROUNDS = 11


@pytest.fixture(scope="module")
def toys():
    """Simulated data sets, as likelihoods."""
    likelihood, rng = real(), np.random.default_rng(1)
    point = likelihood.point({PARAMETER: 0.3})
    return [simulate(likelihood, point, rng) for _ in range(ROUNDS + 1)]


def test_refit(benchmark, toys):
    todo = iter(toys)
    found = benchmark.pedantic(
        refit, setup=lambda: ((next(todo), Refit(), 1), {}), rounds=ROUNDS, warmup_rounds=1
    )
    assert found.draws.shape[:2] == (4, 500)


@pytest.mark.filterwarnings("ignore")  # of packages that bayesnu's commands do not use so
def test_nutpie_with_new_data(benchmark, toys):
    """The same model compiled once by nutpie, its data exchanged."""
    import nutpie

    compiled = nutpie.compile_pymc_model(template_model(toys[0]))
    name = "data_" + EXPERIMENT.replace("-", "_")
    todo = iter(toys)

    def again(likelihood):
        changed = compiled.with_data(**{name: likelihood.observed})
        return nutpie.sample(
            changed, draws=500, tune=300, chains=4, cores=1, seed=1, progress_bar=False
        )

    benchmark.pedantic(again, setup=lambda: ((next(todo),), {}), rounds=ROUNDS, warmup_rounds=1)
