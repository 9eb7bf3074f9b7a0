"""One likelihood: written out by hand, differentiated numerically, and as a PyMC model."""

import numpy as np
import pytest
from monte_carlo import generator
from toy_likelihoods import (
    central,
    chi2_by_hand,
    nuisance,
    polynomial,
    signal,
    uncertain_efficiency,
)

from bayesnu.errors import InputError
from bayesnu.inference.minimise import derivatives, minimise
from bayesnu.likelihood import COUNTS_FLOOR
from bayesnu.likelihood.priors import Prior, flat, gaussian, log_normal
from bayesnu.likelihood.pymc_model import template_model

CASES = [
    ("xenonnt-2022-er", ("mu_eff",), "flat"),
    ("xenonnt-2022-er", ("mu_eff",), "flat-squared"),
    ("xenonnt-2022-er", ("mu_eff",), "log"),
    ("xenonnt-2022-er@khan-2022", ("r2_ee",), "flat"),
    ("lz-2022-er", ("all charges",), "flat"),
    ("toy", ("efficiency",), "log-normal"),
]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[0]} {case[1][0]} {case[2]}")
def likelihood(request, likelihoods):
    experiment, free, prior = request.param
    if experiment == "toy":
        return uncertain_efficiency()
    return likelihoods(experiment, *free, prior=prior)


def random_points(likelihood, count, seed=3):
    """Return points inside all bounds: signals of O(1), nuisances within two widths.

    Where lines beyond one width lead below zero, counts end there and chi2 has a kink: left out.
    """
    rng = generator(seed)
    x = drawn_points(likelihood, 4 * count, rng)
    x = x[(likelihood.expected(x) > 2.0 * COUNTS_FLOOR).all(axis=1)]
    assert len(x) >= count
    return x[:count]


def drawn_points(likelihood, count, rng):
    """Return points whose counts may be at the floor."""
    x = np.empty((count, len(likelihood.names)))
    for column, parameter in enumerate(likelihood.parameters):
        prior = parameter.prior
        if prior.is_gaussian:
            drawn = prior.centre + 2.0 * prior.sigma * rng.uniform(-1, 1, size=count)
        elif parameter.role == "signal":
            drawn = rng.uniform(0.05 if prior.low >= 0 else -4.0, 4.0, size=count)
        else:
            drawn = rng.uniform(0.6, 1.2, size=count)
        x[:, column] = np.clip(drawn, prior.low + 1e-3, prior.high - 1e-3)
    return x


def test_chi2_is_the_sum_over_bins_and_pulls_written_out(likelihood):
    for x in random_points(likelihood, 3):
        # Sums of up to a hundred terms of size 10^4: 1e-12 is rounding.
        assert float(likelihood.chi2(x)) == pytest.approx(chi2_by_hand(likelihood, x), rel=1e-12)


def test_the_gradient_of_chi2_agrees_with_finite_differences(likelihood):
    for x in random_points(likelihood, 3):
        value, gradient = likelihood.chi2_and_gradient(x)
        assert value == pytest.approx(float(likelihood.chi2(x)), rel=1e-13)
        numeric = central(lambda point: float(likelihood.chi2(point)), x, 1e-4)
        # Rounding of chi2 ~ 10^3..10^5 over the step 10^-4 leaves up to 1e-7 of the largest slope.
        np.testing.assert_allclose(gradient, numeric, atol=1e-7 * np.abs(gradient).max())


def test_the_compiled_derivatives_are_the_gradient_and_the_exact_hessian(likelihood):
    for x in random_points(likelihood, 3):
        value, gradient, hessian = derivatives(likelihood, x)
        other_value, other_gradient = likelihood.chi2_and_gradient(x)
        assert value == pytest.approx(other_value, rel=1e-12)
        np.testing.assert_allclose(gradient, other_gradient, rtol=1e-10, atol=1e-8)
        numeric = central(lambda point: likelihood.chi2_and_gradient(point)[1], x, 1e-4)
        # The gradient is exact; its rounding over the step leaves 1e-8 of the largest entry.
        np.testing.assert_allclose(hessian, numeric, atol=1e-8 * np.abs(hessian).max())


