"""Likelihoods with angles: derivatives, the sampler's density, the PyMC model."""

import numpy as np
import pytest
from monte_carlo import generator
from scipy.special import expit

from bayesnu.inference.log_posterior import log_posterior
from bayesnu.inference.maps import wrap
from bayesnu.inference.minimise import best_angles, derivatives, minimise
from bayesnu.likelihood.bins import Bins
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.likelihood.priors import flat, gaussian
from bayesnu.likelihood.pymc_model import template_model

ANGLE = flat(-np.pi, np.pi)


def example(seed: int = 1) -> Likelihood:
    """Three bins, two of them Poisson, with products of sizes, cosines and sines."""
    rng = generator(seed)
    parameters = (
        Parameter("size", "signal", flat(0.0, 50.0), one_sided=True),
        Parameter("phi", "signal", ANGLE, periodic=True),
        Parameter("delta", "oscillation", gaussian(3.4, 0.4)),
        Parameter("norm", "background", gaussian(1.0, 0.1, low=0.0)),
    )
    # 4 is one; then four cosines from 5 on, and four sines from 9 on.
    factors = np.array(
        [
            [3, 4, 4, 4, 4],
            [0, 0, 4, 4, 4],
            [0, 6, 4, 4, 4],
            [0, 0, 6, 7, 4],
            [0, 10, 11, 11, 4],
            [3, 0, 7, 10, 10],
        ]
    )
    templates = rng.uniform(0.1, 0.5, size=(6, 3)) * np.array([[40], [1], [1], [1], [1], [1]])
    return Likelihood(
        parameters=parameters,
        factors=factors,
        templates=templates,
        labels=tuple(("one", "a") for _ in factors),
        observed=np.array([12.0, 9.0, 14.0]),
        sigma=np.zeros(3),
        stack=(Bins("one", slice(0, 3), np.arange(4.0)),),
    )


POINTS = [np.array([1.3, 0.4, 3.1, 0.9]), np.array([0.2, -2.0, 4.0, 1.1])]


@pytest.mark.parametrize("x", POINTS)
def test_gradient_and_hessian_are_derivatives(x):
    likelihood = example()
    chi2, gradient, hessian = derivatives(likelihood, x)
    assert chi2 == pytest.approx(float(likelihood.chi2(x)), rel=1e-12)
    step = 1e-5
    for index in range(len(x)):
        move = step * np.eye(len(x))[index]
        numeric = (likelihood.chi2(x + move) - likelihood.chi2(x - move)) / (2 * step)
        # Central differences: the step squared times a third derivative of order ten.
        assert gradient[index] == pytest.approx(float(numeric), rel=1e-6, abs=1e-6)
        slope = (derivatives(likelihood, x + move)[1] - derivatives(likelihood, x - move)[1]) / (
            2 * step
        )
        np.testing.assert_allclose(hessian[index], slope, rtol=1e-5, atol=1e-5)


def test_many_points_at_once_are_the_single_ones():
    likelihood = example()
    together = likelihood.chi2(np.array(POINTS))
    np.testing.assert_allclose(together, [likelihood.chi2(x) for x in POINTS], rtol=1e-14)


def test_holding_an_angle_changes_nothing():
    likelihood, x = example(), POINTS[0]
    for name in ("phi", "delta"):
        index = likelihood.index(name)
        reduced = likelihood.with_fixed({name: float(x[index])})
        rest = np.delete(x, index)
        np.testing.assert_allclose(reduced.expected(rest), likelihood.expected(x), rtol=1e-13)
        assert name not in reduced.names


def test_best_angles_finds_the_best_phase_of_a_grid():
    likelihood, x = example(), POINTS[0]
    held = np.zeros(4, dtype=bool)
    found = best_angles(likelihood, x, held)
    trials = np.repeat(x[None], 721, axis=0)
    trials[:, 1] = np.linspace(-np.pi, np.pi, 721)
    # Eight points on the circle: within a quarter of the whole range of chi2 of the best.
    chi2 = likelihood.chi2(trials)
    assert likelihood.chi2(found) <= chi2.min() + 0.25 * np.ptp(chi2)
    held[1] = True
    np.testing.assert_array_equal(best_angles(likelihood, x, held), x)


def window(u):
    """Return the log of a uniform density over a turn, convolved with a logistic one of scale one,
    but for a constant."""
    return np.log(expit(np.pi - abs(u)) - expit(-np.pi - abs(u)))


def test_copies_of_the_window_add_up_to_one():
    u = np.linspace(-np.pi, np.pi, 101)
    total = sum(np.exp(window(u + 2 * np.pi * k)) for k in range(-8, 9))
    # Beyond eight turns the window is below e^-47.
    np.testing.assert_allclose(total, total[0], rtol=1e-13)


def test_the_minimum_of_many_starts_is_that_of_a_general_minimiser():
    from scipy.optimize import minimize

    likelihood = example()
    free = np.zeros(4, dtype=bool)
    fits = [minimise(likelihood, best_angles(likelihood, x, free), free) for x in POINTS]
    best = min(fits, key=lambda fit: fit.chi2)
    assert best.converged
    other = minimize(
        lambda x: float(likelihood.chi2(x)),
        best.x + 0.02,
        method="L-BFGS-B",
        bounds=list(zip(likelihood.low, likelihood.high, strict=True)),
        options={"ftol": 1e-14, "gtol": 1e-9},
    )
    assert best.chi2 == pytest.approx(other.fun, abs=1e-7)
    assert likelihood.chi2(best.x) == pytest.approx(best.chi2, rel=1e-12)


def test_the_samplers_density_is_the_posterior_times_the_window():
    likelihood = example()
    compiled = log_posterior(likelihood).without_window()  # of the sizes; that of the angle stays
    function = compiled.function()
    differences = []
    for x in POINTS:
        u = compiled.to_unbounded(x)
        value, gradient = function(u)
        # The norm has a lower bound: u is its logarithm, and ln |dx/du| = u.
        expected = likelihood.log_posterior(x) + u[3] + window(u[1])
        differences.append(value - expected)
        for index in range(len(u)):
            move = 1e-6 * np.eye(len(u))[index]
            numeric = (function(u + move)[0] - function(u - move)[0]) / 2e-6
            assert gradient[index] == pytest.approx(numeric, rel=1e-5, abs=1e-6)
    assert differences[0] == pytest.approx(differences[1], abs=1e-9)


def test_draws_of_an_angle_are_wrapped():
    compiled = log_posterior(example())
    u = np.array([1.0, 7.0, 3.0, 0.0])
    x = compiled.to_parameters(u)
    assert x[1] == pytest.approx(7.0 - 2 * np.pi)
    assert wrap(np.array(np.pi)) == -np.pi


def test_the_pymc_model_has_the_same_density():
    likelihood = example()
    model = template_model(likelihood)
    logp = model.compile_logp(mode="FAST_COMPILE", jacobian=False)
    differences = []
    for x in POINTS:
        values = dict(zip(likelihood.names, x, strict=True))
        point = {
            model.rvs_to_values[rv].name: model.rvs_to_transforms[rv]
            .forward(values[rv.name], *rv.owner.inputs)
            .eval()
            if model.rvs_to_transforms[rv] is not None
            else np.array(values[rv.name])
            for rv in model.free_RVs
        }
        differences.append(float(logp(point)) - likelihood.log_posterior(x))
    assert differences[0] == pytest.approx(differences[1], abs=1e-9)
