"""Posteriors from NUTS against integration on grids.

All but two or three nuisances are held at their best fit, so that what is left can be
integrated numerically to better than 1e-4.
"""

import numpy as np
import pytest
from brute_force import Curve, distance_of_draws, grid_posterior
from scipy.optimize import brentq
from toy_likelihoods import nuisance, polynomial, signal

from bayesnu.inference.credible import credible_limit
from bayesnu.inference.density import marginal_density
from bayesnu.inference.marginal_likelihood import marginalise
from bayesnu.inference.minimise import minimise
from bayesnu.inference.posterior import sample
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.priors import flat, gaussian

LIMIT = 0.01
"""Of the limit, or of the width of a region: the promise."""

DISTANCE = 0.02
"""Total variation: the promise."""

MANY = Settings(draws=4000, seed=3)
"""About 10^4 effective draws: the noise of the total variation over 10 bins is 0.013, that of
limits from conditional densities about 0.2%."""


def reduced(likelihood, kept):
    """Hold all nuisances at the best fit but those whose names start with one of `kept`."""
    best = minimise(likelihood, likelihood.start + 1e-3, np.zeros(len(likelihood.names), bool))
    fixed = {
        parameter.name: float(value)
        for parameter, value in zip(likelihood.parameters, best.x, strict=True)
        if parameter.role != "signal" and not parameter.name.startswith(kept)
    }
    return likelihood.with_fixed(fixed)


def draws_of(tree, likelihood):
    return np.stack([tree["posterior"][name].values for name in likelihood.names], axis=-1)


def nuisance_ranges(likelihood, draws):
    """Return where to integrate: the draws and two widths beyond, inside the bounds."""
    ranges = []
    for column, parameter in enumerate(likelihood.parameters):
        if parameter.role != "signal":
            values = draws[..., column]
            low, high = values.min() - 2 * values.std(), values.max() + 2 * values.std()
            ranges.append((max(low, parameter.prior.low), min(high, parameter.prior.high)))
    return ranges


def axis(likelihood, draws, column, points):
    """Return an evenly spaced grid that holds all but 1e-6 of the posterior."""
    values, prior = draws[..., column], likelihood.parameters[column].prior
    reach = 0.25 * np.ptp(values)
    return np.linspace(
        max(prior.low, values.min() - reach), min(prior.high, values.max() + reach), points
    )


def distance_of_density(density, curve):
    x = np.linspace(curve.x[0], curve.x[-1], 20_001)
    ours = np.interp(x, density.values, density.density, left=0.0, right=0.0)
    return 0.5 * np.trapezoid(np.abs(ours - curve.at(x)), x)


CASES = {
    "mu_eff, XENONnT": ("xenonnt-2022-er", "mu_eff", ("background_Pb214", "background_Kr85")),
    "mu_e, XENONnT": ("xenonnt-2022-er", "mu_e", ("background_Pb214", "background_Kr85")),
    "q_ee, XENONnT": ("xenonnt-2022-er", "q_ee", ("background_Pb214", "background_Kr85")),
    "q_ee, LZ": ("lz-2022-er", "q_ee", ("background_beta", "background_Ar37")),
    "r2_ee, XENONnT": ("xenonnt-2022-er", "r2_ee", ("background_Pb214", "flux_be7")),
    "r2_ee, khan-2022": ("xenonnt-2022-er@khan-2022", "r2_ee", ("flux_solar", "pull_sin2_theta12")),
}


@pytest.fixture(scope="module", params=CASES, ids=CASES.get)
def case(request, likelihoods):
    experiment, name, kept = CASES[request.param]
    likelihood = reduced(likelihoods(experiment, name), kept)
    assert len(likelihood.names) == 3
    tree = sample(likelihood, MANY)
    draws = draws_of(tree, likelihood)
    x = axis(likelihood, draws, 0, 301)
    curve = Curve(x, grid_posterior(likelihood, [x], nuisance_ranges(likelihood, draws)))
    return likelihood, tree, draws, curve


