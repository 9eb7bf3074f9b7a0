"""The credible interval: exact for exact densities, with honest errors, and never the prior's."""

import numpy as np
import pytest
from brute_force import Curve
from scipy.interpolate import RegularGridInterpolator
from scipy.special import erfinv
from toy_likelihoods import (
    linear_gaussian,
    linear_solution,
    polynomial,
    signal,
    uncertain_efficiency,
)

from bayesnu.analyses.exclusion import credible_upper
from bayesnu.analyses.limit import limit
from bayesnu.experiments.loading import load
from bayesnu.inference.credible import credible, credible_from_draws
from bayesnu.inference.credible_region import credible_region
from bayesnu.inference.density import Density, from_function
from bayesnu.inference.marginal_density import marginal_density
from bayesnu.inference.marginal_likelihood import marginalise
from bayesnu.inference.point_density import from_points
from bayesnu.inference.posterior import draw_posterior
from bayesnu.inference.sampled_limit import MOST, sampled_limit
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.priors import Prior, flat
from bayesnu.model.build import build_likelihood
from bayesnu.physics.signals import signal_by_tag
from bayesnu.results.draws import Sampled
from bayesnu.results.interval_text import intervals_text, number


def sampled(draws: np.ndarray) -> Sampled:
    """Return draws as a sampler returns them."""
    return Sampled(draws, {"diverging": np.zeros(draws.shape[:2])}, True)


def test_quantiles_and_regions_of_a_known_density_are_exact():
    x = np.linspace(-6.0, 9.0, 401)
    two = 0.7 * np.exp(-0.5 * x**2) + 0.3 * np.exp(-0.5 * ((x - 5.0) / 0.5) ** 2) / 0.5
    density = Density(x, two / np.trapezoid(two, x))
    fine = np.linspace(-6.0, 9.0, 400_001)
    exact = 0.7 * np.exp(-0.5 * fine**2) + 0.3 * np.exp(-0.5 * ((fine - 5.0) / 0.5) ** 2) / 0.5
    cumulative = np.cumsum(exact) / exact.sum()
    for level in (0.05, 0.5, 0.9, 0.99):
        # Linear between points 0.04 apart: an error of 1e-3 or less.
        expected = fine[np.searchsorted(cumulative, level)]
        assert credible(density, True, level).intervals[0][1] == pytest.approx(expected, abs=2e-3)
        assert density.share_below(expected) == pytest.approx(level, abs=1e-3)
    ordered = np.sort(exact)[::-1]
    cut = ordered[np.searchsorted(np.cumsum(ordered) / ordered.sum(), 0.9)]
    above = np.flatnonzero(np.diff((exact > cut).astype(int)))
    (a, b), (c, d) = credible(density, False, 0.9).intervals
    assert (a, b, c, d) == pytest.approx(fine[above], abs=2e-3)
    assert density.share_above(a) == pytest.approx(0.9, abs=5e-3)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.997])
def test_a_function_is_refined_until_its_quantiles_are_exact(level):
    # A wall at 30 within [0.01, 1e5], and far modes of width 1 within [-1e4, 1e4].
    log_uniform = Prior(low=0.01, high=1e5, power=-1.0)
    density = from_function(lambda x: -((x / 30.0) ** 4), log_uniform)
    x = np.geomspace(0.01, 1e3, 400_001)
    cumulative = np.cumsum(np.exp(-((x / 30.0) ** 4)))
    expected = x[np.searchsorted(cumulative / cumulative[-1], level)]
    assert credible(density, True, level).intervals[0][1] == pytest.approx(expected, rel=2e-3)

    def two_modes(x: np.ndarray) -> np.ndarray:
        return np.logaddexp(-0.5 * (x - 180.0) ** 2, -0.5 * (x + 5.0) ** 2)

    nodes = np.linspace(-300.0, 300.0, 301)
    (a, b), (c, d) = credible(
        from_function(two_modes, flat(-1e4, 1e4), nodes), False, level
    ).intervals
    half = np.sqrt(2.0) * erfinv(level)
    assert (a, b, c, d) == pytest.approx((-5 - half, -5 + half, 180 - half, 180 + half), abs=0.01)


