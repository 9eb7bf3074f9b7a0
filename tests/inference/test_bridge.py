"""Evidences by bridge sampling against closed forms."""

import numpy as np
import pytest
from scipy.special import betaln, gammaln, log_expit, logit

from bayesnu.errors import ComputationError
from bayesnu.inference.evidence import Evidence, log_evidence, weight_errors


def gaussian(rng, size):
    """Return a correlated normal density in four dimensions that is not normalised."""
    root = np.tril(rng.normal(size=(4, 4))) + 2.0 * np.eye(4)
    precision = np.linalg.inv(root @ root.T)
    draws = rng.normal(size=(*size, 4)) @ root.T

    def log_density(u):
        return -0.5 * u @ precision @ u + 7.0

    exact = 7.0 + 2.0 * np.log(2 * np.pi) + np.log(np.abs(np.diag(root))).sum()
    return log_density, draws, exact


def skewed(rng, size):
    """Return the density of ln x of two gamma variables: skewness -1.1 and -0.5."""
    shapes = np.array([1.2, 4.0])
    draws = np.log(rng.gamma(shapes, size=(*size, 2)))

    def log_density(u):
        return float((shapes * u - np.exp(u)).sum())

    return log_density, draws, float(gammaln(shapes).sum())


def bounded(rng, size):
    """Return the density of the logit of a beta variable that piles up at a bound."""
    draws = logit(rng.beta(0.8, 2.5, size=(*size, 1)))

    def log_density(u):
        return float(0.8 * log_expit(u[0]) + 2.5 * log_expit(-u[0]))

    return log_density, draws, float(betaln(0.8, 2.5))


@pytest.mark.parametrize("case", [gaussian, skewed, bounded], ids=lambda case: case.__name__)
def test_an_evidence_is_the_closed_form_within_its_stated_error(case):
    rng = np.random.default_rng(12)
    pulls = []
    for _ in range(12):
        log_density, draws, exact = case(rng, (4, 400))
        found = log_evidence(log_density, draws, rng)
        assert found.relative_error < 0.06
        # A floor for the normal case, where the proposal is nearly the target.
        pulls.append((found.log_value - exact) / max(found.relative_error, 1e-6))
    # The sum of 12 squared standard normal pulls is below 33 in 999 cases of a thousand.
    assert float(np.sum(np.square(pulls))) < 33.0
    # Nor is the error stated much too large: above 1.2 in 999 cases of a thousand.
    assert float(np.sum(np.square(pulls))) > 1.2


def test_correlated_draws_are_counted_as_fewer():
    """A chain with autocorrelation 0.9 is worth a nineteenth of its length."""
    rng = np.random.default_rng(5)

    def log_density(u):
        return float(1.2 * u[0] - np.exp(u[0]))

    independent = np.log(rng.gamma(1.2, size=(4, 1000, 1)))
    repeated = np.repeat(independent[:, :50], 20, axis=1)
    few = log_evidence(log_density, repeated, rng).relative_error
    many = log_evidence(log_density, independent, rng).relative_error
    assert few > 1.5 * many


def test_a_density_that_is_nowhere_finite_is_refused():
    rng = np.random.default_rng(1)
    with pytest.raises(ComputationError, match="did not converge"), np.errstate(all="ignore"):
        log_evidence(lambda u: np.nan, rng.normal(size=(2, 50, 1)), rng)


def test_weights_take_the_errors_of_all_evidences():
    rng = np.random.default_rng(3)
    logs, errors = np.array([0.0, 1.0, -0.5]), np.array([0.01, 0.02, 0.03])
    toys = np.exp(logs + errors * rng.normal(size=(100_000, 3)))
    scatter = (toys / toys.sum(axis=1, keepdims=True)).std(axis=0)
    weights = np.exp(logs) / np.exp(logs).sum()
    evidences = [Evidence(a, b) for a, b in zip(logs, errors, strict=True)]
    # Linear propagation of errors of a few percent.
    np.testing.assert_allclose(weight_errors(weights, evidences), scatter, rtol=0.02)
