"""Profiles: exact where algebra is, as MINOS elsewhere, and never above a brute-force fit."""

import numpy as np
import pytest
from monte_carlo import generator
from scipy.optimize import minimize
from toy_likelihoods import linear_gaussian, linear_solution, nuisance, polynomial, signal

from bayesnu.errors import InputError
from bayesnu.inference.cross_check import minos_interval
from bayesnu.inference.profile import profile
from bayesnu.likelihood.priors import flat, gaussian
from bayesnu.likelihood.threshold import threshold

CUT = threshold(0.9, 1)


def test_thresholds_are_those_of_the_chi2_distribution():
    assert threshold(0.9, 1) == pytest.approx(2.705543454, abs=1e-9)
    # For two degrees of freedom the distribution is an exponential: -2 ln(1 - level).
    assert threshold(0.9, 2) == pytest.approx(-2.0 * np.log(0.1), rel=1e-12)
    assert threshold(0.6827, 1) == pytest.approx(1.0, abs=1e-4)
    for level, dof in ((0.0, 1), (1.0, 1), (-0.1, 2), (0.9, 3)):
        with pytest.raises(InputError):
            threshold(level, dof)


@pytest.mark.parametrize("scale", [1e-3, 1e-2, 1.0, 1e2, 1e3])
@pytest.mark.parametrize("cut", [1.0, CUT, 9.0])
def test_intervals_of_a_linear_gaussian_problem_are_exact_at_any_scale(scale, cut):
    likelihood = linear_gaussian(scale)
    best, covariance, chi2 = linear_solution(likelihood)
    curve = profile(likelihood, "a", cut=cut)
    half = np.sqrt(cut * covariance[0, 0])
    ((low, high),) = curve.intervals(cut)
    # 1e-6 of the width: the promise. Fits stop when chi2 is right to 1e-8.
    assert low == pytest.approx(best[0] - half, abs=1e-6 * half)
    assert high == pytest.approx(best[0] + half, abs=1e-6 * half)
    # The minimum is as flat as chi2 is exact: sqrt(1e-8) of a width.
    assert curve.best_fit == pytest.approx(best[0], abs=1e-4 * half)
    assert curve.chi2_min == pytest.approx(chi2, abs=1e-8)
    expected = (curve.values - best[0]) ** 2 / covariance[0, 0]
    np.testing.assert_allclose(curve.delta_chi2, expected, atol=1e-7)


def test_an_upper_limit_at_a_boundary_is_exact():
    """The best fit lies at zero, where the parameter's range ends."""
    likelihood = polynomial(
        [signal("s", flat(0.0, 1e3), one_sided=True)], {(): [10.0], ("s",): [2.0]}, [8.0], [4.0]
    )
    curve = profile(likelihood, "s")
    assert curve.best_fit == 0.0
    # ((2 s + 2) / 4)^2 - (2 / 4)^2 = cut
    expected = 2.0 * np.sqrt(CUT + 0.25) - 1.0
    ((low, high),) = curve.intervals(CUT)
    assert low is None
    assert high == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "experiment, free",
    [
        ("xenonnt-2022-er", "mu_eff"),
        ("lz-2022-er", "mu_eff"),
        ("xenonnt-2022-er", "mu_e"),
        ("xenonnt-2022-er@khan-2022", "mu_eff"),
        ("xenonnt-2022-er", "q_ee"),
        ("lz-2022-er", "q_ee"),
        ("lz-2022-er", "r2_mumu"),
    ],
)
def test_profiles_agree_with_minos(likelihoods, experiment, free):
    likelihood = likelihoods(experiment, free)
    intervals = profile(likelihood, free).intervals(CUT)
    low, high = intervals[0][0], intervals[-1][1]
    their_low, their_high = minos_interval(likelihood, free, CUT)
    width = their_high - (their_low or 0.0)
    # 0.5% is what MINOS itself is good for.
    assert high == pytest.approx(their_high, abs=0.005 * width)
    if low is not None and their_low is not None:
        assert low == pytest.approx(their_low, abs=0.005 * width)


