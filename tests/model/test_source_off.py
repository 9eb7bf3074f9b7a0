"""Data without the source: on/off counting in closed form, and backgrounds fitted to both."""

from dataclasses import replace

import numpy as np
import pytensor
import pytest
from scipy.special import xlogy

import bayesnu
from bayesnu.analyses.asimov import asimov
from bayesnu.errors import InputError
from bayesnu.inference.minima import find_minima
from bayesnu.inference.profiler import Profiler
from bayesnu.model.build import build_likelihood
from bayesnu.model.graph.model import expected_of
from bayesnu.physics.signals import MagneticMoment, StandardModel

ON = np.array([47.0, 31.0, 12.0])
OFF = np.array([60.0, 0.0, 25.0])
TAU = 2.5
"""Exposure without the source over that with it."""

FILE = """
title = "germanium at a reactor"
channel = "quenched-recoil"
target = "Ge"
exposure_t_yr = 0.0001
bins = [{ low_keV = 0.20, high_keV = 0.50, width_keV = 0.1 }]
observed = [{ counts = "on.csv" }]

[source_off]
exposure_t_yr = 0.00025
observed = [{ counts = "off.csv" }]

[source]
kind = "reactor"
name = "mine"
thermal_power_GW = 3.0
distance_m = 20.0
relative_sigma = 0.0

[quenching]
model = "lindhard"
k = 0.162

[efficiency]
table = "trigger.csv"
energy = "reconstructed"

[resolution]
coefficients = [0.02]
powers = [0.0]
"""
FREE = """
[backgrounds.anything]
free_bins = true
prior = { type = "free" }
"""
FLAT = """
[backgrounds.flat]
flat = true
events = 30.0
prior = { type = "free" }
"""
NEUTRONS = """
[backgrounds.neutrons]
flat = true
events = 5.0
needs_source = true
prior = { type = "fixed" }
"""


@pytest.fixture
def load(tmp_path):
    for name, counts in (("on", ON), ("off", OFF)):
        rows = [f"{0.2 + 0.1 * i:g},{0.3 + 0.1 * i:g},{n:g}" for i, n in enumerate(counts)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["low_keV,high_keV,counts", *rows]) + "\n")
    (tmp_path / "trigger.csv").write_text("energy_keV,efficiency\n0.1,0.5\n1.0,1.0\n")

    def from_text(text):
        path = tmp_path / "germanium.toml"
        path.write_text(text)
        return bayesnu.load(path)

    return from_text


def background(signal):
    """The background that is likeliest at a signal: Rolke, Lopez and Conrad (2005), Eq. 9."""
    total = ON + OFF - (1 + TAU) * signal
    return (total + np.sqrt(total**2 + 4 * (1 + TAU) * signal * OFF)) / (2 * (1 + TAU))


def deviance(signal):
    """-2 ln of the profile likelihood over that of the data themselves."""
    b = background(signal)

    def term(n, expected):
        return 2 * (expected - n + xlogy(n, n / np.where(n > 0, expected, 1.0)))

    return float((term(ON, signal + b) + term(OFF, TAU * b)).sum())


def test_free_bins_are_on_off_counting_in_closed_form(load):
    experiment = load(FILE + FREE)
    signal = MagneticMoment()
    likelihood = build_likelihood([experiment], signal, ["mu_e"])
    profiler = Profiler(likelihood, ["mu_e"])
    for moment in (0.0, 3.0, 10.0, 30.0):
        expected = bayesnu.rates(experiment, signal, {"mu_e": moment}).components["reactor_nu"]
        assert profiler.at(moment).chi2 == pytest.approx(deviance(expected), rel=1e-8)