def test_counts_at_the_floor_have_no_slope(likelihoods):
    """They stay where they are, whichever parameter moves: a fit does not hang there."""
    likelihood = likelihoods("lz-2022-er", "q_ee", "q_mumu")
    x = likelihood.point({"q_ee": -11.0, "q_mumu": -22.0, "threshold_lz_2022_er": 2.75})
    assert (likelihood.expected(x) == COUNTS_FLOOR).any()
    _, gradient = likelihood.chi2_and_gradient(x)
    numeric = central(lambda point: float(likelihood.chi2(point)), x, 1e-6)
    np.testing.assert_allclose(gradient, numeric, atol=1e-5 * np.abs(gradient).max())
    value, compiled, _ = derivatives(likelihood, x)
    assert value == pytest.approx(float(likelihood.chi2(x)), rel=1e-12)
    np.testing.assert_allclose(compiled, gradient, rtol=1e-10, atol=1e-8)
    held = np.array([name in ("q_ee", "q_mumu") for name in likelihood.names])
    assert minimise(likelihood, x, held).converged


@pytest.fixture(scope="module")
def plain_model(likelihood):
    """The PyMC model on the parameters' own scale."""
    from pymc.model.transform.conditioning import remove_value_transforms

    return remove_value_transforms(template_model(likelihood))


def as_point(likelihood, x):
    return {name: np.asarray(value) for name, value in zip(likelihood.names, x, strict=True)}


def test_pymc_and_chi2_with_priors_differ_by_a_constant(likelihood, plain_model):
    log_density = plain_model.compile_logp(jacobian=False, mode="FAST_COMPILE")
    points = random_points(likelihood, 100)
    ours = np.array([likelihood.log_posterior(x) for x in points])
    theirs = np.array([float(log_density(as_point(likelihood, x))) for x in points])
    assert np.isfinite(ours).all()
    difference = theirs - ours
    # 1e-9 absolute where the values are of order 10^3; rounding grows with them.
    scale = np.maximum(1.0, np.abs(ours) / 1e3)
    assert np.max(np.abs(difference - difference[0]) / scale) < 1e-9


def test_the_gradient_of_the_pymc_model_agrees_with_finite_differences(likelihood, plain_model):
    slope = plain_model.compile_dlogp(jacobian=False, mode="FAST_COMPILE")
    order = [variable.name for variable in plain_model.continuous_value_vars]
    place = [order.index(name) for name in likelihood.names]
    for x in random_points(likelihood, 3, seed=8):
        numeric = central(likelihood.log_posterior, x, 1e-4)
        theirs = np.asarray(slope(as_point(likelihood, x)))[place]
        # As for chi2: rounding over the step.
        np.testing.assert_allclose(theirs, numeric, atol=1e-7 * np.abs(numeric).max())


def test_the_pymc_model_has_named_variables_dims_and_coords(likelihoods):
    likelihood = likelihoods("xenonnt-2022-er", "mu_eff")
    model = template_model(likelihood)
    assert [variable.name for variable in model.free_RVs] == list(likelihood.names)
    assert model.named_vars_to_dims["counts_xenonnt_2022_er"] == ("bin_xenonnt_2022_er",)
    centres = np.array(model.coords["bin_xenonnt_2022_er"])
    edges = likelihood.stack[0].edges
    np.testing.assert_allclose(centres, 0.5 * (edges[1:] + edges[:-1]))


def test_fixing_a_parameter_is_evaluating_at_its_value(likelihood):
    name = likelihood.names[-1]
    for x in random_points(likelihood, 3):
        fixed = likelihood.with_fixed({name: x[-1]})
        assert fixed.names == likelihood.names[:-1]
        # The products are formed in another order: rounding.
        np.testing.assert_allclose(fixed.expected(x[:-1]), likelihood.expected(x), rtol=1e-13)


