"""Intervals at rising levels: nested, right where Delta chi2 saturates, and as MINOS has them."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from toy_likelihoods import nuisance, polynomial, signal, uncertain_efficiency

from bayesnu.analyses.asimov import asimov
from bayesnu.cli import main
from bayesnu.errors import ComputationError
from bayesnu.experiments.loading import load
from bayesnu.inference.cross_check import check_intervals, minos_interval
from bayesnu.inference.minimise import minimise
from bayesnu.inference.profile import profile
from bayesnu.likelihood.priors import flat, gaussian
from bayesnu.likelihood.threshold import threshold
from bayesnu.model.build import build_likelihood
from bayesnu.physics.signals import signal_by_tag

LEVELS = (0.68, 0.9, 0.95, 0.99, 0.997)

ANALYSES = [
    ("xenonnt-2022-er", "magnetic-moment", "mu_eff", {}),
    ("xenonnt-2022-er", "charge-radius", "r2_eff", {}),
    ("lz-2024-er", "millicharge", "q_eff", {}),
    ("xenonnt-2022-er", "anapole-moment", "a_eff", {}),
    ("xenonnt-2022-er", "light-mediator", "g_vector", {"m_mediator": 10.0}),
    ("pandax4t-2024-8b", "millicharge", "q_eff", {}),
    ("pandax4t-2024-8b", "light-mediator", "g_vector", {"m_mediator": 10.0}),
    ("pandax4t-2024-8b@deromeri-2024", "charge-radius", "r2_eff", {}),
]


def likelihood_of(experiment, tag, parameter, fixed=None):
    loaded = load(experiment)
    model = signal_by_tag(tag, loaded.file.channel)
    return build_likelihood([loaded], model, [parameter], fixed=fixed)


def scanned(likelihood, ends):
    """Return a dense grid over all intervals and beyond, and chi2 by fits from three starts."""
    low, high = float(likelihood.low[0]), float(likelihood.high[0])
    first, last = min(ends), max(ends)
    width = last - first if last > first else abs(last)
    close = np.concatenate([end + width * np.array([-2e-3, 2e-3]) for end in ends])
    even = np.linspace(first - 0.3 * width, last + 0.3 * width, 80)
    far = np.geomspace(1e-3 * high, high, 25)
    values = np.unique(np.clip(np.concatenate([[0.0], close, even, far, -far]), low, high))
    held = np.arange(len(likelihood.names)) == 0
    faint = likelihood.start.copy()
    faint[[p.role == "response" for p in likelihood.parameters]] *= 0.1
    chi2 = np.full(len(values), np.inf)
    for order in (range(len(values)), range(len(values) - 1, -1, -1)):
        x = likelihood.start
        for number in order:
            for begin in (x, likelihood.start, faint):
                fit = minimise(likelihood, np.append(values[number], begin[1:]), held)
                if fit.converged and fit.chi2 < chi2[number]:
                    chi2[number], x = fit.chi2, fit.x
    return values, chi2


@pytest.mark.parametrize("analysis", ANALYSES, ids=lambda a: f"{a[0]} {a[2]}")
def test_intervals_of_rising_level_are_nested_and_those_of_a_dense_scan(analysis):
    likelihood = likelihood_of(*analysis)
    cuts = [threshold(level, 1) for level in LEVELS]
    curves = [profile(likelihood, likelihood.names[0], cut=cut) for cut in cuts]
    intervals = [
        [
            (curve.lower_bound if a is None else a, curve.upper_bound if b is None else b)
            for a, b in curve.intervals(cut)
        ]
        for curve, cut in zip(curves, cuts, strict=True)
    ]
    ends = [end for level in intervals for interval in level for end in interval]
    values, chi2 = scanned(likelihood, ends)
    assert chi2.min() > curves[0].chi2_min - 1e-6
    for cut, level in zip(cuts, intervals, strict=True):
        width = max(b - a for a, b in level)
        for value, delta in zip(values, chi2 - curves[0].chi2_min, strict=True):
            near = any(abs(value - end) < 1e-3 * width for pair in level for end in pair)
            if not near:
                assert (delta < cut) == any(a <= value <= b for a, b in level), value
    for inner, outer in itertools.pairwise(intervals):
        for a, b in inner:
            assert any(c <= a + 1e-9 and b - 1e-9 <= d for c, d in outer)


def assert_of_a_dense_scan(likelihood, curve, cut):
    intervals = curve.intervals(cut)
    values, chi2 = scanned(likelihood, [end for pair in intervals for end in pair])
    width = max(b - a for a, b in intervals)
    for value, delta in zip(values, chi2 - curve.chi2_min, strict=True):
        if all(abs(value - end) > 1e-3 * width for pair in intervals for end in pair):
            assert (delta < cut) == any(a <= value <= b for a, b in intervals), value


def test_fits_from_either_side_agree_where_a_bound_begins_to_matter():
    """A step that bounds cut off may lead upwards, which is no sign that a fit has ended."""
    data = asimov(["xenonnt-2022-er"], "magnetic-moment", {"mu_e": 46.7})
    loaded, model = load("xenonnt-2022-er"), signal_by_tag("magnetic-moment", "electron-recoil")
    likelihood = build_likelihood([loaded], model, ["mu_e"], observed=data)
    held = np.arange(len(likelihood.names)) == 0
    fits = []
    for value in (46.0, 46.06371, 46.5):
        start = np.append(value, likelihood.start[1:])
        near = minimise(likelihood, start, held).x.copy()
        near[0] = 46.062
        fits.append(minimise(likelihood, near, held))
    assert all(fit.converged for fit in fits)
    assert np.ptp([fit.chi2 for fit in fits]) < 1e-7


def with_gaussian_efficiency(experiment, tag, parameter):
    likelihood = likelihood_of(experiment, tag, parameter)
    name = "signal_" + experiment.replace("-", "_")
    return likelihood.with_prior(name, gaussian(1.0, 0.25, low=0.0))


def test_a_gaussian_efficiency_gives_the_two_intervals_of_a_charge():
    likelihood = with_gaussian_efficiency("xenonnt-2024-8b", "millicharge", "q_eff")
    cut = threshold(0.99, 1)
    curve = profile(likelihood, "q_eff", cut=cut)
    found = curve.intervals(cut)
    assert len(found) == 2
    assert_of_a_dense_scan(likelihood, curve, cut)
    # With the radius of Klein and Nystrand as printed; about as the file's first form factor had.
    assert np.ravel(found) == pytest.approx((-3.64, 2.68, 3.88, 12.6), rel=0.01)
    assert curve.best_fit == pytest.approx(7.24, rel=0.01)


def test_a_cut_on_the_flank_of_a_plateau_is_reached_where_minos_reaches_it():
    likelihood = with_gaussian_efficiency("xenonnt-2026-8b", "magnetic-moment", "mu_eff")
    cut = threshold(0.997, 1)
    curve = profile(likelihood, "mu_eff", cut=cut)
    ((_, high),) = curve.intervals(cut)
    assert high == pytest.approx(220.7, abs=0.1)
    check_intervals(likelihood, curve, cut)


def test_a_plateau_is_said():
    likelihood = uncertain_efficiency().with_prior("efficiency", gaussian(1.0, 0.4, low=0.0))
    # With an efficiency of zero the signal is gone, at a price of (1 / 0.4)^2 and in the data.
    cut = threshold(0.999999, 1)
    found = profile(likelihood, "s", cut=cut).limit(1, cut)
    assert found.intervals == ((None, None),)
    assert "Delta chi2 saturates at" in found.notes[0]
    log_normal = uncertain_efficiency()
    assert profile(log_normal, "s", cut=cut).limit(1, cut).intervals[0][1] is not None


def excess():
    return polynomial(
        [signal("s", flat(0.0, 100.0), one_sided=True), nuisance("n", gaussian(1.0, 0.1))],
        {("s", "s"): [1.0], ("n",): [20.0]},
        [24.5],
        [0.6],
    )


def test_minos_checks_both_ends_of_every_interval():
    likelihood, cut = excess(), threshold(0.9, 1)
    curve = profile(likelihood, "s", cut=cut)
    ((low, high),) = curve.intervals(cut)
    assert low is not None and low > 0.5
    ((their_low, their_high),) = check_intervals(likelihood, curve, cut)
    assert (their_low, their_high) == pytest.approx((low, high), rel=1e-3)
    assert minos_interval(likelihood, "s", cut) == pytest.approx((low, high), rel=1e-3)
    # A curve that is wrong at its lower end alone is found out.
    wrong = replace(
        curve,
        values=curve.values[curve.values > 1.05 * low],
        delta_chi2=curve.delta_chi2[curve.values > 1.05 * low],
    )
    with pytest.raises(ComputationError, match="MINOS finds"):
        check_intervals(likelihood, wrong, cut)


def test_minos_agrees_with_unions(capsys):
    command = (
        "profile xenonnt-2022-er --signal charge-radius --parameter r2_eff --level 0.68 --check"
    )
    assert main(command.split()) == 0
    assert "MINOS around every minimum: (-74" in capsys.readouterr().out


def test_a_fitted_nuisance_at_its_end_is_a_warning(capsys):
    command = (
        "limit xenonnt-2022-er --signal charge-radius --parameter r2_ee --method profile --no-files"
    )
    assert main(command.split()) == 0
    shown = capsys.readouterr()
    assert "background_Pb214_xenonnt_2022_er lies at an end of its range" in shown.err
    assert "lies at an end of its range" in shown.out
