"""Diagnostics: they flag what is bad, pass what is good, and read files."""

import json

import numpy as np
import pytest
import xarray as xr
from brute_force import Curve
from monte_carlo import assert_within, batch_error, generator, settings, stochastic
from scipy.stats import norm
from toy_likelihoods import linear_gaussian, linear_solution, nuisance, polynomial, signal

from bayesnu.errors import InputError
from bayesnu.inference.convergence import r_hat_and_ess
from bayesnu.inference.credible import credible_limit
from bayesnu.inference.diagnostics import diagnose, predictive_p_values, saved_prior
from bayesnu.inference.marginal_density import marginal_density
from bayesnu.inference.posterior import sample
from bayesnu.likelihood.priors import Prior


@pytest.fixture(scope="module")
def linear():
    likelihood = linear_gaussian()
    return likelihood, sample(likelihood, settings())


def changed(tree, group, **variables):
    """Return a copy of a posterior with other values of some variables."""
    copy = tree.copy(deep=True)
    for name, values in variables.items():
        copy[group][name].values[:] = values
    return copy


@stochastic
def test_a_good_run_has_no_problems(linear):
    _, tree = linear
    found = diagnose(tree)
    assert found.fine and found.problems == ()
    assert found.parameter == "a"
    assert found.divergences == 0 and found.draws == 4000
    assert "no problems" in str(found)
    json.dumps(found.to_dict())


@stochastic
def test_means_widths_correlations_and_impacts_are_those_of_the_linear_problem(linear):
    likelihood, tree = linear
    best, covariance, _ = linear_solution(likelihood)
    width = np.sqrt(np.diag(covariance))
    draws = np.stack([tree["posterior"][name].values for name in likelihood.names], axis=-1)

    def numbers(part):
        correlation = np.corrcoef(part.T)[0]
        return part.mean(axis=0), part.std(axis=0), correlation, correlation * part[:, 0].std()

    errors = dict(zip(likelihood.names, batch_error(numbers, draws).T, strict=True))
    rows = {row.name: row for row in diagnose(tree, "a").parameters}
    for index, name in enumerate(likelihood.names):
        row = rows[name]
        correlation = covariance[0, index] / (width[0] * width[index])
        found = row.mean, row.sd, row.correlation, row.impact
        expected = best[index], width[index], correlation, correlation * width[0]
        # The parameter is correlated with itself by one: that is exact.
        assert_within(found, expected, errors[name], 1e-9)
    mean_error, sd_error, _, _ = errors["n"] / 0.3
    assert_within(rows["n"].pull, (best[2] - 1.0) / 0.3, mean_error)
    assert_within(rows["n"].constraint, width[2] / 0.3, sd_error)
    assert rows["a"].pull is None and rows["a"].constraint is None


def test_chains_that_are_stuck_are_flagged(linear):
    likelihood, tree = linear
    values = tree["posterior"]["a"].values
    apart = values + 5.0 * values.std() * np.arange(4)[:, None]
    found = diagnose(changed(tree, "posterior", a=apart))
    assert not found.fine
    assert any("R-hat of a" in problem for problem in found.problems)
    assert "PROBLEM" in str(found)
    limit = credible_limit(changed(tree, "posterior", a=apart), likelihood.parameters[0], 0.9)
    assert not limit.converged


def test_a_chain_that_does_not_move_is_flagged(linear):
    _, tree = linear
    values = tree["posterior"]["a"].values.copy()
    values[2] = values[2, 0]
    assert not diagnose(changed(tree, "posterior", a=values)).fine
    values[:] = values[0, 0]
    assert not diagnose(changed(tree, "posterior", a=values)).fine


def test_a_slow_walk_is_flagged(linear):
    _, tree = linear
    rng = generator(2)
    walk = np.cumsum(rng.normal(size=(4, 1000)), axis=1)
    problems = " ".join(diagnose(changed(tree, "posterior", a=walk)).problems)
    assert "R-hat" in problems and "ESS" in problems


def test_divergences_and_bad_energies_are_flagged(linear):
    _, tree = linear
    diverging = np.zeros((4, 1000))
    diverging[:, ::100] = 1
    found = diagnose(changed(tree, "sample_stats", diverging=diverging))
    assert found.divergences == 40
    assert any("divergen" in problem for problem in found.problems)
    drift = np.linspace(0.0, 50.0, 1000) + np.zeros((4, 1))
    found = diagnose(changed(tree, "sample_stats", energy=drift))
    assert any("E-BFMI" in problem for problem in found.problems)


@stochastic
def test_r_hat_and_ess_of_independent_draws_are_one_and_their_number():
    rng = generator(3)
    table = r_hat_and_ess(rng.normal(size=(4, 1000, 100)))
    # R-hat of eight half chains is 1 + chi2 of 7 degrees / 7 / 1000, nearly: 5 sigmas are 0.007.
    np.testing.assert_allclose(table[:, 0], 1.0, atol=0.007)
    # Its scatter is seen; where the sum of autocorrelations is cut biases it by some percent.
    error = table[:, 1].std() / np.sqrt(100)
    assert error < 100
    assert_within(table[:, 1].mean(), 4000, error, 0.03 * 4000)