def test_without_a_signal_it_is_the_significance_of_li_and_ma(load):
    likelihood = build_likelihood([load(FILE + FREE)], StandardModel(), [])
    # No neutrinos: what is left are backgrounds in both sets of data.
    rows = np.array([label[1] == "reactor_nu" for label in likelihood.labels])
    nothing = replace(likelihood, templates=np.where(rows[:, None], 0.0, likelihood.templates))
    alpha, both = 1 / TAU, ON + OFF
    li_ma = 2 * (  # Li and Ma, ApJ 272 (1983) 317, Eq. 17, squared
        xlogy(ON, (1 + alpha) / alpha * ON / both) + xlogy(OFF, (1 + alpha) * OFF / both)
    )
    assert find_minima(nothing)[0].chi2 == pytest.approx(li_ma.sum(), rel=1e-8)


def test_a_background_is_fitted_to_both(load):
    experiment = load(FILE + FLAT)
    likelihood = build_likelihood([experiment], StandardModel(), [])
    best = dict(zip(likelihood.names, find_minima(likelihood)[0].x, strict=True))
    signal, shape = (bayesnu.rates(experiment).components[n] for n in ("reactor_nu", "flat"))
    # Poisson: where the norm is likeliest, sum of n / lambda times its template is that template.
    norm = best["background_flat_germanium"]
    score = (ON / (signal + norm * shape) * shape).sum() + (OFF / norm).sum()
    assert score == pytest.approx(30.0 * (1 + TAU), rel=1e-5)
    assert likelihood.experiments == ("germanium",)


def test_what_needs_the_source_is_not_in_data_without_it(load):
    experiment = load(FILE + FLAT + NEUTRONS)
    likelihood = build_likelihood([experiment], StandardModel(), [])
    off, on = likelihood.stack[1], bayesnu.rates(experiment).components
    assert off.control
    assert on["neutrons"].sum() == pytest.approx(5.0)
    assert likelihood.expected(likelihood.start)[off.part] == pytest.approx(TAU * on["flat"])


def test_asimov_data_have_both_parts(load):
    experiment = load(FILE + FLAT)
    data = asimov([experiment], "magnetic-moment", {"mu_e": 5.0})
    assert set(data) == {"germanium", "germanium-off"}
    likelihood = build_likelihood([experiment], MagneticMoment(), ["mu_e"], observed=data)
    assert likelihood.chi2(likelihood.point({"mu_e": 5.0})) == pytest.approx(0.0, abs=1e-9)


def test_a_projection_scales_both_exposures(load):
    experiment = bayesnu.load(load(FILE + FLAT).path, exposure=0.001)
    assert experiment.file.source_off.exposure_t_yr == pytest.approx(0.0025)
    assert asimov([experiment])["germanium-off"].sum() == pytest.approx(30.0 * 10 * TAU)


def test_the_graph_expects_the_same_of_both(load):
    likelihood = build_likelihood([load(FILE + FLAT)], MagneticMoment(), ["mu_e"])
    values = {"mu_e": 4.0, "background_flat_germanium": 1.3}
    found = expected_of(likelihood.origin, likelihood.stack, values)
    both = [found[name].total for name in ("germanium", "germanium-off")]
    total = np.concatenate(pytensor.function([], both, mode="FAST_COMPILE")())
    assert total == pytest.approx(likelihood.expected(likelihood.point(values)), rel=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t + NEUTRONS, "without a background that it measures"),
        (
            lambda t: t.replace('[{ counts = "off.csv" }]', "[]") + FREE,
            "with and without the source",
        ),
        (lambda t: t.replace("[source_off]", "[efficienc]") + FREE, "efficienc"),
        (
            lambda t: t.split("[source_off]")[0] + "[source]" + t.split("[source]")[1] + FREE,
            "free_bins goes with source_off",
        ),
        (
            lambda t: t + FREE.replace("free_bins = true", "free_bins = true\nevents = 3.0"),
            "no size",
        ),
        (
            lambda t: t.replace('likelihood = "poisson"', "") + FLAT.replace("30.0", "-1.0"),
            "events",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(load, change, message):
    with pytest.raises(InputError, match=message):
        load(change(FILE))
