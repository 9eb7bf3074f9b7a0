"""Coverage is what statistics says it is where that is known; calibrated cuts cover."""

from __future__ import annotations

import numpy as np
import pytest
from monte_carlo import assert_share, assert_within, generator, seed, stochastic
from scipy.stats import chi2
from small import charge, counting

from bayesnu.analyses.feldman_cousins import calibrated_limit
from bayesnu.campaigns.coverage import calibrated_cut, coverage_of_cut, toys
from bayesnu.campaigns.refit import Refit
from bayesnu.campaigns.simulation import simulate
from bayesnu.campaigns.toys import toy_task
from bayesnu.errors import InputError
from bayesnu.inference.profile import profile
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.threshold import threshold

CUT = threshold(0.9, 1)
TOYS = 1000


@stochastic
def test_coverage_at_a_boundary_and_far_from_it() -> None:
    found = toys(counting(), "size", [0.0, 2.5], TOYS, method="test", seed=seed(), cores=1)
    at_zero, far = found.points
    assert at_zero.profile is not None and far.profile is not None
    # Half of the toys at zero have their minimum there: Delta chi2 is half a chi2 of one
    # degree (Chernoff). Counts are in the hundreds.
    expected = 0.5 + 0.5 * chi2.cdf(CUT, 1)
    assert_share(round(at_zero.profile.value * TOYS), TOYS, expected)
    assert_share(round(far.profile.value * TOYS), TOYS, 0.9)
    cut, error = at_zero.calibrated_cut, at_zero.calibrated_cut_error
    assert cut is not None and error is not None and cut < CUT
    assert_within(cut, chi2.ppf(0.8, 1), error)
    for point in found.points:
        assert point.calibrated is not None and point.profile is not None
        assert_within(point.calibrated.value, 0.9, point.calibrated.error)
        assert point.calibrated.error > point.profile.error  # that of the cut is in it


@stochastic
def test_the_cut_of_known_numbers() -> None:
    cut, error = calibrated_cut(np.arange(1.0, 1000.0), 0.9)
    assert cut == 900.0  # 90% of 999 + 1
    assert error == pytest.approx(np.sqrt(0.09 * 999), rel=1e-12)
    # On average, a cut from n toys covers the level for the next toy, whatever n is.
    rng = generator(1)
    hits = [rng.uniform() <= calibrated_cut(rng.uniform(size=19), 0.9)[0] for _ in range(4000)]
    assert_share(np.sum(hits), len(hits), 0.9)


@stochastic
def test_the_tested_coverage_of_a_cut_and_its_error() -> None:
    # Numbers that are uniform: any cut covers itself. 200 of 400 numbers each time.
    rng = generator(2)
    found = [coverage_of_cut(rng.uniform(size=400), 0.9) for _ in range(2000)]
    values = np.array([share.value for share in found])
    assert_within(values.mean(), 0.9, values.std() / np.sqrt(2000))
    # The error is the spread that is seen; the skewness of a share adds 2% to that of 2000 values.
    error = np.mean([share.error for share in found])
    assert_within(error / values.std(), 1.0, 1.0 / np.sqrt(2 * 2000), 0.03)