def fit_by_scipy(likelihood, name, value, starts):
    """Return the smallest chi2 with one parameter held, by L-BFGS-B from several starts."""
    index = likelihood.index(name)
    free = [i for i in range(len(likelihood.names)) if i != index]
    bounds = [(likelihood.low[i], likelihood.high[i]) for i in free]

    def chi2(part):
        x = np.empty(len(likelihood.names))
        x[index], x[free] = value, part
        chi2, gradient = likelihood.chi2_and_gradient(x)
        return chi2, gradient[free]

    options = {"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-9}
    return min(
        minimize(chi2, start[free], jac=True, bounds=bounds, options=options).fun
        for start in starts
    )


def test_two_solutions_give_a_union_of_intervals(likelihoods):
    likelihood = likelihoods("xenonnt-2022-er@khan-2022", "r2_ee")
    curve = profile(likelihood, "r2_ee")
    (a, b), (c, d) = curve.intervals(CUT)
    assert a < b < c < d
    start = [likelihood.start]
    for edge in (a, b, c, d):
        chi2 = fit_by_scipy(likelihood, "r2_ee", edge, start)
        # Two minimisers, each good to 1e-6 or better.
        assert chi2 - curve.chi2_min == pytest.approx(CUT, abs=1e-4)
    between = fit_by_scipy(likelihood, "r2_ee", 0.5 * (b + c), start)
    assert between - curve.chi2_min > CUT
    # Both minima are known, and a higher cut joins the two.
    assert len(curve.minima) >= 2
    assert len(profile(likelihood, "r2_ee", cut=9.0).intervals(9.0)) == 1


def rugged(seed):
    """Return two signals that enter squared and mixed, and two nuisances: several minima."""
    rng = generator(seed)
    bins = 8
    parameters = [
        signal("a", flat(-100, 100)),
        signal("b", flat(-100, 100)),
        nuisance("n", gaussian(1.0, 0.2, low=0.0)),
        nuisance("m", gaussian(1.0, 0.3, low=0.0)),
    ]
    shapes = rng.uniform(0.2, 1.0, size=(6, bins))
    terms = {
        ("n",): 40 * shapes[0],
        ("m",): 30 * shapes[1],
        ("a",): 6 * (shapes[2] - 0.6),
        ("b",): 6 * (shapes[3] - 0.6),
        ("a", "a"): shapes[4],
        ("b", "b"): shapes[5],
        ("a", "b"): 0.8 * np.sqrt(shapes[4] * shapes[5]),
    }
    truth = rng.normal(scale=4.0, size=2)
    x = np.array([*truth, 1.0, 1.0])
    likelihood = polynomial(parameters, terms, np.ones(bins))
    return likelihood.with_observed(rng.poisson(likelihood.expected(x)).astype(float)), rng


@pytest.fixture(scope="module", params=range(2))
def rugged_profile(request):
    likelihood, rng = rugged(request.param)
    return likelihood, profile(likelihood, "a"), rng


def test_a_profile_is_never_above_a_brute_force_fit(rugged_profile):
    likelihood, curve, _ = rugged_profile
    starts = [np.array([0.0, b, 1.0, 1.0]) for b in np.linspace(-12, 12, 7)]
    for value, delta in list(zip(curve.values, curve.delta_chi2, strict=True))[::8]:
        brute = fit_by_scipy(likelihood, "a", value, starts)
        # A fit ends when chi2 is right to 1e-8; L-BFGS-B sooner.
        assert curve.chi2_min + delta < brute + 1e-5


def test_no_point_outside_the_intervals_fits_within_the_cut(rugged_profile):
    likelihood, curve, rng = rugged_profile
    intervals = curve.intervals(CUT)
    starts = [np.array([0.0, b, 1.0, 1.0]) for b in np.linspace(-10, 10, 5)]
    for value in rng.uniform(-20, 20, size=8):
        inside = any(low - 1e-6 <= value <= high + 1e-6 for low, high in intervals)
        brute = fit_by_scipy(likelihood, "a", value, starts) - curve.chi2_min
        assert brute > -1e-5, "the minimum is not the lowest"
        if not inside:
            assert brute > CUT - 1e-5


def test_a_grid_that_is_given_is_used(likelihoods):
    likelihood = likelihoods("xenonnt-2022-er", "mu_eff")
    curve = profile(likelihood, "mu_eff", values=[0.9, 0.3, 0.6])
    assert {0.3, 0.6, 0.9} <= set(curve.values.tolist())
    assert (np.diff(curve.values) > 0).all()
