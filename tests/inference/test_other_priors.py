"""Priors beside powers: Jeffreys' closed forms, and posteriors weighed by any density."""

from __future__ import annotations

import numpy as np
import pytest
from monte_carlo import assert_within, settings, stochastic
from scipy.stats import beta as beta_distribution
from scipy.stats import gamma, truncnorm
from toy_likelihoods import linear_gaussian, nuisance, polynomial, signal

from bayesnu.errors import InputError
from bayesnu.inference.jeffreys import information, jeffreys
from bayesnu.inference.sampled_limit import sampled_limit
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.other_priors import OtherPrior, from_scipy, from_words, half_normal
from bayesnu.likelihood.priors import Prior, flat, log_normal

X = np.array([0.3, 1.0, 2.5, 7.0])


def counting(power: int = 1, background: float = 0.0, seen: float = 6.0) -> Likelihood:
    """Return a size whose power is the mean of one Poisson bin, beside a known background."""
    return polynomial(
        [signal("s", flat(0.0, 60.0), one_sided=True)],
        {("s",) * power: [1.0], (): [background]},
        [seen],
    )


def test_of_a_poisson_mean_it_is_one_over_its_root() -> None:
    log = jeffreys(counting(), ["s"]).log_density(X[:, None])
    np.testing.assert_allclose(log - log[0], -0.5 * np.log(X / X[0]), atol=1e-9)


def test_beside_a_background_it_is_one_over_the_root_of_their_sum() -> None:
    log = jeffreys(counting(background=4.0), ["s"]).log_density(X[:, None])
    exact = -0.5 * np.log(X + 4.0)
    np.testing.assert_allclose(log - log[0], exact - exact[0], atol=1e-9)


@pytest.mark.parametrize("power", [2, 3])
def test_it_is_the_same_prior_in_whatever_power_it_is_written(power: int) -> None:
    """pi(s) ds = pi(t) dt for t = s^power."""
    plain = jeffreys(counting(background=4.0), ["s"]).log_density((X**power)[:, None])
    written = jeffreys(counting(power, background=4.0), ["s"]).log_density(X[:, None])
    jacobian = np.log(power * X ** (power - 1))
    np.testing.assert_allclose(written, plain + jacobian, atol=1e-9)


def test_of_a_linear_gaussian_model_it_is_flat_and_of_a_group_too() -> None:
    of = linear_gaussian()
    points = np.array([[0.0, 0.0], [3.0, -2.0], [10.0, 5.0]])
    for names, at in ((["a"], points[:, :1]), (["a", "b"], points)):
        log = jeffreys(of, names).log_density(at)
        np.testing.assert_allclose(log, log[0], atol=1e-9)


def test_a_group_has_the_root_of_the_determinant() -> None:
    """Two sizes squared in two bins of their own: the product of what each has alone."""
    size = flat(0.0, 60.0)
    of = polynomial(
        [signal("s", size, True), signal("t", size, True)],
        {("s", "s"): [1.0, 0.0], ("t", "t"): [0.0, 2.0], (): [4.0, 9.0]},
        [4.0, 9.0],
    )
    points = np.array([[1.0, 2.0], [3.0, 0.5]])
    log = jeffreys(of, ["s", "t"]).log_density(points)
    s, t = points.T
    exact = np.log(2 * s / np.sqrt(s**2 + 4.0)) + np.log(4 * t / np.sqrt(2 * t**2 + 9.0))
    np.testing.assert_allclose(log, exact, atol=1e-9)


def test_nuisances_take_information_as_their_pulls_allow() -> None:
    """F = F_ss - F_sn^2 / F_nn, where F_nn has the pull; at sigma zero and infinity known forms."""

    def of(sigma: float, log: bool = False) -> Likelihood:
        prior = log_normal(sigma) if log else Prior(low=0.0, centre=1.0, sigma=sigma)
        return polynomial(
            [signal("s", flat(0.0, 60.0), True), nuisance("b", prior)],
            {("s",): [1.0, 0.0], ("b",): [4.0, 6.0]},
            [5.0, 6.0],
        )

    s = 2.0
    for sigma, log in ((0.3, False), (0.3, True)):
        f_ss, f_sn = 1.0 / (s + 4.0), 4.0 / (s + 4.0)
        f_nn = 16.0 / (s + 4.0) + 6.0 + 1.0 / sigma**2
        own = of(sigma, log)
        np.testing.assert_allclose(
            information(own, np.array([s, 1.0])), [[f_ss, f_sn], [f_sn, f_nn]], rtol=1e-9
        )
        exact = 0.5 * np.log(f_ss - f_sn**2 / f_nn)
        found = jeffreys(own, ["s"]).log_density(np.array([[s]]))
        np.testing.assert_allclose(found, [exact], rtol=1e-9)


