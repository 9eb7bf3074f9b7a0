"""The search for minima finds what a dense scan along the parameter finds, near and far."""

import numpy as np
import pytest
from toy_likelihoods import nuisance, polynomial, signal

from bayesnu.analyses.asimov import asimov
from bayesnu.errors import ComputationError
from bayesnu.experiments.loading import load
from bayesnu.inference.contour import contour
from bayesnu.inference.minima import at_ends, find_minima
from bayesnu.inference.minimise import minimise
from bayesnu.inference.modes import find_pieces
from bayesnu.inference.posterior import check_near_best_fit, draw_posterior
from bayesnu.inference.profile import profile
from bayesnu.inference.samplers import SAMPLERS
from bayesnu.inference.samplers.nuts import Nuts
from bayesnu.inference.samplers.pymc import PyMC
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.priors import Prior, flat, gaussian
from bayesnu.likelihood.threshold import threshold
from bayesnu.model.build import build_likelihood
from bayesnu.physics.signals import signal_by_tag

TRUTHS = [
    ("xenonnt-2022-er", "millicharge", "q_eff", (-50.0, -3.0, 8.0, 50.0, 300.0)),
    ("xenonnt-2022-er", "charge-radius", "r2_eff", (-100.0, 20.0, 300.0)),
    ("darwin-300ty", "millicharge", "q_eff", (-5.0, 20.0)),
    ("pandax4t-2024-8b", "charge-radius", "r2_eff", (-60.0, 300.0)),
]


def with_truth(experiment, tag, parameter, value):
    loaded = load(experiment)
    model = signal_by_tag(tag, loaded.file.channel)
    data = asimov([loaded], tag, {parameter: value})
    return build_likelihood([loaded], model, [parameter], observed=data)


def dense_scan(likelihood, truth):
    """Return chi2 along the first parameter, the others fitted, on a grid without any search."""
    high = likelihood.high[0]
    far = np.geomspace(1e-3 * high, high, 60)
    near = abs(truth) + np.linspace(-0.1, 0.1, 21) * (abs(truth) + 10.0)
    values = np.unique(np.concatenate([[0.0], far, -far, near, -near]))
    held = np.arange(len(likelihood.names)) == 0
    chi2 = np.full(len(values), np.inf)
    for order in (range(len(values)), range(len(values) - 1, -1, -1)):
        x = likelihood.start
        for number in order:
            start = np.append(values[number], x[1:])
            fit = minimise(likelihood, start, held)
            chi2[number], x = min(chi2[number], fit.chi2), fit.x
    return values, chi2


@pytest.mark.parametrize(
    "experiment, tag, parameter, truth",
    [(e, t, p, value) for e, t, p, values in TRUTHS for value in values],
)
def test_no_minimum_of_a_dense_scan_is_missed(experiment, tag, parameter, truth):
    likelihood = with_truth(experiment, tag, parameter, truth)
    minima = find_minima(likelihood)
    values, chi2 = dense_scan(likelihood, truth)
    # Fits end when chi2 is right to 1e-8; those on the grid may be a little above the minimum.
    assert minima[0].chi2 < chi2.min() + 1e-6
    found = np.array([fit.x[0] for fit in minima])
    for place in range(1, len(values) - 1):
        low = chi2[place] < chi2[place - 1] and chi2[place] <= chi2[place + 1]
        if not low or chi2[place] > chi2.min() + 5.0:
            continue
        inside = (found >= values[place - 1]) & (found <= values[place + 1])
        nearest = found[np.argmin(abs(found - values[place]))]
        between = chi2[(values - values[place]) * (values - nearest) <= 0]
        # A ripple of the nuisances' fits is no minimum.
        assert inside.any() or between.max() < chi2[place] + 1e-2, values[place]


@pytest.mark.parametrize(
    "experiment, parameter, truth, low, high",
    [
        ("xenonnt-2022-er", "q_eff", 50.0, 48.6, 51.4),
        ("darwin-300ty", "q_eff", 20.0, 19.8, 20.2),
    ],
)
def test_profile_and_posterior_sit_in_the_mode_of_the_truth(
    experiment, parameter, truth, low, high
):
    likelihood = with_truth(experiment, "millicharge", parameter, truth)
    ((a, b),) = profile(likelihood, parameter).intervals(threshold(0.9, 1))
    assert (a, b) == pytest.approx((low, high), abs=0.06)
    draws = draw_posterior(likelihood, Settings(draws=250, tune=250, chains=2)).draws[..., 0]
    # One mode of half-width (high - low) / 2 at 90%: nothing is five times as far away.
    assert abs(draws - truth).max() < 2.5 * (high - low)


