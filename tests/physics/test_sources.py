"""Reactors, spallation sources and tables of one's own: fluxes, spectra and their moments."""

from math import pi
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.integrate import quad

from bayesnu.errors import InputError
from bayesnu.files.tables import read_table
from bayesnu.physics.source import Norm, Source, SourceOptions
from bayesnu.physics.sources.flavours import Flavours
from bayesnu.physics.sources.pion_decay_at_rest import PionDecayAtRest
from bayesnu.physics.sources.reactor import ISOTOPES, Reactor, per_fission
from bayesnu.physics.sources.spectrum import LOWEST_ENERGY_MEV
from bayesnu.physics.sources.table import FluxLine, TableComponent, TableSource
from bayesnu.physics.treatment import Neutrinos

PRECISION = 1e-9
"""Of quadratures here; 1e-6 is asked for."""

POWERS = (lambda e: 1.0, lambda e: 1 / e, lambda e: e**-2.0, np.log)

CONUS = Reactor(kind="reactor", name="leibstadt", thermal_power_GW=3.6, distance_m=20.7)
SNS = PionDecayAtRest(
    kind="pion-decay-at-rest",
    name="sns",
    distance_m=19.3,
    neutrinos_per_proton=0.0848,
    protons_on_target=3.198e23,
    years=2.0,
    pulse_centre_us=0.44,
    pulse_sigma_us=0.15,
)


def arriving(options: SourceOptions, *paths: Path) -> Source:
    return options.arriving(Neutrinos(), {path.name: read_table(path) for path in paths})


def dense(density, low: float, high: float, knots) -> np.ndarray:
    """Integrate between each pair of knots with eighty nodes in E."""
    x, w = np.polynomial.legendre.leggauss(80)
    edges = np.array([low, *(k for k in knots if low < k < high), high])
    half = 0.5 * np.diff(edges)[:, None]
    energy = 0.5 * (edges[1:] + edges[:-1])[:, None] + half * x
    weight = density(energy) * half * w
    return np.array([(weight * power(energy)).sum() for power in POWERS])


# --- Pion decay at rest ------------------------------------------------------------------

MUON = 105.6583755  # MeV


def michel(energy: float) -> dict[str, float]:
    """Unit spectra as the COHERENT collaboration prints them (arXiv:1708.01294), per MeV."""
    return {
        "e": 192 * energy**2 / MUON**3 * (0.5 - energy / MUON),
        "anti_mu": 64 * energy**2 / MUON**3 * (0.75 - energy / MUON),
    }


def test_prompt_line_and_delayed_spectra_integrate_to_one_neutrino_a_flavour():
    source = arriving(SNS)
    nothing = np.zeros(1)
    each = 0.0848 * 3.198e23 / (2 * 365.25 * 86400) / (4 * pi * 1930.0**2)
    assert source.flux == pytest.approx({"prompt": each, "delayed": 2 * each}, rel=1e-12)
    prompt = source.moments("prompt", nothing, "flavour")
    delayed = source.moments("delayed", nothing, "flavour")
    assert prompt["mu"][0, 0] == pytest.approx(1.0, rel=1e-12)
    for state in ("e", "anti_mu"):
        assert delayed[state][0, 0] == pytest.approx(0.5, rel=1e-12)
        whole = quad(lambda e, s=state: michel(e)[s], 0, MUON / 2)[0]
        assert whole == pytest.approx(1.0, rel=1e-12)


def test_the_prompt_line_is_that_of_a_pion_at_rest():
    source = arriving(SNS)
    (energy,) = source.lines("prompt")
    # |p| of the muon is that of the neutrino: energies add up to the pion's mass.
    assert energy + np.hypot(energy, MUON) == pytest.approx(139.57039, rel=1e-12)
    assert energy == pytest.approx(29.79, abs=5e-3)
    above = source.moments("prompt", np.array([29.7, 29.8]), "flavour")["mu"]
    np.testing.assert_allclose(above[:, 0], [1, 1 / energy, energy**-2, np.log(energy)])
    assert not above[:, 1].any()
    assert source.lines("delayed") == ()
    assert source.breaks == (energy, pytest.approx(MUON / 2))


@pytest.mark.parametrize("state", ["e", "anti_mu"])
def test_moments_of_michel_spectra_are_those_of_a_quadrature(state):
    source = arriving(SNS)
    thresholds = np.array([0.0, 0.3, 5.0, 29.0, 50.0, 52.8, 60.0])
    found = source.moments("delayed", thresholds, "flavour")[state]
    for column, low in zip(found.T[:-1], thresholds, strict=False):
        expected = 0.5 * dense(
            lambda e: michel(e)[state], max(low, 1e-12), MUON / 2, np.geomspace(1e-11, 1, 12)
        )
        # At 52.8 MeV 1e-5 of the flux is left, of a difference of closed forms.
        np.testing.assert_allclose(column, expected, rtol=1e-8, atol=1e-15)
    assert not found[:, -1].any()