def test_a_piece_or_a_hole_that_may_be_noise_is_not_printed():
    x = np.linspace(-5.0, 5.0, 401)
    smooth = np.exp(-0.5 * x**2)
    ripple = 1.0 + 0.15 * np.cos(40 * x)
    noisy = Density(x, smooth * ripple / np.sqrt(2 * np.pi), noise=0.15 * smooth[None] / 2.5)
    assert len(credible(noisy, False, 0.9).intervals) == 1
    exact = Density(x, smooth * ripple / np.sqrt(2 * np.pi))
    assert len(credible(exact, False, 0.9).intervals) > 1
    gap = np.exp(-0.5 * (np.abs(x) - 2.0) ** 2 / 0.25)
    gap /= np.trapezoid(gap, x)
    assert len(credible(Density(x, gap, noise=0.02 * gap[None]), False, 0.9).intervals) == 2


@pytest.mark.parametrize("one_sided", [True, False])
@pytest.mark.parametrize("conditionals", [True, False])
def test_the_stated_errors_are_the_scatter_of_the_ends(one_sided, conditionals):
    likelihood = linear_gaussian()
    best, covariance, _ = linear_solution(likelihood)
    width = np.sqrt(covariance[0, 0])
    exact = best[0] + width * np.array([1.2816] if one_sided else [-1.6449, 1.6449])
    rng = np.random.default_rng(11)
    pulls = []
    for _ in range(100):
        draws = rng.multivariate_normal(best, covariance, size=(4, 250))
        found = credible(
            marginal_density(likelihood, draws, "a")
            if conditionals
            else from_points(draws[..., 0]),
            one_sided,
            0.9,
        )
        ends = [e for pair in found.intervals for e in pair if e is not None]
        errors = [e for pair in found.errors for e in pair if e is not None]
        pulls.append((np.array(ends) - exact) / np.array(errors))
    squares = np.mean(np.array(pulls) ** 2, axis=0)
    # Mean of 100 squares of a t distribution with 16 degrees of freedom, 8/7 +- 0.19; the kernel
    # adds a tenth of its width. Errors too small by a third, or too large by a half, are seen.
    assert (squares < 8 / 7 + 5 * 0.19).all() and (squares > 0.4).all()


def test_two_narrow_modes_hold_their_level_each_in_its_own_grid():
    rng = np.random.default_rng(3)
    mode = rng.uniform(size=(4, 2000)) < 0.3
    draws = np.where(mode, 1000.0, -1000.0) + rng.normal(size=mode.shape)
    found = credible(draws, False, 0.9)
    assert len(found.intervals) == 2
    held = sum(np.mean((draws > a) & (draws < b)) for a, b in found.intervals)
    assert held == pytest.approx(0.9, abs=5 * np.sqrt(0.9 * 0.1 / draws.size))


def test_a_limit_that_would_be_the_priors_range_is_not_given():
    x = np.linspace(0.0, 10.0, 301)
    for width, bounded in ((1.0, True), (3.0, True), (8.0, False), (1e3, False)):
        density = from_function(lambda v, w=width: -0.5 * (v / w) ** 2, flat(0.0, 10.0), x)
        found = credible(density, True, 0.9)
        assert found.bounded is bounded
        assert bounded or found.intervals == ((None, None),)
    # A plateau far below the peak holds most of a wide range.
    plateau = from_function(lambda v: np.maximum(-0.5 * v**2, -7.0), flat(0.0, 1e4))
    assert not credible(plateau, True, 0.9).bounded


CASES = [
    ("xenonnt-2022-er", "magnetic-moment", "mu_eff", {}),
    ("xenonnt-2026-8b", "magnetic-moment", "mu_eff", {}),
    ("xenonnt-2026-8b", "sterile-dipole", "mu_e", {"m4": 1.0}),
    ("xenonnt-2022-er", "light-mediator", "g_vector", {"m_mediator": 50.0}),
    ("xenonnt-2022-er", "millicharge", "q_eff", {}),
    ("xenonnt-2022-er", "charge-radius", "r2_eff", {}),
]


