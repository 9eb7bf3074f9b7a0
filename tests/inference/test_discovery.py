"""What speaks for a signal: closed forms, boundaries as toys have them, evidences by quadrature."""

from dataclasses import replace

import numpy as np
import pytest
from monte_carlo import assert_share, assert_within, effective_draws, seed, settings, stochastic
from scipy.special import gammaincc, gammaln, logsumexp, ndtr
from scipy.stats import norm
from small import charge, counting
from toy_likelihoods import linear_gaussian, linear_solution, polynomial, signal

from bayesnu.campaigns.runner import run_campaign
from bayesnu.campaigns.toys import toy_task
from bayesnu.inference.bayes_factor import DRAWS, Drawn, bayes_factor
from bayesnu.inference.discovery import BOUNDARY, INSIDE, UNKNOWN, chance, discovery, distribution
from bayesnu.inference.posterior import draw_posterior
from bayesnu.inference.profile import profile
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.priors import Prior, flat, gaussian
from bayesnu.results.discovery import Discovery, credibility_text, factor_text


def one_bin(observed: float, background: float, power: int, prior: Prior) -> Likelihood:
    """A counting experiment: a size to a power, on a background that is known."""
    size = signal("s", prior, one_sided=prior.low >= 0.0)
    return polynomial([size], {("s",) * power: [1.0], (): [background]}, [observed])


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize(("observed", "background"), [(23.0, 10.0), (7.0, 10.0), (31.0, 4.5)])
def test_a_counting_experiment_has_its_closed_form(power, observed, background):
    likelihood = one_bin(observed, background, power, flat(0.0, 50.0))
    found = discovery(likelihood, "s", profile(likelihood, "s"), None)
    expected = 2.0 * (observed * np.log(observed / background) - (observed - background))
    expected = expected if observed > background else 0.0
    assert found.delta_chi2 == pytest.approx(expected, abs=1e-6)
    assert found.significance == pytest.approx(np.sqrt(expected), abs=1e-6)
    # One-sided: the tail of a Gaussian; and no less than everything is at least zero.
    tail = norm.sf(np.sqrt(expected)) if expected > 0.0 else 1.0
    assert found.p_value == pytest.approx(tail, rel=1e-5)


def test_a_parameter_of_either_sign_has_both_tails():
    likelihood = linear_gaussian()
    best, covariance, _ = linear_solution(likelihood)
    found = discovery(likelihood, "a", profile(likelihood, "a"), None)
    z = abs(best[0]) / np.sqrt(covariance[0, 0])
    assert found.delta_chi2 == pytest.approx(z**2, abs=1e-6)
    assert found.p_value == pytest.approx(2.0 * norm.sf(z), rel=1e-5)


def test_what_is_at_a_boundary_is_said_to_be():
    both = flat(-50.0, 50.0)
    assert distribution(one_bin(9.0, 5.0, 1, flat(0.0, 50.0)), "s") == BOUNDARY
    # The counts are linear in the square, whatever the sign.
    assert distribution(one_bin(9.0, 5.0, 2, both), "s") == BOUNDARY
    assert distribution(one_bin(9.0, 5.0, 1, both), "s") == INSIDE
    assert distribution(charge(), "charge") == INSIDE
    # A phase means nothing where its size is zero: no theorem holds.
    size = signal("s", flat(0.0, 9.0), one_sided=True)
    phase = replace(signal("phi", flat(-np.pi, np.pi)), periodic=True)
    likelihood = polynomial([size, phase], {("s", "phi"): [1.0], (): [5.0]}, [9.0])
    with_cosine = replace(likelihood, factors=np.array([[0, 4], [2, 2]]))
    assert distribution(with_cosine, "s") == UNKNOWN
    assert chance(4.0, UNKNOWN) is None


@stochastic
@pytest.mark.parametrize("likelihood", [counting(), charge()], ids=["boundary", "inside"])
def test_toys_have_the_p_values_that_are_said(likelihood):
    name = likelihood.names[0]
    number = 2500
    task = toy_task(likelihood, name, [0.0], method="test")
    if name == "charge":
        number = 150  # its toys are searched for two minima
    fits = run_campaign(task, number, seed=seed(), cores=1)
    delta = fits.column("delta_chi2")
    kind = distribution(likelihood, name)
    said = np.array([chance(max(float(d), 0.0), kind) for d in np.where(delta < 1e-7, 0.0, delta)])
    # 400 events: the limiting distribution is right to a few percent of p.
    for p in (0.1, 0.01):
        assert_share(int((said <= p).sum()), number, 0.9 * p, 1.1 * p)


def drawn(likelihood: Likelihood, **how):
    return draw_posterior(likelihood, settings(cores=1, **how))


def test_the_bayes_factor_of_a_counting_experiment_has_its_closed_form():
    # Nothing else is free, so draws only say where the integral over s is done.
    n, b, reach = 23.0, 10.0, 50.0
    gamma = gammaincc(n + 1.0, b) - gammaincc(n + 1.0, b + reach)
    expected = np.log(gamma / reach) + gammaln(n + 1.0) - (n * np.log(b) - b)
    likelihood = one_bin(n, b, 1, flat(0.0, reach))
    found = bayes_factor(likelihood, drawn(likelihood), "s")
    assert found.log_value == pytest.approx(expected, abs=2e-3)
    # The best point prior: the likelihood ratio itself.
    most = n * np.log(n / b) - (n - b)
    assert found.log_most == pytest.approx(most, abs=4e-3)
    # s as a square, under the prior that is flat in the square, is the same model.
    squared = one_bin(n, b, 2, Prior(low=0.0, high=np.sqrt(reach), power=1.0))
    same = bayes_factor(squared, drawn(squared), "s")
    assert same.log_value == pytest.approx(expected, abs=2e-3)


