"""What the default settings promise: convergence, agreement, the same draws again."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from monte_carlo import (
    SIGMAS,
    assert_within,
    effective_draws,
    mean_error,
    sd_error,
    seed,
    settings,
    share_error,
    stochastic,
)
from toy_likelihoods import polynomial, signal

from bayesnu.inference.convergence import r_hat_and_ess
from bayesnu.inference.credible import credible_limit
from bayesnu.inference.diagnostics import diagnose
from bayesnu.inference.posterior import sample
from bayesnu.inference.profile import profile
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.priors import Prior
from bayesnu.likelihood.threshold import threshold

CUT = threshold(0.9, 1)


def quality(tree):
    draws = np.stack([value.values for value in tree["posterior"].data_vars.values()], axis=-1)
    table = r_hat_and_ess(draws)
    divergences = int(tree["sample_stats"]["diverging"].values.sum())
    return table[:, 0].max(), table[:, 1].min(), divergences


@stochastic
def test_the_effective_moment_converges_with_default_settings(default_run):
    _, tree = default_run("xenonnt-2022-er", "mu_eff")
    r_hat, ess, divergences = quality(tree)
    assert r_hat < 1.01
    assert ess > 1000
    assert divergences == 0
    assert diagnose(tree).fine


@stochastic
@pytest.mark.parametrize("free", ["all charges", "all radii"])
def test_fits_of_all_parameters_converge(default_run, free):
    _, tree = default_run("xenonnt-2022-er", free)
    r_hat, ess, divergences = quality(tree)
    assert r_hat < 1.01
    assert ess > 400
    assert divergences == 0


@stochastic
@pytest.mark.parametrize("experiment", ["xenonnt-2022-er", "lz-2022-er"])
def test_posterior_and_profile_limits_agree_within_a_quarter(default_run, experiment):
    likelihood, tree = default_run(experiment, "mu_eff")
    ((_, upper),) = profile(likelihood, "mu_eff").intervals(CUT)
    limit = credible_limit(tree, likelihood.parameters[0], 0.9, likelihood)
    assert limit.intervals[0][1] == pytest.approx(upper, rel=0.25)


@stochastic
@pytest.mark.parametrize("prior", ["flat-squared", "log"])
def test_the_other_priors_converge_too(default_run, prior):
    """A log-uniform prior meets the likelihood as a steep wall in ln x."""
    likelihood, tree = default_run("xenonnt-2022-er", "mu_eff", prior=prior)
    r_hat, ess, divergences = quality(tree)
    assert r_hat < 1.01
    assert ess > 400
    assert divergences == 0
    assert (tree["posterior"]["mu_eff"].values >= likelihood.low[0]).all()


@stochastic
def test_priors_order_their_limits(default_run):
    """Flat in the square favours large values, flat in the logarithm small ones."""
    uppers = []
    for prior in ("log", "flat", "flat-squared"):
        likelihood, tree = default_run("xenonnt-2022-er", "mu_eff", prior=prior)
        limit = credible_limit(tree, likelihood.parameters[0], 0.9, likelihood)
        uppers.append(limit.intervals[0][1])
    assert uppers == sorted(uppers)


@stochastic
def test_a_limit_under_a_log_prior_is_that_of_the_integral():
    """One Gaussian bin that sees the square: the posterior is known."""
    prior = Prior(low=0.01, high=100.0, power=-1.0)
    likelihood = polynomial([signal("s", prior, True)], {("s", "s"): [4.0]}, [1.0], [1.0])
    tree = sample(likelihood, settings())
    t = np.linspace(np.log(0.01), np.log(5.0), 20_001)
    density = np.exp(-0.5 * (4.0 * np.exp(2 * t) - 1.0) ** 2)
    cumulative = np.cumsum(density) / density.sum()
    limit = credible_limit(tree, likelihood.parameters[0], 0.9, likelihood)
    # Without nuisances the conditional density is the posterior: what is left is its grid.
    expected = np.exp(np.interp(0.9, cumulative, t))
    assert limit.intervals[0][1] == pytest.approx(expected, rel=0.01)
    inside = tree["posterior"]["s"].values < expected
    assert share_error(inside) < 0.015
    assert_within(inside.mean(), 0.9, share_error(inside))


SHORT = Settings(draws=100, tune=100, chains=2, seed=seed(11))


def test_the_same_seed_gives_the_same_draws_and_another_one_others(likelihoods):
    likelihood = likelihoods("lz-2022-er", "mu_eff")
    once, again, on_one_core, other = (
        sample(likelihood, settings)["posterior"].to_dataset()
        for settings in (
            SHORT,
            SHORT,
            Settings(draws=100, tune=100, chains=2, seed=seed(11), cores=1),
            Settings(draws=100, tune=100, chains=2, seed=seed(12)),
        )
    )
    for name in likelihood.names:
        np.testing.assert_array_equal(once[name], again[name])
        np.testing.assert_array_equal(once[name], on_one_core[name])
        assert not np.array_equal(once[name], other[name])


def test_two_modes_are_reproducible_as_well(likelihoods):
    likelihood = likelihoods("xenonnt-2022-er@khan-2022", "r2_ee")
    once, again = (sample(likelihood, SHORT)["posterior"].to_dataset() for _ in range(2))
    np.testing.assert_array_equal(once["r2_ee"], again["r2_ee"])


PYMC_RUN = """
import sys
import numpy as np
from fixtures_inference import likelihood_of
from test_defaults import with_two_nuisances
from bayesnu.inference.posterior import sample
from monte_carlo import settings

