"""The compiled log-posterior is the NumPy one, with every kind of bound."""

import numpy as np
import pytest
from monte_carlo import assert_within, generator, quantile_error, settings, stochastic
from toy_likelihoods import central, nuisance, polynomial, signal
from unbounded import log_jacobian, log_window

from bayesnu.inference import maps
from bayesnu.inference.layout import spans_of
from bayesnu.inference.log_posterior import log_posterior
from bayesnu.likelihood.priors import Prior, flat, gaussian, log_normal

KINDS = {
    "free": maps.UNBOUNDED,
    "above": maps.ABOVE,
    "below": maps.BELOW,
    "between": maps.BETWEEN,
    "size": maps.WINDOWED,
    "wide_log": maps.LOG_BETWEEN,
    "log": maps.SOFT_ABOVE,
    "cut": maps.WINDOWED,
    "square": maps.BETWEEN,
    "efficiency": maps.EXPONENTIAL,
}


def every_kind(gaussian_bins):
    """Return a likelihood with a parameter of each kind; counts of both bin types are positive."""
    rng = generator(4)
    parameters = [
        nuisance("free", gaussian(0.5, 0.3)),
        nuisance("above", gaussian(1.0, 0.5, low=0.0)),
        nuisance("below", gaussian(0.0, 1.0, high=2.0)),
        nuisance("between", flat(0.2, 3.0)),
        signal("size", flat(0.0, 8.0), one_sided=True),
        signal("wide_log", Prior(low=0.01, high=2.0, power=-1.0), one_sided=True),
        signal("log", Prior(low=0.01, high=500.0, power=-1.0), one_sided=True),
        signal("cut", flat(-6.0, 1.5)),
        signal("square", Prior(low=0.0, high=7.0, power=1.0), one_sided=True),
        nuisance("efficiency", log_normal(0.4)),
    ]
    bins = 6
    terms = {(p.name,): rng.uniform(0.1, 1.0, bins) for p in parameters if p.role != "signal"}
    terms |= {
        (p.name, p.name): rng.uniform(0.5, 1.0, bins)
        for p in parameters
        if p.role == "signal" and p.name != "wide_log"
    }
    # Of this one the data know nothing.
    terms["wide_log", "wide_log"] = np.full(bins, 1e-3)
    terms["above", "cut", "size"] = rng.uniform(0.0, 0.1, bins)
    terms[()] = np.full(bins, 30.0)
    observed = np.round(rng.uniform(28, 40, bins))
    return polynomial(parameters, terms, observed, np.sqrt(observed) if gaussian_bins else None)


def test_reflected_copies_have_weights_that_add_up_to_the_same_everywhere():
    low, high = -6.0, 1.5
    x = np.linspace(low, high, 41)
    width = high - low
    copies = [x + 2 * k * width for k in range(-30, 31)]
    copies += [2 * low - copy for copy in copies]
    total = sum(np.exp(log_window(copy - low, width)) for copy in copies)
    np.testing.assert_allclose(total, total[0], rtol=1e-12)


@stochastic
def test_a_chain_does_not_wander_through_reflected_copies():
    """Flat between both bounds: without the window its steps were a thousandth of this."""
    from bayesnu.inference.posterior import draw_posterior

    likelihood = polynomial(
        [signal("flat", flat(-1.0, 2.0)), nuisance("norm", gaussian(1.0, 0.1))],
        {("flat",): np.full(3, 1e-6), ("norm",): np.full(3, 100.0)},
        observed=np.full(3, 100.0),
    )
    found = draw_posterior(likelihood, settings(draws=500, tune=300, chains=2, cores=1))
    assert np.max(found.statistics["n_steps"]) <= 31
    draws = found.draws[..., 0]
    for level in (0.25, 0.5, 0.75):
        error = quantile_error(draws, level)
        assert error < 0.15
        assert_within(np.quantile(draws, level), 3.0 * level - 1.0, error)


@pytest.fixture(scope="module", params=[False, True], ids=["Poisson", "Gaussian"])
def toy(request):
    likelihood = every_kind(request.param)
    return likelihood, log_posterior(likelihood)


def test_every_kind_of_bound_is_used(toy):
    likelihood, compiled = toy
    assert dict(zip(likelihood.names, compiled.bounds.tolist(), strict=True)) == KINDS