@stochastic
def test_the_bayes_factor_of_a_linear_problem_has_its_closed_form():
    likelihood = linear_gaussian()
    best, covariance, _ = linear_solution(likelihood)
    width = np.sqrt(covariance[0, 0])
    # Prior times the integral over the density at zero.
    expected = -np.log(2e7) - norm.logpdf(0.0, best[0], width)
    sampled = drawn(likelihood)
    found = bayes_factor(likelihood, sampled, "a")
    assert_within(found.log_value, expected, found.error, exact_to=2e-3)
    # A share moves with the mean of the draws that are used, by twice the density there.
    z = abs(best[0]) / width
    step = sampled.draws[..., 0].size // DRAWS
    error = 2.0 * norm.pdf(z) / np.sqrt(float(effective_draws(sampled.draws[:, ::step, 0])))
    assert_within(found.excluded_at, 2.0 * ndtr(z) - 1.0, error, exact_to=0.01)


def with_signal(likelihood: Likelihood, value: float) -> Likelihood:
    """Return a likelihood whose data are what a signal makes of it."""
    point = likelihood.start.copy()
    point[0] = value
    return replace(likelihood, observed=np.round(likelihood.expected(point)))


def by_quadrature(likelihood: Likelihood) -> float:
    """Return ln of the Bayes factor of two parameters on a grid."""
    prior, norms = likelihood.parameters[0].prior, np.linspace(0.6, 1.4, 161)
    t = np.linspace(*(np.log([prior.low, prior.high]) if prior.power < 0 else (0, 1)), 1201)
    x = np.exp(t) if prior.power < 0 else prior.low + t * (prior.high - prior.low)
    weight = np.gradient(x) * prior.density(x)
    weight[[0, -1]] *= 0.5

    def log_likelihood(values):
        grid = np.stack(np.meshgrid(values, norms, indexing="ij"), axis=-1)
        flat_ = grid.reshape(-1, 2)
        return logsumexp(-0.5 * likelihood.chi2(flat_).reshape(len(values), -1), axis=1)

    with_one = logsumexp(log_likelihood(x), b=weight)
    return float(with_one - log_likelihood(np.zeros(1))[0])


FLAT, SQUARED, LOG = (
    flat(0.0, 4.0),
    Prior(low=0.0, high=4.0, power=1.0),
    Prior(low=0.01, high=4.0, power=-1.0),
)
CASES = {
    "no signal": (counting(), 0.0, FLAT),
    "three sigma": (counting(), 1.1, FLAT),
    "flat in the square": (counting(), 1.1, SQUARED),
    "flat in the logarithm": (counting(), 1.1, LOG),
    "six sigma": (counting(), 1.7, FLAT),
    "two modes": (charge(), 2.2, flat(-6.0, 4.0)),
}


@stochastic
@pytest.mark.parametrize("case", CASES)
def test_evidences_are_those_of_quadrature_with_one_mode_and_two(case):
    likelihood, value, prior = CASES[case]
    first = replace(likelihood.parameters[0], prior=prior)
    likelihood = replace(likelihood, parameters=(first, *likelihood.parameters[1:]))
    likelihood = with_signal(likelihood, value)
    sampled = drawn(likelihood)
    assert bool(sampled.modes) == (case == "two modes")
    expected = by_quadrature(likelihood)
    both = Drawn.of(likelihood, sampled, first.name)
    ratio, integrals = both.density_ratio(), both.ratio_of_integrals()
    # 161 x 1201 points, and a spline's knots.
    assert_within(integrals.log_value, expected, integrals.error, exact_to=2e-3)
    if ratio.error < 0.1:
        assert_within(ratio.log_value, expected, ratio.error, exact_to=2e-3)
    found = bayes_factor(likelihood, sampled, first.name)
    assert found.error < 0.1
    assert found.log_most >= found.log_value


def test_words_have_no_more_digits_than_are_known():
    assert factor_text(np.log(83.21), 0.1) == "80 +- 8"
    assert factor_text(np.log(0.8123), 0.02) == "0.81 +- 0.02"
    assert factor_text(30.123, 0.02) == "exp(30.1 +- 0.02)"
    assert credibility_text(0.9973) == "99.7%"
    assert credibility_text(0.95996) == "96%"
    assert credibility_text(0.999621) == "99.96%"
    assert credibility_text(1.0) == "99.99%"
    found = Discovery(0.0, 9.0, 3.0, 0.00134, BOUNDARY, excluded_at=0.9973)
    assert found.matters
    assert found.row("mu") == (
        "against mu = 0",
        "3.0 sigma",
        "Delta chi2 9, p = 0.0013 (half chi2, 1 dof, at a boundary); the posterior has mu = 0 "
        "outside the 99.7% credible region",
    )
    assert not Discovery(0.0, 3.9, 1.97, 0.024, BOUNDARY).matters
    assert Discovery(0.0, 0.1, toys=50, toy_p_value=0.4).matters


def test_a_gaussian_prior_of_the_signal_counts_once():
    likelihood = one_bin(23.0, 10.0, 1, gaussian(0.0, 8.0, low=0.0, high=60.0))
    s = np.linspace(0.0, 60.0, 60001)
    density = np.exp(-0.5 * (s / 8.0) ** 2)
    density /= np.trapezoid(density, s)
    ratio = np.exp(23.0 * np.log(1.0 + s / 10.0) - s)
    found = Drawn.of(likelihood, drawn(likelihood), "s")
    expected = np.log(np.trapezoid(density * ratio, s))
    assert found.density_ratio().log_value == pytest.approx(expected, abs=2e-3)
    assert found.ratio_of_integrals().log_value == pytest.approx(expected, abs=4e-3)