def test_a_beam_does_not_oscillate_and_has_antineutrinos():
    source = arriving(SNS)
    assert source.states("flavour") == ("e", "mu", "anti_mu")
    with pytest.raises(InputError, match="mass states"):
        source.states("mass")


def test_power_and_protons_say_the_same():
    years, protons = 1.0, 1.4e6 / 1.602176634e-10 * 365.25 * 86400
    counted = SNS.model_copy(update={"protons_on_target": protons, "years": years})
    powered = PionDecayAtRest(
        kind="pion-decay-at-rest",
        name="sns",
        distance_m=19.3,
        neutrinos_per_proton=0.0848,
        power_MW=1.4,
        proton_energy_GeV=1.0,
    )
    assert counted.protons_per_s() == pytest.approx(powered.protons_per_s(), rel=1e-12)


def test_detectors_at_one_beam_share_its_norm():
    far = SNS.model_copy(update={"distance_m": 27.5})
    norms = {
        arriving(options).norm(component)
        for options in (SNS, far)
        for component in ("prompt", "delayed")
    }
    assert norms == {Norm("flux_sns", 0.1)}


@pytest.mark.parametrize("component", ["prompt", "delayed"])
def test_arrival_times_are_the_pulse_convolved_with_the_decays(component):
    assert SNS.time_shares(component, np.array([-20.0, 200.0])) == pytest.approx([1.0], abs=1e-12)
    edges = np.array([-20.0, 0.2, 0.4, 0.6, 1.0, 2.0, 6.0, 12.0])
    shares = SNS.time_shares(component, edges)
    step = 1e-3
    t = np.arange(0, 12, step) + step / 2
    pulse = np.exp(-0.5 * ((t - 0.44) / 0.15) ** 2) / (0.15 * np.sqrt(2 * pi))
    pulse[0] += 0.00168 / step  # what the Gaussian has before zero, 1.7 per mille
    for lifetime in (0.026033, *((2.1969811,) if component == "delayed" else ())):
        pulse = np.convolve(pulse, np.exp(-t / lifetime) / lifetime * step)[: len(t)]
    expected = np.histogram(t, edges, weights=pulse * step)[0]
    # Mid-points of bins of 1 ns against a lifetime of 26 ns; what came before zero.
    np.testing.assert_allclose(shares, expected, atol=3e-3)


# --- Reactor -----------------------------------------------------------------------------


def inverse_beta_decay(energy: np.ndarray) -> np.ndarray:
    """Strumia & Vissani, Phys. Lett. B 564 (2003) 42, Eq. 25: cm2 to some permille."""
    positron = energy - 1.29333
    momentum = np.sqrt(np.maximum(positron**2 - 0.510999**2, 0.0))
    log = np.log(energy)
    return 1e-43 * momentum * positron * energy ** (-0.07056 + 0.02018 * log - 0.001953 * log**3)


# Huber, arXiv:1106.0687, and Mueller et al., arXiv:1101.2663: 1e-43 cm2 per fission, as printed.
YIELDS = {"u235": 6.69, "u238": 10.10, "pu239": 4.40, "pu241": 6.03}


@pytest.mark.parametrize("isotope", ISOTOPES)
def test_inverse_beta_decays_per_fission_are_the_published_ones(isotope):
    energy = np.linspace(1.806, 12.0, 20001)
    found = np.trapezoid(
        inverse_beta_decay(energy) * per_fission(isotope, "huber-mueller")(energy), energy
    )
    print(f"{isotope}: {found * 1e43:.3f}, published {YIELDS[isotope]}")
    assert found * 1e43 == pytest.approx(YIELDS[isotope], rel=0.05)


def test_the_flux_of_conus_plus_is_the_published_one():
    """3.6 GW at 20.7 m: 1.5e13 cm-2 s-1, arXiv:2501.05206."""
    (flux,) = arriving(CONUS).flux.values()
    print(f"{flux:.4g}")
    assert flux == pytest.approx(1.5e13, rel=0.05)


def test_neutron_captures_add_two_antineutrinos_each():
    bare = CONUS.model_copy(update={"captures_per_fission": 0.0})
    with_captures, without = (sum(arriving(o).flux.values()) for o in (CONUS, bare))
    area = 4 * pi * 2070.0**2
    expected = 2 * 0.6 * CONUS.fissions_per_s() / area
    # Bins of 25 keV, of which the first is cut at 1 keV and ends at its centre.
    assert with_captures - without == pytest.approx(expected, rel=2e-3)
    high = np.array([1.4])
    np.testing.assert_allclose(
        *(
            source.moments("reactor", high, "flavour")["anti_e"][0] * source.flux["reactor"]
            for source in map(arriving, (CONUS, bare))
        ),
        rtol=1e-12,
    )


