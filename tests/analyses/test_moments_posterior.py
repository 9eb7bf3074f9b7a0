"""Posteriors with phases marginalised, against brute force, with both priors."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from monte_carlo import (
    assert_within,
    binomial_error,
    mean_error,
    quantile_error,
    seed,
    settings,
    stochastic,
)

import bayesnu
from bayesnu.analyses.beams.derived import SIZE, effective_moments, upper_limits
from bayesnu.analyses.beams.importance import importance_sample
from bayesnu.analyses.beams.limits import derived_limits
from bayesnu.errors import InputError
from bayesnu.inference.credible import credible_limit, upper_limit
from bayesnu.inference.point_density import from_points
from bayesnu.model.build import build_likelihood
from bayesnu.physics.moments import beam_by_name, effective_moment, majorana
from bayesnu.physics.signals import TransitionMoment
from bayesnu.physics.treatment import Neutrinos, Oscillation

SIGNAL = TransitionMoment()
SIZES = ("Lambda_1", "Lambda_2", "Lambda_3")
SETTINGS = bayesnu.Settings(draws=2000, tune=400, chains=4, cores=1, seed=seed(5))
REACH = 15.0
"""Brute force goes to five times the limits."""

GRID = 0.01
"""What its 24 points an axis leave of a limit, or of the mean of a cosine."""


@cache
def two_beams(prior):
    """Borexino and GEMMA, similarly strong, with mixing fixed: sizes and phases alone."""
    fixed = Neutrinos(oscillation=Oscillation(nuisances=False))
    experiments = []
    for name in ("borexino-2017", "gemma-2012"):
        experiment = bayesnu.load(name)
        file = experiment.file.model_copy(update={"neutrinos": fixed})
        experiments.append(replace(experiment, file=file))
    return build_likelihood(experiments, SIGNAL, SIGNAL.elementary(), prior=prior)


@cache
def draws(prior):
    return bayesnu.sample(two_beams(prior), SETTINGS)


@cache
def brute_force(prior):
    """Quantiles of the sizes and means of cos phi on a midpoint grid of all five."""
    likelihood = two_beams(prior)
    points, phases = 24, 12
    size = (np.arange(points) + 0.5) * REACH / points
    # Finer where the posterior is: x = REACH s^2, dx = 2 REACH s ds.
    share = (np.arange(points) + 0.5) / points
    size, measure = REACH * share**2, share
    phase = (np.arange(phases) + 0.5) * 2 * np.pi / phases - np.pi
    weights = np.zeros((points, points, points, phases, phases))
    power = 1.0 if prior == "flat-squared" else 0.0
    for i, first in enumerate(size):
        grid = np.stack(np.meshgrid([first], size, size, phase, phase, indexing="ij"), axis=-1)[0]
        density = np.exp(-0.5 * likelihood.chi2(grid)) * measure[i]
        density *= (measure[:, None] * measure)[..., None, None]
        weights[i] = density * np.prod(grid[..., :3], axis=-1) ** power
    weights /= weights.sum()
    limits = []
    for axis in range(3):
        marginal = weights.sum(axis=tuple(k for k in range(5) if k != axis))
        edges = REACH * (np.arange(points + 1) / points) ** 2
        limits.append(np.interp(0.9, np.concatenate([[0], np.cumsum(marginal)]), edges))
    cosines = [
        float((weights.sum(axis=tuple(k for k in range(5) if k != axis)) * np.cos(phase)).sum())
        for axis in (3, 4)
    ]
    return limits, cosines


@stochastic
@pytest.mark.parametrize("prior", ["flat", "flat-squared"])
def test_nuts_agrees_with_a_brute_force_grid(prior):
    tree, likelihood = draws(prior), two_beams(prior)
    limits, cosines = brute_force(prior)
    for name, expected in zip(SIZES, limits, strict=True):
        found = credible_limit(tree, likelihood.parameters[likelihood.index(name)], 0.9)
        assert found.converged
        error = quantile_error(tree["posterior"][name].values, 0.9)
        assert error < 0.025 * expected
        assert_within(found.intervals[0][1], expected, error, GRID * expected)
    posterior = tree["posterior"].to_dataset()
    for name, expected in zip(("phi_1", "phi_3"), cosines, strict=True):
        values = np.asarray(posterior[name])
        assert np.abs(values).max() <= np.pi
        assert_within(np.cos(values).mean(), expected, mean_error(np.cos(values)), GRID)


@stochastic
def test_importance_sampling_agrees_with_a_brute_force_grid():
    fixed = Neutrinos(oscillation=Oscillation(nuisances=False))
    experiments = []
    for name in ("borexino-2017", "gemma-2012"):
        experiment = bayesnu.load(name)
        file = experiment.file.model_copy(update={"neutrinos": fixed})
        experiments.append(replace(experiment, file=file))
    found = importance_sample(two_beams("flat"), experiments, seed())
    assert found.effective > 1000
    limits, cosines = brute_force("flat")
    for name, expected in zip(SIZES, limits, strict=True):
        # Quasi-random points are not worse than as many random ones of their weights.
        around = 0.9 + np.array([-1.0, 1.0]) * binomial_error(0.9, found.effective)
        density = from_points(found.values[name], SIZE, found.weights, found.effective)
        low, high = (upper_limit(density, level).intervals[0][1] for level in around)
        value = upper_limit(density, 0.9).intervals[0][1]
        assert_within(value, expected, 0.5 * (high - low), GRID * expected)
    for name, expected in zip(("phi_1", "phi_3"), cosines, strict=True):
        cosines = np.cos(found.values[name])
        mean = found.weights @ cosines
        error = np.sqrt(found.weights**2 @ (cosines - mean) ** 2)
        assert_within(mean, expected, error, GRID)


@stochastic
@pytest.mark.parametrize(("name", "beam"), [("gemma-2012", "reactor"), ("borexino-2017", "solar")])
def test_a_limit_on_one_beam_alone_has_a_posterior_too(name, beam):
    # GEMMA's has a tube along its blind spot, which NUTS explores with divergences.
    _, found, _ = derived_limits([name], beam, method="posterior", settings=settings())
    assert found.converged
    limit, error = found.intervals[0][1], found.intervals_error[0][1]
    assert error < 0.05 * limit
    published = {"gemma-2012": 2.9, "borexino-2017": 2.8}[name]
    # A likelihood in mu^2 at the published limit; three moments at once prefer larger ones.
    assert published - 5.0 * error < limit < 1.15 * published + 5.0 * error


def test_flat_in_real_and_imaginary_parts_is_the_wider_prior():
    # d Re d Im = |Lambda| d|Lambda| d phi favours large moments: by 15 to 20% here.
    limits = {prior: brute_force(prior)[0] for prior in ("flat", "flat-squared")}
    ratio = np.array(limits["flat-squared"]) / limits["flat"]
    assert ((ratio > 1.08) & (ratio < 1.25)).all()


def test_the_same_seed_gives_the_same_draws():
    few = replace(SETTINGS, draws=50, tune=100)
    first, second = (bayesnu.sample(two_beams("flat"), few) for _ in range(2))
    for name in (*SIZES, "phi_1"):
        np.testing.assert_array_equal(first["posterior"][name], second["posterior"][name])


@stochastic
def test_derived_moments_are_those_of_the_draws():
    posterior = draws("flat")["posterior"].to_dataset()
    found = effective_moments(draws("flat"))
    one = {name: float(posterior[name][1, 7]) for name in (*SIZES, "phi_1", "phi_3")}
    matrix = majorana(
        one["Lambda_1"] * np.exp(1j * one["phi_1"]),
        one["Lambda_2"],
        one["Lambda_3"] * np.exp(1j * one["phi_3"]),
    )
    for name, values in found.items():
        expected = effective_moment(matrix, beam_by_name(name))
        assert values[1, 7] == pytest.approx(float(expected), rel=1e-12)
    limits = upper_limits(draws("flat"))
    # The beams that were measured stay below their limits; the accelerator was not measured.
    assert limits["solar"] < 2.9 and limits["reactor"] < 3.0
    assert limits["accelerator"] > 4.0


def test_derived_moments_follow_the_fitted_mixing():
    values = {"Lambda_1": [1.0, 1.0], "pull_sin2_theta12": [0.0, 1.0]}
    found = effective_moments(values, beams=["reactor"])["reactor"]
    s12 = 0.318 + 0.016 * np.array([0.0, 1.0])
    np.testing.assert_allclose(found**2, 1 - (1 - s12) * (1 - 0.022), rtol=1e-12)


def test_moments_without_phases_are_refused():
    values = {"Lambda_1": [1.0], "Lambda_2": [1.0]}
    with pytest.raises(InputError, match="phi_1"):
        effective_moments(values)
    assert "solar" in effective_moments(values, beams=["solar"])


@stochastic
def test_solar_data_leave_the_phases_flat_and_limit_every_beam():
    few = replace(SETTINGS, draws=1500, tune=300)
    experiments = ["xenonnt-2022-er"]
    frequentist, credible, unit = derived_limits(
        experiments, "mu_reactor", method="both", settings=few
    )
    assert unit == "1e-11 mu_B"
    assert credible.converged
    # Two statements on a derived quantity whose implied prior is not flat: a third apart.
    assert credible.intervals[0][1] == pytest.approx(frequentist.intervals[0][1], rel=0.35)