def test_it_knows_nothing_of_the_data() -> None:
    one, other = (jeffreys(counting(2, 4.0, seen), ["s"]) for seen in (2.0, 30.0))
    np.testing.assert_array_equal(one.log_density(X[:, None]), other.log_density(X[:, None]))


def check(of: Likelihood, other: OtherPrior, exact: float, level: float = 0.9) -> None:
    """Assert that the limit under a prior is the exact one within its stated error."""
    sampled, found = sampled_limit(of, "s", level, settings(), other=other)
    assert found.converged and found.bounded
    ((_, upper),), ((_, error),) = found.intervals, found.intervals_error
    assert upper is not None and error is not None
    assert_within(upper, exact, error, 3e-3 * exact)  # the grid's
    assert other.words in found.prior
    below = float((sampled.draws[..., of.index("s")] < exact).mean())
    share = np.sqrt(level * (1.0 - level) / min(found.ess_bulk, found.ess_tail))
    assert_within(below, level, share)


@stochastic
def test_six_counts_under_jeffreys_are_a_gamma_distribution() -> None:
    """Flat: of shape n + 1; Jeffreys: n + 1/2."""
    of = counting()
    check(of, jeffreys(of, ["s"]), float(gamma(6.5).ppf(0.9)))


@stochastic
def test_a_distribution_of_scipy_is_multiplied_with_the_likelihood() -> None:
    """A gamma prior is conjugate to counts: shape 3 + 6, rate 1/2 + 1."""
    check(
        counting(),
        from_scipy("s", gamma(3.0, scale=2.0)),
        float(gamma(9.0, scale=1.0 / 1.5).ppf(0.9)),
    )


@stochastic
def test_a_half_normal_prior_of_a_gaussian_is_a_gaussian_that_is_cut() -> None:
    of = polynomial(
        [signal("s", flat(0.0, 60.0), True)], {("s",): [1.0], (): [50.0]}, [53.0], [2.0]
    )
    width = 1.0 / np.sqrt(1.0 / 4.0 + 1.0 / 9.0)
    mean = 3.0 / 4.0 * width**2
    exact = truncnorm(-mean / width, np.inf, loc=mean, scale=width).ppf(0.9)
    check(of, half_normal("s", 3.0), float(exact))


@stochastic
def test_draws_of_a_group_are_weighed_together() -> None:
    """Two sizes squared in bins of their own: each has its own Jeffreys prior, as alone."""
    size = flat(0.0, 8.0)
    of = polynomial(
        [signal("s", size, True), signal("t", size, True)],
        {("s", "s"): [1.0, 0.0], ("t", "t"): [0.0, 2.0], (): [4.0, 9.0]},
        [6.0, 9.0],
    )
    s = np.linspace(0.0, 8.0, 8001)
    density = s / np.sqrt(s**2 + 4.0) * np.exp(-(s**2)) * (s**2 + 4.0) ** 6
    below = np.cumsum(density) / density.sum()
    exact = float(np.interp(0.9, below, s))
    _, found = sampled_limit(of, "s", 0.9, settings(), other=jeffreys(of, ["s", "t"]))
    ((_, upper),), ((_, error),) = found.intervals, found.intervals_error
    assert found.converged
    # The kernel widens the density by less than one percent of a variance.
    assert_within(upper, exact, error, 0.01 * exact)


def test_priors_are_written_as_words() -> None:
    points = np.array([[0.0], [1.0]])
    gaussian = from_words("s", "gaussian:1,0.5")
    np.testing.assert_allclose(gaussian.log_density(points), [-2.0, 0.0])
    assert gaussian.words == "Gaussian in s, 1 +- 0.5"
    assert from_words("s", "half-normal:2").words == "half-normal in s, width 2"
    named = from_scipy("s", beta_distribution(2.0, b=3.0))
    assert named.words == "beta(2, b=3) in s"


WRONG = ("flatt", "gaussian", "gaussian:1", "gaussian:0,-1", "half-normal:x")


@pytest.mark.parametrize("text", WRONG)
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="half-normal:WIDTH"):
        from_words("s", text)
