"""What the default settings promise: convergence, agreement, the same draws again."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
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


def test_the_effective_moment_converges_with_default_settings(default_run):
    _, tree = default_run("xenonnt-2022-er", "mu_eff")
    r_hat, ess, divergences = quality(tree)
    assert r_hat < 1.01
    assert ess > 1000
    assert divergences == 0
    assert diagnose(tree).fine


@pytest.mark.parametrize("free", ["all charges", "all radii"])
def test_fits_of_all_parameters_converge(default_run, free):
    _, tree = default_run("xenonnt-2022-er", free)
    r_hat, ess, divergences = quality(tree)
    assert r_hat < 1.01
    assert ess > 400
    assert divergences == 0


@pytest.mark.parametrize("experiment", ["xenonnt-2022-er", "lz-2022-er"])
def test_posterior_and_profile_limits_agree_within_a_quarter(default_run, experiment):
    likelihood, tree = default_run(experiment, "mu_eff")
    ((_, upper),) = profile(likelihood, "mu_eff").intervals(CUT)
    limit = credible_limit(tree, likelihood.parameters[0], 0.9, likelihood)
    assert limit.intervals[0][1] == pytest.approx(upper, rel=0.25)


@pytest.mark.parametrize("prior", ["flat-squared", "log"])
def test_the_other_priors_converge_too(default_run, prior):
    """A log-uniform prior meets the likelihood as a steep wall in ln x."""
    likelihood, tree = default_run("xenonnt-2022-er", "mu_eff", prior=prior)
    r_hat, ess, divergences = quality(tree)
    assert r_hat < 1.01
    assert ess > 400
    assert divergences == 0
    assert (tree["posterior"]["mu_eff"].values >= likelihood.low[0]).all()


def test_priors_order_their_limits(default_run):
    """Flat in the square favours large values, flat in the logarithm small ones."""
    uppers = []
    for prior in ("log", "flat", "flat-squared"):
        likelihood, tree = default_run("xenonnt-2022-er", "mu_eff", prior=prior)
        limit = credible_limit(tree, likelihood.parameters[0], 0.9, likelihood)
        uppers.append(limit.intervals[0][1])
    assert uppers == sorted(uppers)


def test_a_limit_under_a_log_prior_is_that_of_the_integral():
    """One Gaussian bin that sees the square: the posterior is known."""
    prior = Prior(low=0.01, high=100.0, power=-1.0)
    likelihood = polynomial([signal("s", prior, True)], {("s", "s"): [4.0]}, [1.0], [1.0])
    tree = sample(likelihood, Settings())
    t = np.linspace(np.log(0.01), np.log(5.0), 20_001)
    density = np.exp(-0.5 * (4.0 * np.exp(2 * t) - 1.0) ** 2)
    cumulative = np.cumsum(density) / density.sum()
    limit = credible_limit(tree, likelihood.parameters[0], 0.9, likelihood)
    # Without nuisances the conditional density is the posterior: what is left is its grid.
    expected = np.exp(np.interp(0.9, cumulative, t))
    assert limit.intervals[0][1] == pytest.approx(expected, rel=0.01)
    inside = float((tree["posterior"]["s"].values < expected).mean())
    # More than 500 effective draws: three standard deviations of the share are 0.04.
    assert inside == pytest.approx(0.9, abs=0.04)


SHORT = Settings(draws=100, tune=100, chains=2, seed=11)


def test_the_same_seed_gives_the_same_draws_and_another_one_others(likelihoods):
    likelihood = likelihoods("lz-2022-er", "mu_eff")
    once, again, on_one_core, other = (
        sample(likelihood, settings)["posterior"].to_dataset()
        for settings in (
            SHORT,
            SHORT,
            Settings(draws=100, tune=100, chains=2, seed=11, cores=1),
            Settings(draws=100, tune=100, chains=2, seed=12),
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
from conftest import likelihood_of
from test_defaults import with_two_nuisances
from bayesnu.inference.posterior import sample
from bayesnu.inference.settings import Settings

likelihood = with_two_nuisances(likelihood_of)
tree = sample(likelihood, Settings(draws=500, tune=300, chains=2, backend="pymc"))
np.save(sys.argv[1], [tree["posterior"][name].values for name in likelihood.names])
"""


def with_two_nuisances(likelihoods):
    """Return a likelihood whose graph is small, so that numba compiles it in seconds."""
    likelihood = likelihoods("lz-2022-er", "mu_eff")
    kept = ("mu_eff", "background_beta_det_lz_2022_er", "background_Ar37_lz_2022_er")
    return likelihood.with_fixed({name: 1.0 for name in likelihood.names if name not in kept})


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
    tree = sample(likelihood, Settings())
    for name, theirs in zip(likelihood.names, np.load(path), strict=True):
        ours = tree["posterior"][name].values
        sizes = [r_hat_and_ess(values[..., None])[0, 1] for values in (ours, theirs)]
        error = np.sqrt(ours.var() * (1 / sizes[0] + 1 / sizes[1]))
        # Four standard errors: one case in 10^4.
        assert abs(ours.mean() - theirs.mean()) < 4.0 * error
        # The error of a standard deviation of a normal is its own over sqrt(2 N).
        assert theirs.std() / ours.std() == pytest.approx(1.0, abs=4.0 / np.sqrt(2 * sizes[1]))


def test_logistic_maps_hold_probability_at_both_ends():
    """A flat posterior on an interval: the data say nothing."""
    likelihood = polynomial([signal("s", Prior(low=0.0, high=1.0, power=1.0))], {("s",): [0.0]},
                            [0.0], [1.0])  # fmt: skip
    tree = sample(likelihood, Settings())
    draws = np.sort(tree["posterior"]["s"].values.ravel())
    # p(s) = 2 s: the cumulative distribution is s^2. Kolmogorov's distance of N effective draws
    # exceeds 1.9 / sqrt(N) in one case of a thousand.
    ess = r_hat_and_ess(tree["posterior"]["s"].values[..., None])[0, 1]
    share = (np.arange(len(draws)) + 0.5) / len(draws)
    assert np.abs(draws**2 - share).max() < 1.9 / np.sqrt(ess)