def test_a_90_percent_limit_is_that_of_the_grid(case):
    likelihood, tree, _, curve = case
    limit = credible_limit(tree, likelihood.parameters[0], 0.9, likelihood)
    assert limit.converged
    upper = [(None, float(curve.quantile(0.9)))]
    expected = upper if limit.kind == "upper" else curve.highest(0.9)
    width = expected[-1][1] - (expected[0][0] or 0.0)
    assert len(limit.intervals) == len(expected)
    for ours, theirs in zip(limit.intervals, expected, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            assert (a is None) == (b is None)
            if b is not None:
                assert a == pytest.approx(b, abs=LIMIT * width)


def test_the_marginal_is_that_of_the_grid(case):
    likelihood, _, draws, curve = case
    assert distance_of_draws(draws[..., 0], curve) < DISTANCE
    density = marginal_density(likelihood, draws, likelihood.names[0])
    # No noise of bins here; with two modes their weights are good to 0.003, with one 0.001.
    assert distance_of_density(density, curve) < 0.75 * DISTANCE


def test_the_radius_has_two_modes_and_both_are_sampled(likelihoods):
    likelihood = likelihoods("xenonnt-2022-er", "r2_ee")
    tree = sample(likelihood, Settings())
    modes = tree["modes"].to_dataset()
    assert len(modes["mode"]) == 2
    # All nuisances, integrated by quasi-random points instead of a chain.
    x = np.linspace(-160, 80, 161)
    found = marginalise(likelihood, "r2_ee", x)
    density = np.exp(found.log_likelihood - found.log_likelihood.max())
    curve = Curve(x, density)
    cut = float(modes["high_r2_ee"].min())
    below = float(np.interp(cut, x, curve.cumulative))
    lower = int(np.argmin(modes["low_r2_ee"].values))
    # The stated errors of the weights, and 2%.
    error = 3.0 * float(modes["weight_error"].max())
    assert float(modes["weight"][lower]) == pytest.approx(below, abs=min(0.02, 0.005 + error))


def test_the_limit_with_all_nuisances_is_that_of_importance_sampling(default_run):
    likelihood, tree = default_run("xenonnt-2022-er", "mu_eff")
    x = np.linspace(0.0, 2.2, 111)
    found = marginalise(likelihood, "mu_eff", x, points=2048)
    expected = Curve(x, np.exp(found.log_likelihood - found.log_likelihood.max())).quantile(0.9)
    limit = credible_limit(tree, likelihood.parameters[0], 0.9, likelihood)
    assert limit.intervals[0][1] == pytest.approx(float(expected), rel=LIMIT)
    # The draws alone say the same, within their Monte Carlo error of 2%.
    assert np.quantile(tree["posterior"]["mu_eff"], 0.9) == pytest.approx(expected, rel=0.05)


def test_two_charges_together_are_those_of_the_grid(likelihoods):
    likelihood = reduced(likelihoods("xenonnt-2022-er", "q_ee", "q_mumu"), ("background_Pb214",))
    tree = sample(likelihood, Settings(draws=8000, seed=3))
    draws = draws_of(tree, likelihood)
    axes = [axis(likelihood, draws, column, 81) for column in (0, 1)]
    density = grid_posterior(likelihood, axes, nuisance_ranges(likelihood, draws))
    curves = [Curve(axes[0], density.sum(axis=1)), Curve(axes[1], density.sum(axis=0))]
    # Joint: 4 x 4 cells between the marginals' quartiles, the grid's sums by linear
    # interpolation of its cumulative distribution.
    cumulative = np.zeros((82, 82))
    cumulative[1:, 1:] = density.cumsum(axis=0).cumsum(axis=1)
    cumulative /= cumulative[-1, -1]
    cells, places = [], []
    for column, curve in enumerate(curves):
        step = axes[column][1] - axes[column][0]
        edges = curve.quantile(np.array([0.25, 0.5, 0.75]))
        at = (edges - axes[column][0]) / step + 0.5
        cells.append(np.concatenate([[0.0], at, [81.0]]))
        places.append(np.searchsorted(edges, draws[..., column].ravel()))
    from scipy.interpolate import RegularGridInterpolator

    corners = RegularGridInterpolator((np.arange(82), np.arange(82)), cumulative)(
        np.stack(np.meshgrid(*cells, indexing="ij"), axis=-1)
    )
    expected = np.diff(np.diff(corners, axis=0), axis=1)
    counts = np.bincount(4 * places[0] + places[1], minlength=16).reshape(4, 4)
    # Noise with 2 x 10^4 effective draws and 16 cells: 0.4 sqrt(16 / N) = 0.011.
    assert 0.5 * np.abs(counts / counts.sum() - expected).sum() < DISTANCE
    for column, curve in enumerate(curves):
        limit = credible_limit(tree, likelihood.parameters[column], 0.9, likelihood)
        ((low, high),) = limit.intervals
        ((their_low, their_high),) = curve.highest(0.9)
        width = their_high - their_low
        assert low == pytest.approx(their_low, abs=LIMIT * width)
        assert high == pytest.approx(their_high, abs=LIMIT * width)
        assert distance_of_draws(draws[..., column], curve) < DISTANCE


def two_modes(tilt):
    """Return a likelihood with modes near +-15 of width 1, and what makes one heavier."""
    return polynomial(
        [signal("s", flat(-200.0, 200.0)), nuisance("n", gaussian(1.0, 0.05))],
        {("n", "s", "s"): [1.0, 0.0], ("s",): [0.0, 1.0], ("n",): [0.0, 5.0], (): [0.0, 500.0]},
        [225.0, 505.0 + tilt],
        [27.8, 40.0],
    )


def grid_of_two_modes(tilt):
    x = np.linspace(-40, 40, 4001)
    return Curve(x, grid_posterior(two_modes(tilt), [x], [(0.6, 1.4)]))


def test_two_modes_thirty_widths_apart_get_their_weights():
    def share_above(tilt):
        curve = grid_of_two_modes(tilt)
        return 1.0 - float(np.interp(0.0, curve.x, curve.cumulative))

    tilt = brentq(lambda t: share_above(t) - 0.8, 10.0, 200.0, xtol=1e-3)
    curve = grid_of_two_modes(tilt)
    upper = curve.density * (curve.x > 0)
    centre = np.average(curve.x, weights=upper)
    width = np.sqrt(np.average((curve.x - centre) ** 2, weights=upper))
    assert 2 * centre / width == pytest.approx(30.0, abs=2.0)
    likelihood = two_modes(tilt)
    tree = sample(likelihood, MANY)
    draws = draws_of(tree, likelihood)
    assert float((draws[..., 0] > 0).mean()) == pytest.approx(0.8, abs=0.02)  # the promise
    modes = tree["modes"].to_dataset()
    assert sorted(modes["weight"].values) == pytest.approx([0.2, 0.8], abs=0.01)
    assert distance_of_draws(draws[..., 0], curve) < DISTANCE
    limit = credible_limit(tree, likelihood.parameters[0], 0.9, likelihood)
    for (a, b), (c, d) in zip(limit.intervals, curve.highest(0.9), strict=True):
        # Of the regions' own widths, 2 to 4: far less than 1% of the distance of the modes.
        assert (a, b) == pytest.approx((c, d), abs=0.1)
