"""Evidences by bridge sampling against closed forms."""

import numpy as np
import pytest
from monte_carlo import assert_honest, assert_within, generator, stochastic
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


@stochastic
@pytest.mark.parametrize("case", [gaussian, skewed, bounded], ids=lambda case: case.__name__)
def test_an_evidence_is_the_closed_form_within_its_stated_error(case):
    rng = generator(12)
    pulls = []
    for _ in range(40):
        log_density, draws, exact = case(rng, (4, 400))
        found = log_evidence(log_density, draws, rng)
        assert found.relative_error < 0.06
        # A floor for the normal case, where the proposal is nearly the target.
        pulls.append((found.log_value - exact) / max(found.relative_error, 1e-6))
    # Neither too small nor much too large an error is stated.
    assert_honest(pulls)


@stochastic
def test_correlated_draws_are_counted_as_fewer():
    """A chain with twenty equal draws after one another is worth a twentieth of its length."""
    rng = generator(5)

    def log_density(u):
        return float(1.2 * u[0] - np.exp(u[0]))

    pulls, few, many = [], [], []
    for _ in range(30):
        independent = np.log(rng.gamma(1.2, size=(4, 1000, 1)))
        repeated = np.repeat(independent[:, :50], 20, axis=1)
        found = log_evidence(log_density, repeated, rng)
        pulls.append((found.log_value - gammaln(1.2)) / found.relative_error)
        few.append(found.relative_error)
        many.append(log_evidence(log_density, independent, rng).relative_error)
    assert_honest(pulls)
    # Half of an error comes from the proposals, which are independent in both: 1.6, not 4. A mean
    # of 30 is good to 0.05.
    assert np.mean(few) > 1.3 * np.mean(many)


def test_a_density_that_is_nowhere_finite_is_refused():
    rng = generator(1)
    with pytest.raises(ComputationError, match="did not converge"), np.errstate(all="ignore"):
        log_evidence(lambda u: np.nan, rng.normal(size=(2, 50, 1)), rng)


@stochastic
def test_weights_take_the_errors_of_all_evidences():
    rng = generator(3)
    logs, errors = np.array([0.0, 1.0, -0.5]), np.array([0.01, 0.02, 0.03])
    toys = np.exp(logs + errors * rng.normal(size=(100_000, 3)))
    scatter = (toys / toys.sum(axis=1, keepdims=True)).std(axis=0)
    weights = np.exp(logs) / np.exp(logs).sum()
    evidences = [Evidence(a, b) for a, b in zip(logs, errors, strict=True)]
    # Linear propagation of errors of a few percent: good to 1%.
    found = weight_errors(weights, evidences)
    assert_within(found / scatter, 1.0, 1.0 / np.sqrt(2 * len(toys)), 0.01)
