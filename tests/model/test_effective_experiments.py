"""Experiments given as effective-moment limits: likelihood, beams, blind spots, refusals."""

from dataclasses import replace

import numpy as np
import pytest

import bayesnu
from bayesnu.analyses.description import describe
from bayesnu.analyses.question import likelihood_of
from bayesnu.analyses.rates import rates as expected_rates
from bayesnu.errors import InputError
from bayesnu.experiments.beam_limit import TERM, beam_of
from bayesnu.inference.profiler import Profiler
from bayesnu.model.beam_moments import oscillation_parameters
from bayesnu.model.build import build_likelihood
from bayesnu.physics.moments import (
    beam_by_name,
    effective_moment_squared,
    majorana,
    mixing_matrix,
    quadratic_form,
)
from bayesnu.physics.signals import MagneticMoment, StandardModel, TransitionMoment
from bayesnu.physics.signals.transition_moment import SIZES
from bayesnu.physics.treatment import Neutrinos, Oscillation

SIGNAL = TransitionMoment()
LIMITS = {"gemma-2012": 2.9, "lsnd-2001": 68.0, "borexino-2017": 2.8}
VALUES = {"Lambda_1": 1.3, "Lambda_2": 0.8, "Lambda_3": 2.1, "phi_1": 0.7, "phi_3": -2.2}
BEAMS = ["gemma-2012", "lsnd-2001", "lsnd-2001@muon-neutrino", "lsnd-2001@incoherent"]


def without_nuisances(name):
    experiment = bayesnu.load(name)
    fixed = Neutrinos(oscillation=Oscillation(nuisances=False))
    return replace(experiment, file=experiment.file.model_copy(update={"neutrinos": fixed}))


def exact(experiment, values, **changes):
    parameters = oscillation_parameters(experiment.neutrinos.oscillation, **changes)
    matrix = majorana(
        values["Lambda_1"] * np.exp(1j * values["phi_1"]),
        values["Lambda_2"],
        values["Lambda_3"] * np.exp(1j * values["phi_3"]),
    )
    beam = beam_of(experiment, parameters)
    return effective_moment_squared(matrix, beam, mixing_matrix(parameters))


@pytest.mark.parametrize(
    ("name", "equation"),
    [
        ("gemma-2012", "reactor"),
        ("lsnd-2001", "accelerator"),
        ("lsnd-2001@incoherent", "accelerator-incoherent"),
        ("lsnd-2001@muon-neutrino", "muon-neutrino"),
        ("borexino-2017", "solar"),
    ],
)
def test_the_flavours_of_the_source_give_the_papers_beam(name, equation):
    experiment = bayesnu.load(name)
    assert experiment.file.beam is None
    mixing = mixing_matrix()
    found = quadratic_form(beam_of(experiment), mixing)
    assert found == pytest.approx(quadratic_form(beam_by_name(equation), mixing), rel=1e-12)


OWN = """
title = "mine"
channel = "effective-moment"
upper_limit_1e11_mu_B = 1.0
"""
TWO_FLAVOURS = """
[source]
kind = "table"
[source.components.mine]
lines = [
    { energy_MeV = 1.0, state = "mu", flux_per_cm2_s = 3.0 },
    { energy_MeV = 2.0, state = "anti_e", flux_per_cm2_s = 1.0 },
]
"""


@pytest.mark.parametrize(
    ("keys", "weights"),
    [
        ("", {"mu": 0.75, "e": 0.25}),
        ("normalised = false\n", {"mu": 1.0, "e": 1.0 / 3.0}),
        ('flavours = ["anti_e"]\n', {"e": 1.0}),
    ],
)
def test_flavours_of_a_source_weigh_as_much_as_there_are_of_them(tmp_path, keys, weights):
    path = tmp_path / "mine.toml"
    path.write_text(OWN + keys + TWO_FLAVOURS)
    found = quadratic_form(beam_of(bayesnu.load(path)))
    expected = sum(w * quadratic_form(beam_by_name(flavour)) for flavour, w in weights.items())
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            OWN + 'flavours = ["tau"]\n' + TWO_FLAVOURS,
            r"flavours: found 'tau', expected mu \| anti_e",
        ),
        (OWN + 'beam = "reactor"\n' + TWO_FLAVOURS, "either a source, or a beam by name"),
        (OWN + "coherent = true\n", "a source near by"),
    ],
)
def test_a_beam_that_is_not_the_sources_is_refused(tmp_path, text, message):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        bayesnu.load(path)