def test_diagnostics_read_a_file_written_as_netcdf(linear, default_run, tmp_path):
    for number, tree in enumerate((linear[1], default_run("xenonnt-2022-er", "mu_eff")[1])):
        path = tmp_path / f"posterior-{number}.nc"
        tree.to_netcdf(path, engine="h5netcdf")
        with xr.open_datatree(path, engine="h5netcdf") as opened:
            read = opened.load()
        assert diagnose(read).to_dict() == diagnose(tree).to_dict()


@stochastic
def test_the_predictive_p_value_sees_data_that_do_not_fit(linear):
    likelihood, tree = linear
    # Data drawn from a model have any p-value; data one sigma off what it expects, a fair one.
    near = tree.copy(deep=True)
    expected = tree["posterior_predictive"]["counts_toy"].mean(("chain", "draw")).values
    signs = (-1.0) ** np.arange(len(expected))
    near["observed_data"]["counts_toy"].values[:] = expected + signs * likelihood.sigma
    assert 0.01 < predictive_p_values(near)["toy"] < 0.99
    far = tree.copy(deep=True)
    far["observed_data"]["counts_toy"].values[::2] += 8.0 * likelihood.sigma[::2]
    assert predictive_p_values(far)["toy"] < 0.001


def test_a_nuisance_the_data_do_not_know_is_as_wide_as_its_truncated_prior():
    prior = Prior(centre=0.2, sigma=1.0, low=0.0)
    likelihood = polynomial(
        [signal("a", Prior(low=-100.0, high=100.0)), nuisance("n", prior)],
        {("a",): [1.0, 2.0], ("n",): [0.0, 0.0]},
        [3.0, 5.0],
        [1.0, 1.0],
    )
    row = next(r for r in diagnose(sample(likelihood, settings())).parameters if r.name == "n")
    assert row.pull is not None and row.constraint is not None
    error = 1.0 / np.sqrt(min(row.ess_bulk, row.ess_tail))
    assert row.pull == pytest.approx(0.0, abs=5 * error)
    # The error of a standard deviation, for tails no longer than those of an exponential.
    assert row.constraint == pytest.approx(1.0, abs=5 * 1.5 * error)


def test_numbers_of_events_are_saved_as_integers(linear, default_run):
    tree = default_run("xenonnt-2022-er", "mu_eff")[1]
    for group in ("observed_data", "posterior_predictive", "prior_predictive"):
        assert all(v.dtype == np.int64 for v in tree[group].to_dataset().values()), group
    assert tree["log_likelihood"].to_dataset()["counts_xenonnt_2022_er"].dtype == float
    # Gaussian bins hold no whole numbers.
    assert linear[1]["observed_data"].to_dataset()["counts_toy"].dtype == float


def test_a_saved_posterior_keeps_the_numbers_of_its_priors(linear):
    likelihood, tree = linear
    for parameter in likelihood.parameters:
        prior, one_sided = saved_prior(tree, parameter.name)
        assert prior == parameter.prior and one_sided == parameter.one_sided


def test_a_posterior_of_the_first_edition_has_words_only_and_is_read():
    likelihood = polynomial(
        [
            signal("s", Prior(low=0.0, high=50.0), one_sided=True),
            nuisance("n", Prior(0, 4, 1, 0.2)),
        ],
        {("s",): [1.0, 2.0], ("n",): [9.0, 9.0]},
        [10.0, 9.0],
    )
    tree = sample(likelihood, settings(draws=200))
    for name in likelihood.names:
        tree["posterior"][name].attrs = {"prior": tree["posterior"][name].attrs["prior"]}
    assert saved_prior(tree, "s") == (None, True)
    assert all(row.pull is None for row in diagnose(tree).parameters)


def test_an_unknown_parameter_is_refused(linear):
    with pytest.raises(InputError, match="a, b, n"):
        diagnose(linear[1], "c")


@stochastic
def test_the_conditional_average_is_the_exact_marginal(linear):
    likelihood = linear[0]
    tree = sample(likelihood, settings(draws=4000))
    best, covariance, _ = linear_solution(likelihood)
    draws = np.stack([tree["posterior"][name].values for name in likelihood.names], axis=-1)
    for index, name in enumerate(("a", "b", "n")):
        width = np.sqrt(covariance[index, index])
        at = np.linspace(-2.5, 2.5, 11)

        def numbers(part, name=name, width=width, at=at, index=index):
            density = marginal_density(likelihood, part, name)
            heights = np.interp(best[index] + width * at, density.values, density.density)
            below = Curve(density.values, density.density).below(best[index] + width * at)
            return width * heights, below

        expected = norm.pdf(at), norm.cdf(at)
        # It averages 4000 draws of the others; its 241 points are 0.04 widths apart.
        error = batch_error(numbers, draws[:, ::4])
        assert (error < 0.015).all()
        assert_within(numbers(draws.reshape(-1, 3)), expected, error, 1e-3)