likelihood = with_two_nuisances(likelihood_of)
tree = sample(likelihood, settings(draws=500, tune=300, chains=2, backend="pymc"))
np.save(sys.argv[1], [tree["posterior"][name].values for name in likelihood.names])
"""


def with_two_nuisances(likelihoods):
    """Return a likelihood whose graph is small, so that numba compiles it in seconds."""
    likelihood = likelihoods("lz-2022-er", "mu_eff")
    kept = ("mu_eff", "background_beta_det_lz_2022_er", "background_Ar37_lz_2022_er")
    return likelihood.with_fixed({name: 1.0 for name in likelihood.names if name not in kept})


@stochastic
def test_sampling_the_pymc_model_gives_the_same_posterior(likelihoods, tmp_path):
    """The sampler sees another function, compiled from the graph of the model."""
    # In a process of its own, whose numba compiles without optimising: in half the time.
    here = Path(__file__).parent
    paths = os.pathsep.join([str(here), *filter(None, sys.path)])
    environment = {**os.environ, "NUMBA_OPT": "0", "PYTHONPATH": paths}
    path = tmp_path / "draws.npy"
    command = [sys.executable, "-c", PYMC_RUN, str(path)]
    subprocess.run(command, env=environment, check=True, cwd=tmp_path)
    likelihood = with_two_nuisances(likelihoods)
    tree = sample(likelihood, settings())
    for name, theirs in zip(likelihood.names, np.load(path), strict=True):
        ours = tree["posterior"][name].values
        assert_within(ours.mean(), theirs.mean(), np.hypot(mean_error(ours), mean_error(theirs)))
        assert_within(ours.std(), theirs.std(), np.hypot(sd_error(ours), sd_error(theirs)))


@stochastic
def test_logistic_maps_hold_probability_at_both_ends():
    """A flat posterior on an interval: the data say nothing."""
    likelihood = polynomial([signal("s", Prior(low=0.0, high=1.0, power=1.0))], {("s",): [0.0]},
                            [0.0], [1.0])  # fmt: skip
    tree = sample(likelihood, settings())
    draws = np.sort(tree["posterior"]["s"].values.ravel())
    # p(s) = 2 s: the cumulative distribution is s^2. Kolmogorov's distance of N effective draws
    # has a standard deviation of 0.26 / sqrt(N) around 0.87 / sqrt(N).
    ess = effective_draws(tree["posterior"]["s"].values)
    share = (np.arange(len(draws)) + 0.5) / len(draws)
    assert np.abs(draws**2 - share).max() < (0.87 + 0.26 * SIGMAS) / np.sqrt(ess)