def test_priors_are_the_densities_they_say():
    x = np.linspace(0.5, 2.0, 7)
    for prior, density in (
        (flat(0.0, 3.0), np.ones(7)),
        (Prior(low=0.0, high=3.0, power=1.0), x),
        (Prior(low=0.1, high=3.0, power=-1.0), 1.0 / x),
        (log_normal(0.3), np.exp(-(np.log(x) ** 2) / (2 * 0.09)) / x),
        (gaussian(1.0, 0.2), np.exp(-((x - 1.0) ** 2) / (2 * 0.04))),
    ):
        ours = np.array([prior.log_density(value) for value in x])
        np.testing.assert_allclose(ours - ours[0], np.log(density / density[0]), atol=1e-12)
        assert prior.log_density(prior.high + 1.0) == -np.inf or np.isinf(prior.high)
        np.testing.assert_array_equal(prior.log_density(x), ours)


PRIORS = [
    flat(-1.0, 3.0),
    Prior(low=0.0, high=3.0, power=1.0),
    Prior(low=0.5, high=2.0, power=1.0),
    Prior(low=0.1, high=3.0, power=-1.0),
    gaussian(1.0, 0.2),
    gaussian(0.2, 1.0, low=0.0),
    gaussian(-9.0, 1.0, low=0.0, high=2.0),
]


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.words("x"))
def test_quantiles_densities_and_moments_of_a_prior_agree(prior):
    share = np.linspace(0.0005, 0.9995, 20_001)
    x = prior.ppf(share)
    assert (np.diff(x) > 0).all() and (x >= prior.low).all() and (x <= prior.high).all()
    # The density integrates, between quantiles, to the shares between them.
    steps = 0.5 * (prior.density(x[1:]) + prior.density(x[:-1])) * np.diff(x)
    np.testing.assert_allclose(np.cumsum(steps), share[1:] - share[0], atol=1e-6)
    assert float(prior.ppf(1.0)) == pytest.approx(prior.high)
    if prior.is_gaussian:
        even = prior.ppf((np.arange(200_000) + 0.5) / 200_000)
        assert prior.moments == pytest.approx((even.mean(), even.std()), rel=1e-3)


def test_a_prior_keeps_its_numbers_in_attributes():
    for prior in PRIORS:
        assert Prior.from_attributes(prior.to_attributes()) == prior
    assert Prior.from_attributes({"prior": "flat in x on [0, 1]"}) is None


@pytest.mark.parametrize("power", [1.0, -1.0])
def test_a_power_prior_that_starts_above_zero_is_the_same_in_pymc(power):
    from pymc.model.transform.conditioning import remove_value_transforms

    prior = Prior(low=0.5, high=2.0, power=power)
    likelihood = polynomial([signal("s", prior)], {("s",): [1.0], (): [2.0]}, [3.0])
    model = remove_value_transforms(template_model(likelihood))
    log_density = model.compile_logp(jacobian=False, mode="FAST_COMPILE")
    x = np.array([[0.6], [1.0], [1.9]])
    theirs = np.array([float(log_density({"s": v[0]})) for v in x])
    ours = np.array([likelihood.log_posterior(v) for v in x])
    np.testing.assert_allclose(theirs - theirs[0], ours - ours[0], atol=1e-9)


def test_counts_stay_positive_where_a_nuisance_asks_for_negative_ones():
    likelihood = polynomial(
        [signal("s", flat(-5, 5)), nuisance("n", gaussian(1.0, 1.0))],
        {("s",): [1.0, 1.0], ("n",): [2.0, 3.0]},
        [3.0, 0.0],
    )
    assert np.isfinite(likelihood.chi2(np.array([-4.0, 0.5])))


def test_unknown_names_and_wrong_counts_are_refused_in_a_sentence(likelihoods):
    likelihood = likelihoods("xenonnt-2022-er", "mu_eff")
    with pytest.raises(InputError, match="mu_eff"):
        likelihood.index("mu_x")
    with pytest.raises(InputError, match="non-negative"):
        likelihood.with_observed(-np.ones(len(likelihood.observed)))