def case_likelihood(case, prior):
    experiment, tag, name, fixed = case
    loaded = load(experiment)
    model = signal_by_tag(tag, loaded.file.channel)
    if prior != "flat" and not model.parameter(name).one_sided:
        pytest.skip("a parameter that can be negative has a flat prior only")
    return build_likelihood([loaded], model, [name], fixed=fixed, prior=prior)


@pytest.mark.parametrize("prior", ["flat", "flat-squared", "log"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[2]} {case[3]}")
def test_the_printed_limit_is_that_of_the_draws_and_of_a_grid(case, prior):
    likelihood = case_likelihood(case, prior)
    parameter = likelihood.parameters[0]
    found, printed = sampled_limit(likelihood, parameter.name, 0.9, Settings())
    assert printed.converged and printed.bounded and printed.times_more <= 1.0
    ends = np.array([e for pair in printed.intervals for e in pair if e is not None])
    errors = np.array([e for pair in printed.intervals_error for e in pair if e is not None])
    draws = found.draws[..., 0]
    inside = [(draws >= (low or -np.inf)) & (draws <= high) for low, high in printed.intervals]
    ess = min(printed.ess_bulk, printed.ess_tail)
    assert np.any(inside, axis=0).mean() == pytest.approx(0.9, abs=5 * np.sqrt(0.9 * 0.1 / ess))
    # A grid that is even in the smooth variable, with the nuisances integrated at each point.
    low, high = parameter.prior.low, parameter.prior.high
    if parameter.one_sided:
        x = np.geomspace(low or 1e-3 * ends[0], min(high, 20.0 * ends[0]), 300)
    else:
        x = np.linspace(ends[0] - 2 * np.ptp(ends), ends[-1] + 2 * np.ptp(ends), 300)
    t = np.log(x) if parameter.one_sided else x
    log = marginalise(likelihood, parameter.name, x).log_likelihood + parameter.prior.log_density(x)
    curve = Curve(t, np.exp(log - log.max()) * (x if parameter.one_sided else 1.0))
    places = np.log(ends) if parameter.one_sided else ends
    below = curve.below(places)
    height = np.interp(places, t, curve.density / np.trapezoid(curve.density, t))
    held = float(below[0] if parameter.one_sided else (below[1::2] - below[::2]).sum())
    # What the errors of the ends make of the probability between them; the grid has its own.
    in_t = errors / ends if parameter.one_sided else errors
    assert held == pytest.approx(0.9, abs=5 * float(height @ in_t) + 2e-3)


def test_nuisances_are_integrated_out_as_on_a_grid_log_normal_ones_too():
    likelihood = uncertain_efficiency()
    sizes = np.array([0.0, 1.0, 2.5, 5.0, 8.0])
    logs = np.linspace(-4.5, 2.5, 101)  # of the efficiency: flat there but for its pull
    flux, background = np.linspace(0.5, 1.5, 41), np.linspace(0.1, 2.2, 61)
    grid = np.stack(np.meshgrid(np.exp(logs), flux, background, indexing="ij"), axis=-1)
    exact = []
    for size in sizes:
        points = np.concatenate([np.full((*grid.shape[:-1], 1), size), grid], axis=-1)
        exact.append(np.log(np.exp(-0.5 * likelihood.chi2(points)).sum()))
    found = marginalise(likelihood, "s", sizes)
    difference = found.log_likelihood - np.array(exact)
    assert found.efficiency > 0.5
    assert difference - difference[0] == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize("prior", ["flat", "flat-squared", "log"])
def test_exclusions_have_the_limit_of_the_sampler_under_every_prior(prior):
    likelihood = case_likelihood(CASES[2], prior)
    ours, _ = credible_upper(likelihood, "mu_e", 0.9)
    _, printed = sampled_limit(likelihood, "mu_e", 0.9, Settings())
    assert ours is not None
    error = printed.intervals_error[0][1]
    assert printed.intervals[0][1] == pytest.approx(ours, abs=5 * error + 3e-3 * ours)


def test_a_limit_that_the_data_do_not_give_is_said_in_words():
    found = limit(
        ["xenonnt-2026-8b"], "sterile-dipole", "mu_e", fixed={"m4": 30.0}, method="posterior"
    )
    assert found.converged and not found.fine
    assert found.bayesian is not None and found.bayesian.text() == "no limit"
    assert "the data do not bound mu_e: the limit would be the prior's range" in str(found)


def test_draws_that_miss_the_best_fit_have_not_converged():
    likelihood = polynomial(
        [signal("a", flat(-100.0, 100.0))], {("a", "a"): [1.0], ("a",): [0.02]}, [400.0], [2.0]
    )
    best = float(likelihood.chi2(np.array([20.0 - 0.01])))
    draws = np.random.default_rng(1).normal(3.0, 0.1, size=(4, 500, 1))
    missed = credible_from_draws(
        sampled(draws), likelihood.names, likelihood.parameters[0], 0.9, likelihood, best
    )
    assert not missed.converged and missed.missed is not None and missed.missed > 1000.0
    assert any("miss the best fit" in text for text in missed.remarks("a"))
    good = draw_posterior(likelihood, Settings())
    fine = credible_from_draws(
        good, likelihood.names, likelihood.parameters[0], 0.9, likelihood, best
    )
    assert fine.converged and fine.missed is None


def test_a_limit_is_drawn_again_until_it_is_accurate_or_says_that_it_is_not():
    likelihood = linear_gaussian()
    few, found = sampled_limit(likelihood, "a", 0.9, Settings(draws=150))
    assert few.draws.shape[1] in {150 * k for k in range(1, MOST + 1)}
    said = any("times the draws" in text for text in found.remarks("a"))
    assert said == (found.times_more > 1.0)


def test_a_limit_is_not_drawn_again_with_more_draws_than_there_may_be(monkeypatch):
    monkeypatch.setattr("bayesnu.inference.sampled_limit.MOST_DRAWS", 4 * 150)
    few, found = sampled_limit(linear_gaussian(), "a", 0.9, Settings(draws=150))
    assert few.draws.shape[1] == 150
    said = any("times the draws" in text for text in found.remarks("a"))
    assert said == (found.times_more > 1.0)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.7507, None, "0.751"),
        (0.7507, 0.0001, "0.751"),
        (0.7507, 0.009, "0.75"),
        (-5.40, 0.17, "-5.4"),
        (97.34, 0.6, "97"),
        (0.02, 0.3, "0.0"),
        (-0.02, 0.3, "0.0"),
        (12345.0, 200.0, "1.23e+04"),
        (12345.0, 2000.0, "12000"),
    ],
)
def test_no_more_digits_are_printed_than_the_error_allows(value, error, text):
    assert number(value, error) == text