def test_limits_of_other_sources_rest_on_the_same_mixing(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(OWN + "[neutrinos.oscillation]\nsin2_theta12 = 0.3\n")
    with pytest.raises(InputError, match="the same treatment as gemma-2012"):
        build_likelihood([bayesnu.load("gemma-2012"), bayesnu.load(path)], SIGNAL, ["Lambda_1"])


@pytest.mark.parametrize("name", [*BEAMS, "borexino-2017"])
def test_the_likelihood_holds_the_effective_moment_exactly(name):
    experiment = bayesnu.load(name)
    likelihood = build_likelihood([experiment], SIGNAL, SIGNAL.elementary())
    delta = 2.5 if "delta_cp" in likelihood.names else None
    changes = {} if delta is None else {"delta_cp": delta}
    found = likelihood.expected(likelihood.point(VALUES | changes))
    assert found[0] == pytest.approx(exact(experiment, VALUES, **changes), rel=1e-12)


@pytest.mark.parametrize("name", BEAMS)
def test_linear_pulls_are_enough(name):
    experiment = bayesnu.load(name)
    likelihood = build_likelihood([experiment], SIGNAL, SIGNAL.elementary())
    entry = experiment.neutrinos.oscillation
    scale = exact(experiment, VALUES)
    for pull in (p for p in likelihood.names if p.startswith("pull_")):
        angle = pull.removeprefix("pull_")
        for size in (-2.0, 2.0):
            changed = getattr(entry, angle) + size * getattr(entry, f"sigma_{angle}")
            found = likelihood.expected(likelihood.point(VALUES | {pull: size}))[0]
            # The second order at two sigma is (2 x 5%)^2 / 2 of a form of order one.
            assert found == pytest.approx(exact(experiment, VALUES, **{angle: changed}), rel=0.02)
            assert scale > 0


@pytest.mark.parametrize("name", LIMITS)
def test_delta_chi2_reaches_its_cut_at_the_published_limit(name):
    experiment = without_nuisances(name)
    likelihood = build_likelihood([experiment], SIGNAL, SIGNAL.elementary())
    # Scale any set of moments to an effective moment at the limit.
    at_limit = LIMITS[name] / exact(experiment, VALUES) ** 0.5
    scaled = {k: v * at_limit if k.startswith("Lambda") else v for k, v in VALUES.items()}
    assert likelihood.chi2(likelihood.point(scaled)) == pytest.approx(2.705543454, rel=1e-9)


def test_one_moment_at_a_time_is_the_limit_over_the_beams_share():
    for index, name in enumerate(("Lambda_1", "Lambda_2", "Lambda_3")):
        share = 1.0 - abs(mixing_matrix()[0, index]) ** 2
        found = bayesnu.limit(["gemma-2012"], SIGNAL, name, method="profile")
        # Profiled mixing angles weaken it by 0.2% at most.
        assert found.frequentist.intervals[0][1] == pytest.approx(2.9 / share**0.5, rel=0.003)


def best_beside(experiments, reach=None, **held):
    likelihood = likelihood_of(experiments, SIGNAL, SIGNAL.elementary())
    for name in SIZES if reach else ():
        prior = likelihood.parameters[likelihood.index(name)].prior
        likelihood = likelihood.with_prior(name, replace(prior, high=reach))
    profiler = Profiler(likelihood, list(held))
    fit = profiler.at(*held.values())
    return fit.chi2, dict(zip(likelihood.names, fit.x, strict=True))


def test_reactor_data_have_a_blind_spot_at_phases_zero_and_pi():
    ratio = abs(mixing_matrix()[0, 1] / mixing_matrix()[0, 0])
    chi2, point = best_beside(["gemma-2012"], Lambda_1=30.0, Lambda_2=30.0 * ratio)
    # Ten times the limit, and no sign of it.
    assert chi2 < 0.1
    assert np.cos(point["phi_1"]) > 0.98
    assert np.cos(point["phi_3"] - np.pi) > 0.9


def test_only_the_pure_muon_neutrino_beam_is_blind():
    direction = np.conj(mixing_matrix()[1])
    held = {"Lambda_1": 200 * abs(direction[0]), "Lambda_2": 200 * abs(direction[1])}
    # Three times the limit, and beyond the default range of the moments.
    chi2, point = best_beside(["lsnd-2001@muon-neutrino"], reach=300.0, **held)
    assert chi2 < 0.1
    assert np.cos(point["phi_1"] - np.pi) > 0.9
    assert np.cos(point["phi_3"]) > 0.9
    for full in ("lsnd-2001", "lsnd-2001@incoherent"):
        chi2, _ = best_beside([full], reach=300.0, **held)
        assert chi2 > 2.7


def test_lsnd_closes_the_blind_spot_of_gemma():
    alone = bayesnu.limit(["gemma-2012"], SIGNAL, "Lambda_1", method="profile", fit="marginal")
    assert alone.frequentist.intervals == ((None, None),)
    both = bayesnu.limit(
        ["gemma-2012", "lsnd-2001"], SIGNAL, "Lambda_1", method="profile", fit="marginal"
    )
    # 68 / (|Lambda| seen by LSND along the blind spot), 39.6 found.
    assert 35 < both.frequentist.intervals[0][1] < 45


def test_a_signal_by_flavour_beside_another_beam_is_refused_in_one_sentence():
    for others in ([], ["xenonnt-2022-er"]):
        with pytest.raises(InputError) as refusal:
            bayesnu.limit([*others, "gemma-2012"], MagneticMoment(), "mu_eff", method="profile")
        text = str(refusal.value)
        assert "anti-nu_e (reactor)" in text and "solar neutrinos" in text
        assert "gemma-2012.toml" in text and "transition-magnetic-moment" in text
        assert text.count(". ") == 0


def test_without_a_signal_nothing_is_expected():
    experiment = bayesnu.load("gemma-2012")
    likelihood = build_likelihood([experiment], StandardModel(), [])
    assert likelihood.chi2(likelihood.start) == pytest.approx(0.0, abs=1e-12)


def test_the_page_says_what_it_is():
    page = str(describe("lsnd-2001"))
    assert "derived from a published limit" in page
    assert "nu_e, nu_mu and anti-nu_mu (pion-decay-at-rest)" in page


def test_rates_are_the_moment_squared():
    found = expected_rates("gemma-2012", SIGNAL, VALUES)
    assert found.totals[TERM] == pytest.approx(exact(bayesnu.load("gemma-2012"), VALUES))


def test_the_solar_experiments_treatment_holds_for_all():
    solar = bayesnu.load("xenonnt-2022-er@giunti-ternes-2023")
    both = build_likelihood([solar, bayesnu.load("gemma-2012")], SIGNAL, SIGNAL.elementary())
    assert "delta_cp" not in both.names
    # A beam from the sun has no say either, nor in whether the angles are nuisances.
    both = build_likelihood([solar, bayesnu.load("borexino-2017")], SIGNAL, SIGNAL.elementary())
    assert not any(name.startswith("pull_") for name in both.names)
    turned = bayesnu.load("xenonnt-2022-er@ternes-tortola-2025")
    both = build_likelihood([turned, bayesnu.load("gemma-2012")], SIGNAL, SIGNAL.elementary())
    assert {"delta_cp", "pull_sin2_theta12", "pull_sin2_theta13"} <= set(both.names)


def test_a_user_file_of_this_channel_works_like_a_built_in_one(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'title = "mine"\nchannel = "effective-moment"\nbeam = "reactor"\n'
        "upper_limit_1e11_mu_B = 1.0\n"
    )
    assert bayesnu.load(path).file.beam == "reactor"
    path.write_text(path.read_text().replace('"reactor"', '"factory"'))
    with pytest.raises(InputError, match=r"mine.toml: beam: found 'factory'"):
        bayesnu.load(path)