def test_it_is_the_numpy_log_posterior_plus_the_jacobian(toy):
    likelihood, compiled = toy
    function = compiled.function()
    rng = generator(6)
    differences = []
    for _ in range(100):
        u = rng.normal(scale=1.5, size=compiled.size)
        x = compiled.to_parameters(u)
        assert (x >= likelihood.low).all() and (x <= likelihood.high).all()
        by_hand = likelihood.log_posterior(x) + log_jacobian(likelihood, compiled, u)
        differences.append(function(u)[0] - by_hand)
    # They differ by what depends on the data alone; 1e-9 where values are of order 100.
    assert np.ptp(differences) < 1e-9


def test_the_gradient_agrees_with_finite_differences(toy):
    _, compiled = toy
    function = compiled.function()
    rng = generator(7)
    for _ in range(20):
        u = rng.normal(size=compiled.size)
        # Away from the folds, where the density has a kink for which there is no derivative.
        for i in np.flatnonzero(compiled.bounds == maps.WINDOWED):
            u[i] = np.sign(u[i]) * (0.1 + abs(u[i])) if abs(u[i]) < 0.1 else u[i]
            u[i] = min(u[i], 1.4)
        gradient = function(u)[1]
        numeric = central(lambda point: function(point)[0], u, 1e-3)
        # The stencil's error is step^4 = 1e-12 times fifth derivatives of up to a few 10^4.
        np.testing.assert_allclose(gradient, numeric, atol=2e-8 * max(1, np.abs(gradient).max()))


def test_the_maps_to_and_from_unbounded_coordinates_are_inverse(toy):
    _, compiled = toy
    rng = generator(9)
    u = rng.normal(size=(50, compiled.size))
    x = compiled.to_parameters(u)
    # Rounding, enlarged where a logistic map is flat.
    np.testing.assert_allclose(compiled.to_parameters(compiled.to_unbounded(x)), x, rtol=1e-11)


@pytest.mark.parametrize(
    "experiment, free, prior",
    [
        ("xenonnt-2022-er", ("mu_eff",), "flat"),
        ("xenonnt-2022-er", ("mu_eff",), "log"),
        ("xenonnt-2022-er@khan-2022", ("r2_ee",), "flat"),
        ("lz-2022-er", ("all charges",), "flat"),
    ],
)
def test_that_of_an_experiment_is_its_likelihood(likelihoods, experiment, free, prior):
    likelihood = likelihoods(experiment, *free, prior=prior)
    compiled = log_posterior(likelihood)
    function = compiled.function()
    rng = generator(2)
    centre = compiled.to_unbounded(
        np.clip(likelihood.start, likelihood.low + 0.2, likelihood.high - 0.05)
    )
    differences, sizes = [], []
    for _ in range(100):
        u = centre + 0.3 * rng.normal(size=compiled.size)
        x = compiled.to_parameters(u)
        by_hand = likelihood.log_posterior(x) + log_jacobian(likelihood, compiled, u)
        differences.append(function(u)[0] - by_hand)
        sizes.append(abs(by_hand))
    # 1e-9 where values are of order 10^3; rounding grows with them.
    assert np.ptp(differences) < 1e-9 * max(1.0, max(sizes) / 1e3)


def test_what_the_sampler_calls_is_the_log_posterior():
    """The C function that runs without Python reads the same numbers."""
    import ctypes

    from bayesnu.inference.samplers import native

    likelihood = every_kind(False)
    compiled = log_posterior(likelihood)
    function = compiled.function()
    model = native.native_model(
        compiled.size, compiled.block(), lambda seed: np.zeros(compiled.size)
    )
    assert model is not None, "nutpie's class for compiled models has changed"
    block = compiled.block()
    doubles = ctypes.POINTER(ctypes.c_double)
    call = ctypes.CFUNCTYPE(
        ctypes.c_int64, ctypes.c_uint64, doubles, doubles, doubles, ctypes.c_void_p
    )(model.compiled_logp_func.address)
    rng = generator(3)
    for _ in range(20):
        u, gradient, value = rng.normal(size=compiled.size), np.empty(compiled.size), np.empty(1)
        places = [array.ctypes.data_as(doubles) for array in (u, gradient, value)]
        assert call(compiled.size, *places, block.ctypes.data) == 0
        expected, slope = function(u)
        assert value[0] == expected
        np.testing.assert_array_equal(gradient, slope)


def test_terms_without_counts_in_some_bins_cost_nothing_and_change_nothing() -> None:
    templates = np.array([[0.0, 1, 2, 0], [0, 0, 0, 0], [3, 0, 4, 5], [0, 0, 0, 6]])
    assert spans_of(templates).tolist() == [[1, 3], [0, 0], [0, 4], [3, 4]]
