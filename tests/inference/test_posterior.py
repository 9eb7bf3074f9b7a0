"""Posteriors from NUTS against integration on grids.

All but two or three nuisances are held at their best fit, so that what is left can be
integrated numerically to better than 1e-4.
"""

import numpy as np
import pytest
from brute_force import Curve, grid_posterior
from monte_carlo import (
    assert_within,
    batch_error,
    quantile_error,
    settings,
    share_error,
    stochastic,
)
from scipy.interpolate import RegularGridInterpolator
from scipy.optimize import brentq
from toy_likelihoods import nuisance, polynomial, signal

from bayesnu.inference.credible import credible, credible_limit, upper_limit
from bayesnu.inference.marginal_density import marginal_density
from bayesnu.inference.marginal_likelihood import marginalise
from bayesnu.inference.minimise import minimise
from bayesnu.inference.posterior import sample
from bayesnu.likelihood.priors import flat, gaussian

pytestmark = stochastic

LIMIT = 0.01
"""Of the limit, or of the width of a region, is what one Monte Carlo error may be."""

GRID = 1e-3
"""The same of the grids: 241 points for the package's density, 301 for the integral."""

AVERAGED = 4000
"""Draws that the package's density averages."""

DECILES = np.linspace(0.1, 0.9, 9)

MANY = settings(draws=4000, seed=3)
"""About 10^4 effective draws: shares are known to 0.005, limits from conditional densities to
about 0.2%."""


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


def mode_of(tree):
    """Return which mode a draw is from; None if there is one."""
    found = tree["sample_stats"].get("mode")
    return None if found is None else found.values


def with_heavier_lower_mode(tree, curve, name):
    """Return a curve whose lower mode weighs more, by the error of its weight."""
    if mode_of(tree) is None:
        return curve
    modes = tree["modes"].to_dataset()
    assert len(modes["mode"]) == 2
    return curve.moved(float(modes[f"high_{name}"].min()), float(modes["weight_error"].max()))