def test_mirror_modes_of_equal_height_are_both_kept():
    likelihood = with_truth("xenonnt-2022-er", "charge-radius", "r2_eff", 300.0)
    pieces = find_pieces(likelihood)
    assert sorted(piece.best["r2_eff"] for piece in pieces) == pytest.approx(
        [-342.8, 300.0], abs=0.1
    )
    assert max(piece.chi2 for piece in pieces) < 0.1


def test_draws_that_exclude_the_best_fit_are_refused():
    likelihood = with_truth("xenonnt-2022-er", "millicharge", "q_eff", 50.0)
    right = np.tile(find_minima(likelihood)[0].x, (2, 5, 1))
    check_near_best_fit(likelihood, right)
    wrong = right.copy()
    wrong[..., 0] = -44.0
    with pytest.raises(ComputationError, match="exclude the best fit"):
        check_near_best_fit(likelihood, wrong)


def test_the_pymc_model_is_sampled_mode_by_mode(monkeypatch):
    likelihood = polynomial(
        [signal("s", flat(-100.0, 100.0)), nuisance("n", gaussian(1.0, 0.1))],
        {("s", "s", "n"): [1.0]},
        [400.0],
        [20.0],
    )
    ranges = []

    class StandIn(PyMC):
        def draw(self, density, *words, **more):
            # Compiling the model takes half a minute a mode; the same draws come from the kernel.
            low, high = density.likelihood.low, density.likelihood.high
            ranges.append((low[0], high[0]))
            return Nuts().draw(density, *words, **more)

    monkeypatch.setitem(SAMPLERS, "pymc", StandIn(**vars(SAMPLERS["pymc"])))
    found = draw_posterior(likelihood, Settings(draws=200, tune=200, chains=2, backend="pymc"))
    assert sorted(set(ranges)) == [
        (-100.0, pytest.approx(0.0, abs=2.0)),
        (pytest.approx(0.0, abs=2.0), 100.0),
    ]
    assert [mode.weight for mode in found.modes] == pytest.approx([0.5, 0.5], abs=0.05)
    assert (found.draws[..., 0] > 0.0).mean() == pytest.approx(0.5, abs=0.05)


def test_narrow_islands_of_a_contour_are_seen():
    likelihood = polynomial(
        [signal("a", flat(-1e3, 1e3)), signal("b", flat(-1e3, 1e3))],
        {("a", "a"): [1.0, 0.0], ("b", "b"): [0.0, 1.0]},
        [1e4, 1e4],
        [40.0, 40.0],
    )
    cut = threshold(0.9, 2)
    region = contour(likelihood, "a", "b", cuts=(cut,), points=21)
    assert len(region.lines(cut)) == 4
    # Each an ellipse of half-axes sqrt(cut) 40 / 200, nearly: 100 is ten widths from zero.
    assert region.area(cut) == pytest.approx(4.0 * np.pi * cut * 0.2**2, rel=0.03)


def test_a_parameter_at_an_end_of_its_range_is_said():
    likelihood = polynomial(
        [signal("s", flat(-50.0, 50.0)), nuisance("n", flat(0.5, 1.5))],
        {("s",): [0.0, 1.0], ("n",): [100.0, 100.0]},
        [40.0, 50.0],
        [10.0, 10.0],
    )
    (only,) = find_minima(likelihood)
    assert any(text.startswith("n lies at an end") for text in at_ends(likelihood, only))
    # Without an end, the norm is free to go where the counts are.
    free = likelihood.with_prior("n", Prior(low=0.0))
    assert at_ends(free, find_minima(free)[0]) == ()
    with pytest.raises(ComputationError, match="end of its range"):
        far = likelihood.with_observed(np.array([40.0, 500.0]))
        profile(far, "s").limit(1, threshold(0.9, 1))
