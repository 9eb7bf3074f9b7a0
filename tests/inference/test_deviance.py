"""How large a deviance is by chance: moments in closed form, and as toys have them."""

import numpy as np
import pytest
from monte_carlo import assert_within, binomial_error, mean_error, seed, stochastic
from scipy.stats import chi2
from small import counting
from toy_likelihoods import linear_gaussian, linear_solution, polynomial, signal

from bayesnu.campaigns.ensemble import deviances_of_toys
from bayesnu.inference.deviance import estimated_p_value, fitted_parameters, moments
from bayesnu.likelihood.priors import flat


def test_moments_of_a_bin_are_the_sums_over_its_counts():
    true = [0.01, 0.7, 3.0, 40.0, 99.0, 500.0]
    likelihood = polynomial([signal("s", flat(0.0, 9.0))], {(): true, ("s",): [1.0] * 6}, true)
    mean, variance = moments(likelihood, np.array(true))
    # Of few events, e^-b times 2 b at none; of many, chi2 of one degree of freedom.
    n = np.arange(6)
    few = 2.0 * (0.01 - n + n * np.log(np.maximum(n, 1) / 0.01))
    chance = np.exp(-0.01) * 0.01**n / np.array([1, 1, 2, 6, 24, 120])
    assert mean[0] == pytest.approx(chance @ few, rel=1e-6)
    assert variance[0] == pytest.approx(chance @ few**2 - (chance @ few) ** 2, rel=1e-5)
    # 1 + 1 / (6 b), of the expansion in 1 / b.
    assert mean[4] == pytest.approx(1.0 + 1.0 / (6.0 * 99.0), rel=1e-4)
    assert mean[5] == 1.0 and variance[5] == 2.0


def test_a_linear_gaussian_fit_has_its_p_value():
    likelihood = linear_gaussian()
    best, _, _ = linear_solution(likelihood)
    deviance = float(likelihood.chi2_per_bin(best).sum())
    fitted = fitted_parameters(likelihood, best)
    # Two that are free, and what the data tell of the one with a pull.
    _, a, b, n = likelihood.templates
    design = np.stack([a, b, n], axis=1) / likelihood.sigma[:, None]
    data = design.T @ design
    pull = np.diag([0.0, 0.0, 1.0 / 0.3**2])
    assert fitted == pytest.approx(np.trace(np.linalg.solve(data + pull, data)), rel=1e-9)
    expected = chi2.sf(deviance, 12.0 - fitted)
    assert estimated_p_value(likelihood, best, deviance) == pytest.approx(expected, rel=1e-9)


@stochastic
def test_toys_have_the_mean_and_the_p_value_of_the_estimate():
    likelihood = counting(background=30.0, signal=10.0)
    point = np.array([0.8, 1.0])
    found = deviances_of_toys(likelihood, point, 2000, np.array([1.5, 1.0]), seed=seed(), cores=1)
    mean, _ = moments(likelihood, likelihood.expected(point))
    fitted = fitted_parameters(likelihood, point)
    # Some toys have their best fit at zero, where fewer parameters are fitted.
    error = float(mean_error(found[None]))
    assert_within(found.mean(), mean.sum() - fitted, error, exact_to=0.2 * fitted)
    for deviance in (6.0, 9.0, 12.0):
        share = float((found >= deviance).mean())
        estimate = estimated_p_value(likelihood, point, deviance)
        assert_within(share, estimate, binomial_error(share, 2000), exact_to=0.15 * estimate)
