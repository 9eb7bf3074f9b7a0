"""A sampler is an entry of one table: choices, results and citations follow from it."""

from pathlib import Path

import numpy as np
import pytest
from monte_carlo import assert_within, mean_error, settings, stochastic
from toy_likelihoods import linear_gaussian, linear_solution

from bayesnu.analyses.bibliography import bibliography, by_name
from bayesnu.analyses.limit import limit_run
from bayesnu.cli import build_parser
from bayesnu.errors import InputError
from bayesnu.inference.posterior import sample
from bayesnu.inference.samplers import SAMPLERS
from bayesnu.inference.samplers.sampler import Drawn
from bayesnu.likelihood.priors import Prior


class Metropolis:
    """A random walk, in steps of the size by which starting points differ."""

    name = "walk"
    words = "a random walk"
    method = "Metropolis"
    library = "numpy"
    software: tuple[str, ...] = ("numpy",)

    def draw(self, density, start, settings, *, progress=None, snapshot=None):
        """Draw; see `Sampler.draw`."""
        function, thin = density.function(), 20
        width = np.std([start(settings.seed + k) for k in range(30)], axis=0)
        chains = []
        for chain in range(settings.chains):
            rng = np.random.default_rng([settings.seed, chain])
            u, kept = start(settings.seed + chain), []
            value = function(u)[0]
            for step in range(thin * (settings.tune + settings.draws)):
                proposed = u + width * rng.normal(size=u.size)
                risen = function(proposed)[0]
                if np.log(rng.uniform()) < risen - value:
                    u, value = proposed, risen
                if step >= thin * settings.tune and step % thin == 0:
                    kept.append(u)
            chains.append(kept)
        return Drawn(np.array(chains), {})


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(SAMPLERS, "walk", Metropolis())
    return "walk"


@stochastic
def test_a_sampler_of_ones_own_draws_the_posterior(walk):
    likelihood = linear_gaussian()
    best, _, _ = linear_solution(likelihood)
    tree = sample(likelihood, settings(draws=500, tune=50, backend=walk, retries=0))
    for index, name in enumerate(likelihood.names):
        draws = tree["posterior"][name].values
        assert_within(draws.mean(), best[index], mean_error(draws))
    assert tree.attrs["inference_library"] == "numpy"
    assert int(tree["sample_stats"]["diverging"].sum()) == 0


def test_what_is_said_of_a_sampler_in_a_result_comes_from_it(walk):
    how = settings(draws=10, tune=50, chains=2, backend=walk, retries=0)
    found = limit_run(
        ["xenonnt-2022-er"], "magnetic-moment", "mu_eff", method="posterior", settings=how
    )
    assert found.limit.made["numpy"] == np.__version__ and "nutpie" not in found.limit.made
    assert found.limit.bayesian.method == "Metropolis"
    cited = bibliography(found.experiments, found.signal, backend=walk)
    assert "nutpie" not in {entry.key for entry in cited.groups["software"]}


def test_the_command_line_offers_the_samplers_of_the_table(walk, capsys):
    words = ["limit", "e", "--signal", "s", "--parameter", "p", "--backend"]
    assert build_parser("limit").parse_args([*words, walk]).backend == walk
    with pytest.raises(SystemExit):
        build_parser("limit").parse_args([*words, "gibbs"])
    assert "'kernel', 'pymc', 'pymc-nuts', 'numpyro', 'walk'" in capsys.readouterr().err


def test_an_unknown_sampler_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"backend: found gibbs.*kernel, pymc"):
        sample(linear_gaussian(), settings(backend="gibbs"))


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
def test_a_sampler_says_what_it_is(sampler):
    assert SAMPLERS[sampler.name] is sampler
    assert sampler.words and sampler.method
    assert all(by_name(key) for key in sampler.software)
    page = (Path(__file__).parents[2] / "docs/run-file.md").read_text(encoding="utf-8")
    assert f"`{sampler.name}`" in page.partition("`backend`")[2].partition("`[output]`")[0]


def test_a_sampler_whose_library_is_missing_is_refused_with_what_installs_it(monkeypatch):
    import bayesnu.inference.samplers.pymc as module

    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"numpyro without numpyro.*pip install bayesnu\[jax\]"):
        sample(linear_gaussian(), settings(backend="numpyro"))


@stochastic
@pytest.mark.parametrize("backend", ["pymc-nuts", "numpyro"])
def test_other_samplers_of_the_pymc_model_draw_the_same_posterior(backend):
    pytest.importorskip(SAMPLERS[backend].library)
    likelihood = linear_gaussian()
    # NumPyro's adaptation masters no range of 10^7 times the width of the posterior.
    for name in ("a", "b"):
        likelihood = likelihood.with_prior(name, Prior(low=-100.0, high=100.0))
    best, _, _ = linear_solution(likelihood)
    how = settings(draws=500, tune=300, chains=2, cores=1, backend=backend, retries=0)
    tree = sample(likelihood, how)
    for index, name in enumerate(likelihood.names):
        draws = tree["posterior"][name].values
        assert_within(draws.mean(), best[index], mean_error(draws))
    assert tree.attrs["inference_library"] == SAMPLERS[backend].library
