"""The interval that was asked for: quantiles, highest density; and draws until it is accurate."""

import numpy as np
import pytest
from monte_carlo import assert_within, settings, stochastic
from scipy.special import erfinv
from scipy.stats import gamma
from small import counting
from toy_likelihoods import linear_gaussian, linear_solution

from bayesnu.errors import InputError
from bayesnu.inference.credible import Stated, credible
from bayesnu.inference.density import from_function
from bayesnu.inference.sampled_limit import sampled_limit
from bayesnu.likelihood.priors import flat


@pytest.mark.parametrize("level", [0.68, 0.9, 0.95])
def test_each_kind_of_a_known_density_is_exact(level):
    # x^4 e^-x: a size with a posterior that excludes zero.
    density = from_function(lambda x: 4.0 * np.log(np.maximum(x, 1e-12)) - x, flat(0.0, 60.0))
    exact = gamma(5.0)
    ((none, upper),) = credible(density, True, level).intervals
    assert none is None and upper == pytest.approx(exact.ppf(level), rel=1e-3)
    ((low, high),) = credible(density, True, level, "central").intervals
    tail = 0.5 * (1.0 - level)
    assert (low, high) == pytest.approx((exact.ppf(tail), exact.ppf(1.0 - tail)), rel=2e-3)
    ((a, b),) = credible(density, True, level, "highest-density").intervals
    assert exact.pdf(a) == pytest.approx(exact.pdf(b), rel=1e-2)
    assert exact.cdf(b) - exact.cdf(a) == pytest.approx(level, abs=1e-3)
    assert b - a < high - low


def test_what_has_either_sign_can_have_an_upper_limit():
    density = from_function(lambda x: -0.5 * (x + 3.0) ** 2, flat(-50.0, 50.0))
    ((none, upper),) = credible(density, False, 0.9, "upper").intervals
    assert none is None and upper == pytest.approx(-3.0 + 1.2815516, abs=2e-3)
    ((low, high),) = credible(density, False, 0.9, "central").intervals
    half = np.sqrt(2.0) * erfinv(0.9)
    assert (low, high) == pytest.approx((-3.0 - half, -3.0 + half), abs=2e-3)
    # The data do not bound it: neither kind is the prior's range.
    nothing = from_function(lambda x: 0.0 * x, flat(-50.0, 50.0))
    for kind in ("upper", "central", "highest-density"):
        assert not credible(nothing, False, 0.9, kind).bounded


@stochastic
def test_central_ends_of_draws_are_within_their_stated_errors():
    likelihood = linear_gaussian()
    best, covariance, _ = linear_solution(likelihood)
    half = np.sqrt(2.0) * erfinv(0.9) * np.sqrt(covariance[0, 0])
    how = settings(cores=1, draws=500)
    _, found = sampled_limit(likelihood, "a", Stated(0.9, "central"), how)
    assert (found.kind, found.chosen) == ("central", True)
    assert found.statement(0.9) == "90% credible, central"
    assert_within(
        found.intervals[0], (best[0] - half, best[0] + half), found.intervals_error[0], 1e-3 * half
    )


@stochastic
def test_draws_are_made_until_the_accuracy_is_met():
    likelihood = counting()
    how = settings(cores=1, draws=300)
    _, rough = sampled_limit(likelihood, "size", 0.9, how)
    drawn, found = sampled_limit(likelihood, "size", Stated(0.9, accuracy=0.004), how)
    assert found.times_more <= 1.0
    assert found.intervals_error[0][1] <= 0.004 * found.intervals[0][1]
    assert found.draws == drawn.draws[..., 0].size > rough.draws
    assert not any("Monte Carlo" in remark for remark in found.remarks("size"))


def test_what_cannot_be_asked_is_refused_in_a_sentence():
    from bayesnu.analyses.question import Question

    def asked(**how):
        return Question.of(["xenonnt-2022-er"], "magnetic-moment", ["mu_eff"], **how)

    with pytest.raises(InputError, match=r"upper \| central \| highest-density"):
        asked(interval="widest")
    for accuracy in (0.0, 2.0, float("nan")):
        with pytest.raises(InputError, match="accuracy"):
            asked(accuracy=accuracy)
    assert asked(interval="central").but(level=0.68).interval == "central"
