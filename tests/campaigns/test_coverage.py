"""Coverage is what statistics says it is where that is known; calibrated cuts cover."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2
from small import charge, counting

from bayesnu.analyses.feldman_cousins import calibrated_limit
from bayesnu.campaigns.coverage import calibrated_cut, coverage_of_cut, toys
from bayesnu.campaigns.refit import Refit
from bayesnu.campaigns.toys import simulate, toy_task
from bayesnu.errors import InputError
from bayesnu.inference.profile import profile
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.threshold import threshold

CUT = threshold(0.9, 1)
TOYS = 500


def test_coverage_at_a_boundary_and_far_from_it() -> None:
    found = toys(counting(), "size", [0.0, 2.5], TOYS, method="test", cores=1)
    at_zero, far = found.points
    assert at_zero.profile is not None and far.profile is not None
    # Half of the toys at zero have their minimum there: Delta chi2 is half a chi2 of one
    # degree (Chernoff). Three standard deviations of the toys; counts are in the hundreds.
    expected = 0.5 + 0.5 * chi2.cdf(CUT, 1)
    assert at_zero.profile.value == pytest.approx(expected, abs=3 * at_zero.profile.error)
    assert far.profile.value == pytest.approx(0.9, abs=3 * far.profile.error)
    assert at_zero.calibrated_cut == pytest.approx(
        chi2.ppf(0.8, 1), abs=3 * (at_zero.calibrated_cut_error or 0.0)
    )
    for point in found.points:
        assert point.calibrated is not None and point.profile is not None
        assert point.calibrated.value == pytest.approx(0.9, abs=3 * point.calibrated.error)
        assert point.calibrated.error > point.profile.error  # that of the cut is in it


def test_the_cut_of_known_numbers() -> None:
    cut, error = calibrated_cut(np.arange(1.0, 1000.0), 0.9)
    assert cut == 900.0  # 90% of 999 + 1
    assert error == pytest.approx(np.sqrt(0.09 * 999), rel=1e-12)
    # On average, a cut from n toys covers the level for the next toy, whatever n is.
    rng = np.random.default_rng(1)
    hits = [rng.uniform() <= calibrated_cut(rng.uniform(size=19), 0.9)[0] for _ in range(4000)]
    assert np.mean(hits) == pytest.approx(0.9, abs=3 * np.sqrt(0.09 / 4000))


def test_the_tested_coverage_of_a_cut_and_its_error() -> None:
    # Numbers that are uniform: any cut covers itself. 200 of 400 numbers each time.
    rng = np.random.default_rng(2)
    found = [coverage_of_cut(rng.uniform(size=400), 0.9) for _ in range(2000)]
    values = np.array([share.value for share in found])
    # The mean of 2000, three standard deviations; the error is the spread that is seen (the
    # spread of 2000 values is known to 2%, the skewness of a share adds some more).
    assert values.mean() == pytest.approx(0.9, abs=3 * values.std() / np.sqrt(2000))
    assert np.mean([share.error for share in found]) == pytest.approx(values.std(), rel=0.1)


def test_a_toy_says_what_a_full_profile_of_it_says(moment: Likelihood) -> None:
    for likelihood, parameter, truth in (
        (moment, "mu_eff", 0.4),
        (counting(), "size", 1.0),
        (charge(), "charge", 0.5),
    ):
        task = toy_task(likelihood, parameter, [truth], method="profile")
        for index in range(3):
            seed = np.random.SeedSequence(1, spawn_key=(index,))
            row = task.run(index, seed)
            data, _ = np.random.SeedSequence(1, spawn_key=(index,)).spawn(2)
            toy = simulate(likelihood, task.points[0], np.random.default_rng(data))
            curve = profile(toy, parameter)
            low, high = curve.intervals(CUT)[0][0], curve.intervals(CUT)[-1][1]
            # The profile's minimum is fitted to 1e-8 in chi2: that moves an end by less.
            assert row["chi2_min"] == pytest.approx(curve.chi2_min, abs=1e-5)
            assert row["best_fit"] == pytest.approx(curve.best_fit, abs=0.02)
            assert row["upper"] == pytest.approx(high, rel=1e-4)
            if low is not None:
                assert row["lower"] == pytest.approx(low, rel=1e-3, abs=1e-4)


def test_pulls_are_measured_anew_in_every_toy() -> None:
    likelihood = counting()
    rng = np.random.default_rng(1)
    point = np.array([0.5, 1.1])
    toys_ = [simulate(likelihood, point, rng) for _ in range(2000)]
    centres = np.array([toy.parameters[1].prior.centre for toy in toys_])
    assert centres.mean() == pytest.approx(1.1, abs=4 * 0.05 / np.sqrt(2000))
    assert centres.std() == pytest.approx(0.05, rel=0.07)  # 4 / sqrt(2 n)
    assert np.mean([toy.observed for toy in toys_], axis=0) == pytest.approx(
        likelihood.expected(point), rel=0.02
    )


def test_the_credible_limit_of_toys_and_its_coverage() -> None:
    found = toys(
        counting(), "size", [0.0, 2.0], 25, method="both", settings=Refit(200, 100, 2), cores=1
    )
    zero, far = found.points
    assert zero.credible is not None and zero.credible.value == 1.0  # an upper limit covers zero
    assert far.credible is not None and far.credible.value > 0.6
    assert zero.upper is not None and list(zero.upper) == sorted(zero.upper)
    assert zero.credible_upper is not None and zero.credible_upper[2] > 0.0


def test_the_calibrated_limit_is_tighter_at_the_boundary() -> None:
    likelihood = counting()
    curve = profile(likelihood, "size", cut=CUT)
    found = calibrated_limit(likelihood, curve, level=0.9, cut=CUT, number=80, cores=1)
    assert found.values[0] == 0.0 and found.cuts[0] < CUT
    (interval,) = found.intervals
    usual = curve.intervals(CUT)[0][1]
    assert interval[0] is None and interval[1] is not None and usual is not None
    # At the end of the interval Delta chi2 is the interpolated cut.
    at_end = np.interp(interval[1], curve.values, curve.delta_chi2)
    assert at_end == pytest.approx(np.interp(interval[1], found.values, found.cuts), rel=0.02)
    assert abs(interval[1] - usual) < 0.3 * usual
    cut, error = found.cut_at(interval[1])
    assert cut == pytest.approx(np.interp(interval[1], found.values, found.cuts), rel=1e-12)
    assert error == pytest.approx(np.interp(interval[1], found.values, found.cut_errors))


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