@stochastic
def test_a_toy_says_what_a_full_profile_of_it_says(moment: Likelihood) -> None:
    for likelihood, parameter, truth in (
        (moment, "mu_eff", 0.4),
        (counting(), "size", 1.0),
        (charge(), "charge", 0.5),
    ):
        task = toy_task(likelihood, parameter, [truth], method="profile")
        for index in range(3):
            sequence = np.random.SeedSequence(seed(), spawn_key=(index,))
            row = task.run(index, sequence)
            data, _ = np.random.SeedSequence(seed(), spawn_key=(index,)).spawn(2)
            toy = simulate(likelihood, task.points[0], np.random.default_rng(data))
            curve = profile(toy, parameter)
            low, high = curve.intervals(CUT)[0][0], curve.intervals(CUT)[-1][1]
            # The profile's minimum is fitted to 1e-8 in chi2: that moves an end by less.
            assert row["chi2_min"] == pytest.approx(curve.chi2_min, abs=1e-5)
            # Of two solutions of one chi2 (a charge has mirrors) either may be found, and near
            # zero chi2 is as flat in a size as its fourth power: its square is what is known.
            ours = row["best_fit"]
            assert any(
                abs(ours - theirs) < 0.02 or abs(ours**2 - theirs**2) < 1e-3
                for theirs in (curve.best_fit, *curve.minima)
            )
            assert row["upper"] == pytest.approx(high, rel=1e-4)
            if low is not None:
                assert row["lower"] == pytest.approx(low, rel=1e-3, abs=1e-4)


@stochastic
def test_pulls_are_measured_anew_in_every_toy() -> None:
    likelihood = counting()
    rng = generator(1)
    point = np.array([0.5, 1.1])
    toys_ = [simulate(likelihood, point, rng) for _ in range(2000)]
    centres = np.array([toy.parameters[1].prior.centre for toy in toys_])
    assert_within(centres.mean(), 1.1, 0.05 / np.sqrt(2000))
    assert_within(centres.std(), 0.05, 0.05 / np.sqrt(2 * 2000))
    expected = likelihood.expected(point)
    counts = np.mean([toy.observed for toy in toys_], axis=0)
    assert_within(counts, expected, np.sqrt(expected / 2000))


@stochastic
def test_the_credible_limit_of_toys_and_its_coverage() -> None:
    found = toys(
        counting(),
        "size",
        [0.0, 2.0],
        60,
        method="both",
        settings=Refit(200, 100, 2),
        seed=seed(),
        cores=1,
    )
    zero, far = found.points
    assert zero.credible is not None and zero.credible.value == 1.0  # an upper limit covers zero
    # Far from the boundary a credible limit nearly covers.
    assert far.credible is not None
    assert_share(round(far.credible.value * 60), 60, 0.85, 0.95)
    assert zero.upper is not None and list(zero.upper) == sorted(zero.upper)
    assert zero.credible_upper is not None and zero.credible_upper[2] > 0.0


@stochastic
def test_the_calibrated_limit_is_where_the_curve_meets_its_cut() -> None:
    likelihood = counting()
    curve = profile(likelihood, "size", cut=CUT)
    found = calibrated_limit(likelihood, curve, level=0.9, cut=CUT, number=80, seed=seed(), cores=1)
    # Chernoff again. 80 toys know a cut to a third.
    assert found.values[0] == 0.0
    assert_within(found.cuts[0], chi2.ppf(0.8, 1), found.cut_errors[0])
    # Where the noise of the cuts makes a gap, there is more than one interval.
    assert found.intervals[0][0] is None
    ends = [end for interval in found.intervals for end in interval if end is not None]
    for end in ends:
        # At the end of an interval Delta chi2 is the interpolated cut.
        at_end = np.interp(end, curve.values, curve.delta_chi2)
        cut, error = found.cut_at(end)
        assert cut == pytest.approx(np.interp(end, found.values, found.cuts), rel=1e-12)
        assert error == pytest.approx(np.interp(end, found.values, found.cut_errors))
        assert at_end == pytest.approx(cut, rel=0.02)
        # The true cut grows from that at the boundary to the usual one.
        assert_within(cut, np.clip(cut, chi2.ppf(0.8, 1), CUT), error)


def test_wrong_true_values_levels_and_methods_are_refused() -> None:
    for wrong in (
        {"truths": []},
        {"truths": [-1.0]},
        {"truths": [float("nan")]},
        {"truths": [9.0]},
        {"truths": [0.0], "level": 1.0},
        {"truths": [0.0], "method": "guess"},
    ):
        with pytest.raises(InputError):
            toy_task(counting(), "size", **wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        toy_task(counting(), "other", [0.0])
