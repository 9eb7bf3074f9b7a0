"""Diagnostics: they flag what is bad, pass what is good, and read files."""

import json

import numpy as np
import pytest
import xarray as xr
from brute_force import Curve
from monte_carlo import assert_within, batch_error, generator, settings, stochastic
from scipy.stats import norm
from toy_likelihoods import linear_gaussian, linear_solution

from bayesnu.errors import InputError
from bayesnu.inference.convergence import r_hat_and_ess
from bayesnu.inference.credible import credible_limit
from bayesnu.inference.density import Density
from bayesnu.inference.diagnostics import diagnose, predictive_p_values
from bayesnu.inference.marginal_density import marginal_density
from bayesnu.inference.posterior import sample


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
    assert 0.01 < predictive_p_values(tree)["toy"] < 0.99
    far = tree.copy(deep=True)
    far["observed_data"]["counts_toy"].values[::2] += 8.0 * likelihood.sigma[::2]
    assert predictive_p_values(far)["toy"] < 0.001


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


def test_quantiles_and_regions_of_a_known_density_are_exact():
    x = np.linspace(-6.0, 9.0, 401)
    two = 0.7 * np.exp(-0.5 * x**2) + 0.3 * np.exp(-0.5 * ((x - 5.0) / 0.5) ** 2) / 0.5
    density = Density(x, two / np.trapezoid(two, x))
    fine = np.linspace(-6.0, 9.0, 400_001)
    exact = 0.7 * np.exp(-0.5 * fine**2) + 0.3 * np.exp(-0.5 * ((fine - 5.0) / 0.5) ** 2) / 0.5
    cumulative = np.cumsum(exact) / exact.sum()
    for level in (0.05, 0.5, 0.9, 0.99):
        # Linear between points 0.04 apart: an error of 1e-3 or less.
        expected = fine[np.searchsorted(cumulative, level)]
        assert density.quantile(level) == pytest.approx(expected, abs=2e-3)
    ordered = np.sort(exact)[::-1]
    cut = ordered[np.searchsorted(np.cumsum(ordered) / ordered.sum(), 0.9)]
    above = np.flatnonzero(np.diff((exact > cut).astype(int)))
    (a, b), (c, d) = density.highest(0.9)
    assert (a, b, c, d) == pytest.approx(fine[above], abs=2e-3)


def test_a_ripple_is_noise_and_a_gap_is_not():
    x = np.linspace(-5.0, 5.0, 401)
    smooth = np.exp(-0.5 * x**2)
    ripple = Density(x, smooth * (1.0 + 0.01 * np.cos(40 * x)) / np.sqrt(2 * np.pi))
    assert len(ripple.highest(0.9)) == 1
    gap = np.exp(-0.5 * (np.abs(x) - 2.0) ** 2 / 0.25)
    assert len(Density(x, gap / np.trapezoid(gap, x)).highest(0.9)) == 2


@stochastic
def test_regions_from_draws_alone_hold_their_level():
    rng = generator(4)
    draws = rng.normal(size=20_000)
    ((low, high),) = highest_density(draws, 0.9)
    assert np.mean((draws > low) & (draws < high)) == pytest.approx(0.9, abs=1e-3)
    # The shortest interval's ends scatter more than quantiles do: as more samples say.
    more = [highest_density(rng.normal(size=20_000), 0.9)[0] for _ in range(40)]
    assert_within((low, high), (-1.645, 1.645), np.std(more, axis=0), 0.01)
    two = np.where(rng.uniform(size=20_000) < 0.5, -10.0, 10.0) + draws
    assert len(highest_density(two, 0.9, modes=2)) == 2