@pytest.mark.parametrize("changes", [{}, {"below": "kopeikin"}, {"above": "bestiole"}])
def test_moments_of_a_reactor_are_those_of_a_quadrature(changes):
    options = CONUS.model_copy(update={**changes, "fission_fractions": {"u235": 0.6, "u238": 0.4}})
    source = arriving(options)
    assert isinstance(source, Flavours)
    spectrum = source.components["reactor"].spectra["anti_e"]
    thresholds = np.array([0.0, 0.01, 0.8, 1.7999, 1.8001, 4.1, 7.3, 8.9, 20.0])
    found = source.moments("reactor", thresholds, "flavour")["anti_e"]
    for column, low in zip(found.T[:-1], thresholds, strict=False):
        expected = dense(
            spectrum.density,
            max(low, LOWEST_ENERGY_MEV),
            float(spectrum.knots[-1]),
            spectrum.knots,
        )
        np.testing.assert_allclose(
            column * source.flux["reactor"], expected, rtol=PRECISION, atol=0
        )
    assert not found[:, -1].any()


def test_spectra_join_at_the_threshold_of_inverse_beta_decay():
    """Summation and conversion differ by the few percent of the reactor anomaly."""
    at = np.array([1.8 - 1e-9, 1.8])
    for isotope in ISOTOPES:
        below, above = per_fission(isotope, "huber-mueller")(at)
        assert above == pytest.approx(below, rel=0.15)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("fission_fractions", {"u235": 0.5}),
        ("fission_fractions", {"th232": 1.0}),
        ("thermal_power_GW", -1.0),
        ("distance_m", 0.0),
        ("below", "guess"),
    ],
)
def test_what_is_no_reactor_is_refused(key, value):
    entries = {
        "kind": "reactor",
        "name": "r",
        "thermal_power_GW": 3.6,
        "distance_m": 20.7,
        key: value,
    }
    with pytest.raises(ValidationError, match=key):
        Reactor.model_validate(entries)


# --- Tables ------------------------------------------------------------------------------


def written(folder: Path, text: str) -> Path:
    path = folder / "flux.csv"
    path.write_text(text, encoding="utf-8")
    return path


def a_source(**component) -> TableSource:
    return TableSource(kind="table", components={"mine": TableComponent(**component)})


def test_a_table_is_linear_between_rows_and_lines_are_added(tmp_path):
    path = written(
        tmp_path,
        "energy_MeV,e_per_cm2_s_MeV,anti_tau_per_cm2_s_MeV\n0,0,5\n2,8,5\n6,0,0\n",
    )
    line = FluxLine(energy_MeV=3.0, state="e", flux_per_cm2_s=10.0)
    source = arriving(
        a_source(table="flux.csv", lines=(line,), scale=2.0, relative_sigma=0.2), path
    )
    assert source.states("flavour") == ("e", "anti_tau")
    assert source.norm("mine") == Norm("flux_mine", 0.2)
    assert source.flux["mine"] == pytest.approx(2 * (8 + 16 + 10 + 10 + 10), rel=1e-3)
    assert source.lines("mine") == (3.0,)
    assert source.breaks == (3.0,)
    thresholds = np.array([0.5, 2.5])
    found = source.moments("mine", thresholds, "flavour")["e"] * source.flux["mine"]
    for column, low in zip(found.T, thresholds, strict=True):
        smooth = dense(lambda e: 2 * np.interp(e, [0, 2, 6], [0, 8, 0]), low, 6, (2,))
        expected = smooth + 20 * np.array([1, 1 / 3, 1 / 9, np.log(3)])
        np.testing.assert_allclose(column, expected, rtol=PRECISION)


def test_a_table_that_ends_at_once_is_cut_there(tmp_path):
    path = written(tmp_path, "energy_MeV,mu_per_cm2_s_MeV\n1,4\n2,4\n")
    assert arriving(a_source(table="flux.csv"), path).breaks == (1.0, 2.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("energy_MeV,e_per_cm2_s_MeV\n0,1\n1,-2\n", "found -2, expected at least 0"),
        ("energy_MeV,nue\n0,1\n1,2\n", "found nue, expected e_per_cm2_s_MeV"),
        ("energy_MeV,e_per_cm2_s_MeV\n1,1\n0,2\n", "expected more than 1"),
        ("energy_MeV,e_per_cm2_s_MeV\n1,0\n2,0\n", "found zeros alone"),
        ("energy_MeV,e_per_cm2_s_MeV\n1,1\n", "1 rows and 1 columns of flux"),
        ("energy_MeV\n1\n2\n", "2 rows and 0 columns of flux"),
        ("e_per_cm2_s_MeV\n1\n2\n", "energy_MeV"),
        ("energy_MeV,e_per_cm2_s_MeV\n0,1\n1e9,2\n", "at most 1000"),
    ],
)
def test_what_is_no_flux_is_refused_in_one_sentence(tmp_path, text, words):
    path = written(tmp_path, text)
    with pytest.raises(InputError) as refused:
        arriving(a_source(table="flux.csv"), path)
    message = str(refused.value)
    assert words in message and message.count("\n") == 0