def test_intervals_print_each_end_by_its_own_error():
    found = intervals_text(((-5.403, 1.2345), (None, None)), ((0.17, 0.001), (None, None)))
    assert found == "(-5.4, 1.23) or no limit"


def test_a_region_of_two_parameters_holds_its_level_however_far_its_modes():
    rng = np.random.default_rng(8)
    draws = rng.normal(size=(2, 12_000)) * np.array([[1.0], [0.01]])
    draws[:, ::3] += np.array([[3000.0], [-40.0]])
    modes = credible_region(draws, 0.9)
    assert len(modes) == 2
    inside = 0
    for mode in modes:
        near = np.abs(draws[0] - mode.x.mean()) < 100.0
        place = RegularGridInterpolator((mode.x, mode.y), mode.density, bounds_error=False)
        inside += int((place(draws[:, near].T) > mode.cut).sum())
    # By construction it holds 90% of these draws, but for what lies within a cell of the edge.
    assert inside / draws.shape[1] == pytest.approx(0.9, abs=0.02)
    # With weights 2/3 and 1/3 and one cut, 2 pi s_x s_y c = 0.05 leaves 90% inside; the areas are
    # 2 pi s_x s_y ln(w / 0.05), to which smoothing adds some percent.
    area = sum(
        float((mode.density > mode.cut).sum() * np.ptp(mode.x[:2]) * np.ptp(mode.y[:2]))
        for mode in modes
    )
    assert area == pytest.approx(2 * np.pi * 0.01 * np.log(40 / 3 * 20 / 3), rel=0.15)
