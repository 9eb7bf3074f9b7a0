"""Draws that have not converged print the differences of their chains as the error, or none."""

import numpy as np
from monte_carlo import assert_share, generator, stochastic
from toy_likelihoods import linear_gaussian, linear_solution

from bayesnu.inference.credible import credible_from_draws
from bayesnu.results.draws import Sampled

LIKELIHOOD = linear_gaussian()
PARAMETER = LIKELIHOOD.parameters[0]
BEST, COVARIANCE, _ = linear_solution(LIKELIHOOD)


def limit_of(draws: np.ndarray, best: float | None = None):
    sampled = Sampled(draws, {"diverging": np.zeros(draws.shape[:2])}, True)
    return credible_from_draws(sampled, LIKELIHOOD.names, PARAMETER, 0.9, LIKELIHOOD, best)


def stuck(rng: np.random.Generator, share: float, each: int = 100) -> np.ndarray:
    """Return draws of the posterior; a share of the variance is how far apart the chains sit."""
    shape = (4, each, len(BEST))
    apart = rng.normal(size=(shape[0], 1, shape[2]))
    z = np.sqrt(share) * apart + np.sqrt(1.0 - share) * rng.normal(size=shape)
    return np.asarray(BEST + z @ np.linalg.cholesky(COVARIANCE).T)


@stochastic
def test_the_ends_of_chains_that_sit_apart_are_within_their_errors():
    rng = generator(6)
    upper = BEST[0] + 1.6449 * np.sqrt(COVARIANCE[0, 0])
    near = 0
    for _ in range(15):
        found = limit_of(stuck(rng, 0.9))
        assert not found.converged
        end, error = found.intervals[-1][1], found.intervals_error[-1][1]
        near += abs(end - upper) < 2.0 * error
    # Four chains are few: as in Student's t, less than 95% lie within two errors.
    assert_share(near, 15, 0.85, 1.0)


def test_the_error_is_the_difference_of_chains_and_the_digits_are_its():
    draws = stuck(generator(7), 0.0)
    draws[..., 0] += 3.0 * np.array([-1.0, 1.0, -1.0, 1.0])[:, None]
    found = limit_of(draws)
    errors = [error for pair in found.intervals_error for error in pair]
    assert not found.converged and min(errors) > 0.5
    assert any("parts of the chains differ by" in text for text in found.remarks("a"))
    assert all(len(word) <= 3 for word in found.text().strip("()").split(", "))


def test_one_chain_of_four_in_another_place_is_in_the_error():
    # One chain in another place: three agree, and no batch of theirs knows of it.
    draws = stuck(generator(8), 0.0)
    draws[3] += 6.0 * np.sqrt(np.diag(COVARIANCE))
    found = limit_of(draws)
    alone = limit_of(draws[:3])
    off = abs(found.intervals[-1][1] - alone.intervals[-1][1])
    assert found.intervals_error[-1][1] > 0.5 * off


def test_draws_that_miss_the_best_fit_have_no_error_and_one_digit():
    draws = stuck(generator(9), 0.0)
    found = limit_of(draws, best=float(LIKELIHOOD.chi2(BEST)) - 1000.0)
    assert found.missed is not None and found.intervals_error == ()
    assert any("is not known" in text for text in found.remarks("a"))
    assert all(len(word.strip("-")) == 1 for word in found.text().strip("()").split(", "))


@stochastic
def test_draws_that_have_converged_keep_their_small_errors():
    found = limit_of(stuck(generator(10), 0.0, 500))
    assert found.converged and not found.remarks("a")
    # Of 2000 independent draws, 5% above the end: 0.047 widths, and less by exact conditionals.
    assert 0.0 < found.intervals_error[0][1] < 0.06 * np.sqrt(COVARIANCE[0, 0])