def error_of_density(function, likelihood, tree, curve, name):
    """Return the error of a function of the package's density: of its draws and weights."""
    draws, mode = draws_of(tree, likelihood), mode_of(tree)
    few = max(1, draws.shape[0] * draws.shape[1] // AVERAGED)

    def of_draws(part):
        return function(marginal_density(likelihood, part, name))

    by_draws = batch_error(of_draws, draws[:, ::few], None if mode is None else mode[:, ::few])
    heavier = with_heavier_lower_mode(tree, curve, name)
    by_weights = np.subtract(function(heavier), function(curve))
    return np.hypot(by_draws, by_weights)


def error_of_shares(tree, hits, curve, name, x):
    """Return the errors of the shares of draws below some x: binomial, and of the weights."""
    heavier = with_heavier_lower_mode(tree, curve, name)
    return np.hypot(share_error(hits), heavier.below(x) - curve.below(x))


def ends(density):
    """Return the ends of a 90% highest-density region in a row."""
    if isinstance(density, Curve):
        return np.ravel(density.highest(0.9))
    return np.ravel(credible(density, False, 0.9).intervals)


def upper_end(density):
    if isinstance(density, Curve):
        return np.array([density.quantile(0.9)])
    return np.array([upper_limit(density, 0.9).intervals[0][1]])


def check_limit(likelihood, tree, curve, name, largest=LIMIT):
    """Compare the credible limit with the grid's; its error is small enough to mean something."""
    parameter = likelihood.parameters[likelihood.index(name)]
    limit = credible_limit(tree, parameter, 0.9, likelihood)
    assert limit.converged
    function = upper_end if limit.kind == "upper" else ends
    expected = function(curve)
    found = np.array([end for pair in limit.intervals for end in pair if end is not None])
    assert found.shape == expected.shape
    if len(expected) > 2:
        # A batch may have other pieces than all draws: the stated errors, which another test
        # finds to be the scatter of the ends, and that of the modes' weights.
        stated = [e for pair in limit.intervals_error for e in pair if e is not None]
        heavier = with_heavier_lower_mode(tree, curve, name)
        error = np.hypot(stated, np.subtract(function(heavier), expected))
    else:
        error = error_of_density(function, likelihood, tree, curve, name)
    width = expected[-1] - (expected[0] if len(expected) > 1 else 0.0)
    assert (error < largest * width).all(), error / width
    assert_within(found, expected, error, GRID * width)


def check_marginal(likelihood, tree, curve, name):
    """Compare what lies below the grid's deciles: of the draws, and of the density."""
    x = curve.quantile(DECILES)
    draws = draws_of(tree, likelihood)
    hits = draws[..., likelihood.index(name), None] < x
    assert_within(hits.mean(axis=(0, 1)), DECILES, error_of_shares(tree, hits, curve, name, x))

    def below(density):
        return Curve(np.asarray(getattr(density, "values", curve.x)), density.density).below(x)

    density = marginal_density(likelihood, draws, name)
    error = error_of_density(below, likelihood, tree, curve, name)
    assert_within(below(density), DECILES, error, GRID)


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
    return likelihood, tree, curve


def test_a_90_percent_limit_is_that_of_the_grid(case):
    likelihood, tree, curve = case
    # Both modes of a radius have ends that move with their weights.
    check_limit(likelihood, tree, curve, likelihood.names[0])


def test_the_marginal_is_that_of_the_grid(case):
    likelihood, tree, curve = case
    check_marginal(likelihood, tree, curve, likelihood.names[0])


def test_the_radius_has_two_modes_and_both_are_sampled(likelihoods):
    likelihood = likelihoods("xenonnt-2022-er", "r2_ee")
    tree = sample(likelihood, settings())
    modes = tree["modes"].to_dataset()
    assert len(modes["mode"]) == 2
    # All nuisances, integrated by quasi-random points instead of a chain.
    x = np.linspace(-160, 80, 161)
    found = marginalise(likelihood, "r2_ee", x)
    curve = Curve(x, np.exp(found.log_likelihood - found.log_likelihood.max()))
    lower = int(np.argmin(modes["low_r2_ee"].values))
    error = float(modes["weight_error"].max())
    assert error < 0.02
    expected = curve.below(float(modes["high_r2_ee"].min()))
    # 512 quasi-random points of each integral are good to 0.002 of a share.
    assert_within(modes["weight"][lower], expected, error, 0.002)


def test_the_limit_with_all_nuisances_is_that_of_importance_sampling(default_run):
    likelihood, tree = default_run("xenonnt-2022-er", "mu_eff")
    x = np.linspace(0.0, 2.2, 111)
    found = marginalise(likelihood, "mu_eff", x, points=2048)
    curve = Curve(x, np.exp(found.log_likelihood - found.log_likelihood.max()))
    check_limit(likelihood, tree, curve, "mu_eff")
    # The draws alone say the same, within their larger error.
    draws = tree["posterior"]["mu_eff"].values
    assert_within(np.quantile(draws, 0.9), curve.quantile(0.9), quantile_error(draws, 0.9))


def test_two_charges_together_are_those_of_the_grid(likelihoods):
    likelihood = reduced(likelihoods("xenonnt-2022-er", "q_ee", "q_mumu"), ("background_Pb214",))
    tree = sample(likelihood, settings(draws=4000, seed=3))
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
        places.append(np.searchsorted(edges, draws[..., column]))
    corners = RegularGridInterpolator((np.arange(82), np.arange(82)), cumulative)(
        np.stack(np.meshgrid(*cells, indexing="ij"), axis=-1)
    )
    expected = np.diff(np.diff(corners, axis=0), axis=1).ravel()
    hits = (4 * places[0] + places[1])[..., None] == np.arange(16)
    # Linear interpolation of the sums of 81 x 81 cells: 1e-3.
    assert_within(hits.mean(axis=(0, 1)), expected, share_error(hits), 1e-3)
    for column, curve in enumerate(curves):
        check_limit(likelihood, tree, curve, likelihood.names[column])
        check_marginal(likelihood, tree, curve, likelihood.names[column])


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
    modes = tree["modes"].to_dataset()
    error = float(modes["weight_error"].max())
    assert error < LIMIT
    assert_within(sorted(modes["weight"].values), [0.2, 0.8], error, 1e-4)
    # A chain holds every mode by its weight, to one draw.
    above = (draws[..., 0] > 0).mean(axis=1)
    assert above == pytest.approx(float(modes["weight"].max()), abs=1.0 / draws.shape[1])
    # The regions are 2 to 4 wide, and 30 apart.
    check_limit(likelihood, tree, curve, "s", largest=0.1 * LIMIT)
    check_marginal(likelihood, tree, curve, "s")
