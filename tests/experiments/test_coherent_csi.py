"""COHERENT CsI[Na]: the collaboration's events, fit and significance, in energy and time."""

import numpy as np
import pytest
from free_norm import fit
from scipy.special import gammainc

from bayesnu.analyses.goodness import goodness_of_fit
from bayesnu.experiments.loading import load
from bayesnu.model.rate import recoil_rate, standard_model_counts
from bayesnu.physics.signals import ChargeRadius, StandardModel

NAME = "coherent-csi-2021"


def test_events_are_those_of_the_release():
    experiment = load(NAME)
    assert experiment.observed is not None
    assert experiment.observed.sum() == 1578
    assert {b.name: round(b.counts.sum(), 1) for b in experiment.backgrounds} == {
        "steady_state": 1295.0, "beam_neutrons": 18.4, "neutrino_neutrons": 5.6,
    }  # fmt: skip


def test_expected_events_are_those_of_the_collaboration():
    """341 +- 11 by theory, which is the form factor, +- 42."""
    found = standard_model_counts(load(NAME)).sum()
    print(f"{found:.1f} events")
    assert found == pytest.approx(341, abs=11)


def test_events_before_the_efficiency_by_time_are_those_of_an_independent_fold():
    """374 within the 6 us of the window: a sixteenth of all neutrinos of muons come later."""
    experiment = load(NAME)
    spectra = recoil_rate(experiment).spectrum(StandardModel(), {})
    window, found = np.array([0.0, 6.0]), 0.0
    for component, spectrum in spectra.items():
        seen = (experiment.response @ spectrum)[::17].sum()
        found += seen * experiment.file.source.time_shares(component, window).sum()
    print(f"{found:.1f} events")
    assert found == pytest.approx(374, rel=0.01)


def test_a_free_norm_fits_the_collaborations_events(tmp_path):
    """306 +- 20, and 11.6 sigma."""
    events, without = fit(tmp_path, NAME)
    print(f"{events['beam_nu']:.1f} events, {np.sqrt(without):.2f} sigma")
    assert events["beam_nu"] == pytest.approx(306, rel=0.1)
    assert np.sqrt(without) == pytest.approx(11.6, abs=0.5)


def test_the_fit_is_good():
    assert goodness_of_fit([load(NAME)], toys=100).p_value > 0.05


def test_time_tells_muon_neutrinos_from_electron_neutrinos():
    """The line of pions' decays is early: a radius of nu_e changes nothing of it."""
    experiment, signal = load(NAME), ChargeRadius()
    rate = recoil_rate(experiment)
    bare, e, mu = (
        rate.counts(model, values)
        for model, values in (
            (StandardModel(), {}),
            (signal, {"r2_ee": -10.0}),
            (signal, {"r2_mumu": -10.0}),
        )
    )
    np.testing.assert_allclose(e["prompt"], bare["prompt"], rtol=1e-12)
    assert mu["prompt"].sum() < 0.9 * bare["prompt"].sum()
    # Of each component a share, in 17 bins of time for each of 9 of energy.
    for component, counts in bare.items():
        by_time = counts.reshape(9, 17)
        shares = by_time[4:8] / by_time[4:8].sum(axis=1, keepdims=True)
        np.testing.assert_allclose(shares, np.broadcast_to(shares[0], shares.shape), rtol=1e-12)
        early = by_time[:, :8].sum() / by_time.sum()
        assert early > 0.95 if component == "prompt" else early < 0.4


def test_the_response_is_the_releases_formula():
    """Quenching, gamma-distributed light and efficiency, summed here in steps of 0.025."""
    response = load(NAME).responses[0]
    inside = (response.grid.energy > 3.0) & (response.grid.energy < 45.0)
    recoil = response.grid.energy[inside]
    x = 1e-3 * recoil
    electron = 1e3 * (0.0554628 * x + 4.30681 * x**2 - 111.707 * x**3 + 840.384 * x**4)
    light, shape = np.linspace(0.0, 60.0, 2401), 1 + 9.56 * electron
    chance = np.diff(gammainc(shape, light[:, None] * 0.0749 / electron * shape), axis=0)
    middle = 0.5 * (light[1:] + light[:-1])
    efficiency = 1.32045 / (1 + np.exp(-0.285979 * (middle - 10.8646))) - 0.333322
    accepted = chance * np.maximum(efficiency, 0.0)[:, None]
    edges = [0, 8, 12, 16, 20, 24, 32, 40, 50]
    expected = np.add.reduceat(accepted, np.searchsorted(middle, edges))
    # Bins of time share one of light; t yr keV.
    found = response.nominal[::17][:, inside] / (0.0146 * response.grid.weight[inside])
    # Rows of the efficiency are a quarter of a photoelectron apart.
    np.testing.assert_allclose(found, expected, rtol=3e-3, atol=2e-5)
