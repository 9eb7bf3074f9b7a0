"""Counts of any source on any target, against integrals in the other order and other files.

bayesnu integrates over neutrino energies first, by moments, then over recoils. Here a sum over
neutrino energies comes last, of cross sections that are written anew and of spectra as they
are defined.
"""

import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy.special import spherical_jn

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.loading import load
from bayesnu.model.build import build_likelihood
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.cross_sections.kinematics import minimum_energy
from bayesnu.physics.signals import MagneticMoment, StandardModel, TransitionMoment
from bayesnu.physics.sources.flavours import Flavours
from bayesnu.physics.sources.spectrum import Continuous
from bayesnu.physics.sources.sun.spectra import ContinuousSpectrum, LineSpectrum, spectrum
from bayesnu.physics.targets import nuclei
from bayesnu.physics.targets.target import scatterers

G_F, M_E, CM_PER_MEV = 1.1663788e-11, 0.51099895, 1.973269804e-11
N_A, YEAR, U_MEV = 6.02214076e23, 365.25 * 86400, 931.49410372
S_W = 0.23863
WANTED = 1e-5

REACTOR = """[source]
kind = "reactor"
name = "leibstadt"
thermal_power_GW = 3.6
distance_m = 20.7
"""
BEAM = """[source]
kind = "pion-decay-at-rest"
name = "sns"
distance_m = 19.3
neutrinos_per_proton = 0.0848
protons_on_target = 3.198e23
years = 1.7
"""
NUCLEI = """title = "Nuclei"
channel = "nuclear-recoil"
target = "{target}"
neutrinos = {{ form_factor = "helm" }}
{source}
[runs.one]
exposure_t_yr = 0.01
observed = {{ table = "counts.csv", column = "counts" }}
response = {{ table = "response.csv", columns = "p_" }}
[backgrounds.flat]
counts = {{ one = {{ table = "counts.csv", column = "counts" }} }}
prior = {{ type = "free" }}
"""
ELECTRONS = """title = "Electrons"
channel = "electron-recoil"
target = "{target}"
exposure_t_yr = 0.01
bins = [{{ low_keV = 1.0, high_keV = 3.0, width_keV = 1.0 }}]
observed = [{{ counts = "counts.csv" }}]
{source}
[efficiency]
table = "efficiency.csv"
energy = "true"
[backgrounds.flat]
flat = true
events = 40
prior = {{ type = "free" }}
"""
RAMPS = {
    "Ge": (0.15, 0.4, 1.1, 4.0),
    "CsI": (4.0, 9.0, 21.0, 44.0),
    "Ar": (12.0, 30.0, 60.0, 140.0),
}
"""keV: where the efficiency rises, is one, and falls; between there is one bin, then another."""


def nuclear(folder: Path, target: str, source: str) -> Experiment:
    low, full, middle, end = RAMPS[target]
    (folder / "counts.csv").write_text("counts\n30\n20\n")
    (folder / "response.csv").write_text(
        f"energy_keV,p_0,p_1\n{low},0,0\n{full},1,0\n{middle},0,1\n{end},0,0.5\n"
    )
    path = folder / "nuclei.toml"
    path.write_text(NUCLEI.format(target=target, source=source))
    return load(path)


def electron(folder: Path, target: str, source: str, extra: str = "") -> Experiment:
    (folder / "counts.csv").write_text("low_keV,high_keV,counts\n1,2,20\n2,3,20\n")
    (folder / "efficiency.csv").write_text("energy_keV,efficiency\n0.5,0.2\n1.5,0.9\n3,0.9\n")
    path = folder / "electrons.toml"
    path.write_text(extra + ELECTRONS.format(target=target, source=source))
    return load(path)


def energies(experiment: Experiment, component: str, state: str):
    """Return neutrino energies in MeV and fluxes in cm-2 s-1 of a fine quadrature."""
    source = experiment.source()
    assert isinstance(source, Flavours)
    found = source.components[component].spectra[state]
    if component == "prompt":
        return np.array(source.lines("prompt")), np.array([source.flux["prompt"]])
    if isinstance(found, Continuous):
        # Recoils of electrons begin at tens of keV, with a kink that no knot has.
        edges = np.unique(np.append(found.knots, np.linspace(0.01, 0.1, 400)))
        density = found.density
    else:
        end = found.breaks[0]
        edges, x = np.linspace(0, end, 400), 0.5 / end
        flux = source.flux["delayed"] / 2
        edges = np.unique(np.append(edges, end))
        shapes = {
            "e": lambda e: 192 * x * (e * x) ** 2 * (0.5 - e * x),
            "anti_mu": lambda e: 64 * x * (e * x) ** 2 * (0.75 - e * x),
        }

        def density(e):
            return flux * shapes[state](e)

    nodes, weights = np.polynomial.legendre.leggauss(6)
    half = 0.5 * np.diff(edges)[:, None]
    energy = 0.5 * (edges[1:] + edges[:-1])[:, None] + half * nodes
    return energy.ravel(), (density(energy) * half * weights).ravel()


def integrated(energy, flux, mass, steps, of_recoil):
    """Sum over energies of the integral over recoils, piece by piece, up to the largest one."""
    nodes, weights = np.polynomial.legendre.leggauss(24)
    largest = 2 * energy**2 / (2 * energy + mass) * 1e3  # keV
    total = 0.0
    for low, high in itertools.pairwise(steps):
        top = np.clip(largest, low, high)
        half = 0.5 * (top - low)[:, None]
        recoil = low + half * (1 + nodes)
        inner = (of_recoil(recoil, energy[:, None]) * half * weights).sum(axis=-1)
        total = total + inner @ flux
    return total


def coherent(recoil, energy, z, a, mass):
    """cm2/keV; Helm's form factor as in Lewin & Smith, Eq. 4.7 and 4.11."""
    charge = z * (0.5 - 2 * S_W) - 0.5 * (a - z)
    t = recoil * 1e-3
    q = np.sqrt(2 * mass * t) / (CM_PER_MEV * 1e13)
    radius = np.sqrt((1.23 * a ** (1 / 3) - 0.6) ** 2 + 7 / 3 * (np.pi * 0.52) ** 2 - 5 * 0.9**2)
    shape = 3 * spherical_jn(1, q * radius) / (q * radius) * np.exp(-0.5 * (0.9 * q) ** 2)
    bracket = 1 - t / energy - mass * t / (2 * energy**2)
    return G_F**2 * mass / np.pi * (charge * shape) ** 2 * bracket * CM_PER_MEV**2 * 1e-3


@pytest.mark.parametrize(
    ("target", "source", "component", "state"),
    [
        ("Ge", REACTOR, "reactor", "anti_e"),
        ("CsI", BEAM, "prompt", "mu"),
        ("CsI", BEAM, "delayed", "e"),
        ("CsI", BEAM, "delayed", "anti_mu"),
        ("Ar", BEAM, "delayed", "anti_mu"),
    ],
)
def test_counts_on_each_isotope_are_those_of_the_other_order(
    tmp_path, target, source, component, state
):
    experiment = nuclear(tmp_path, target, source)
    energy, flux = energies(experiment, component, state)
    low, full, middle, end = RAMPS[target]
    steps, heights = (low, full, middle, end), ((0, 1, 0, 0), (0, 0, 1, 0.5))
    grid, arriving = experiment.grid.energy, experiment.source()
    units = 0.01 * 1e6 * N_A / experiment.material.molar_mass * YEAR
    kinds = [
        (number, isotope)
        for element, number in experiment.material.atoms
        for isotope in nuclei.isotopes(element.symbol)
    ]
    seen = scatterers("nuclei", grid, experiment.neutrinos, experiment.material)
    for (number, isotope), nucleus in zip(kinds, seen, strict=True):
        mass = isotope.mass * 1e-3
        (process,) = StandardModel().on_nucleus(nucleus, state, {})
        moments = arriving.moments(component, minimum_energy(grid, nucleus.mass), "flavour")[state]
        rate = process.coefficients.fold(moments) * arriving.flux[component] * nucleus.abundance
        counts = experiment.response @ rate * experiment.material.units_per_tonne * YEAR
        expected = [
            units
            * number
            * isotope.abundance
            * integrated(
                energy,
                flux,
                mass,
                steps,
                lambda t, e, h=h, i=isotope, m=mass: (
                    np.interp(t, steps, h) * coherent(t, e, i.z, i.a, m)
                ),
            )
            for h in heights
        ]
        np.testing.assert_allclose(counts, expected, rtol=WANTED)


def test_all_isotopes_and_flavours_are_in_the_counts(tmp_path):
    experiment = nuclear(tmp_path, "CsI", BEAM)
    found = recoil_rate(experiment).counts(StandardModel(), {})
    grid, source = experiment.grid.energy, experiment.source()
    for component, counts in found.items():
        total = 0.0
        for nucleus in scatterers("nuclei", grid, experiment.neutrinos, experiment.material):
            moments = source.moments(component, minimum_energy(grid, nucleus.mass), "flavour")
            for state in ("e", "mu", "anti_mu"):
                (process,) = StandardModel().on_nucleus(nucleus, state, {})
                total = total + nucleus.abundance * process.coefficients.fold(moments[state])
        norm = experiment.material.units_per_tonne * YEAR * source.flux[component]
        np.testing.assert_allclose(counts, experiment.response @ total * norm, rtol=1e-12)


GE_SHELLS = {11.103: 2, 1.4146: 2, 1.2481: 2, 1.2170: 4, 0.1801: 2, 0.1249: 2, 0.1208: 4}
"""keV: K to M3 of germanium (X-ray Data Booklet); all further electrons are below 30 eV."""


def weak(recoil, energy, left, right, number):
    t = recoil * 1e-3
    bracket = left**2 + right**2 * (1 - t / energy) ** 2 - left * right * M_E * t / energy**2
    return number(recoil) * 2 * G_F**2 * M_E / np.pi * bracket * CM_PER_MEV**2 * 1e-3


@pytest.mark.parametrize(
    ("source", "component", "state"),
    [
        (REACTOR, "reactor", "anti_e"),
        (BEAM, "prompt", "mu"),
        (BEAM, "delayed", "e"),
        (BEAM, "delayed", "anti_mu"),
    ],
)
def test_counts_of_electrons_in_germanium_are_those_of_the_other_order(
    tmp_path, source, component, state
):
    experiment = electron(tmp_path, "Ge", source)
    left, right = S_W - 0.5 + state.endswith("e"), S_W
    if state.startswith("anti"):
        left, right = right, left
    energy, flux = energies(experiment, component, state)

    def number(recoil):
        return 32 - sum(held * (recoil <= edge) for edge, held in GE_SHELLS.items())

    steps = (1.0, 1.2170, 1.2481, 1.4146, 1.5, 2.0, 3.0)
    grid, arriving = experiment.grid.energy, experiment.source()
    (electrons,) = scatterers("electrons", grid, experiment.neutrinos, experiment.material)
    moments = arriving.moments(component, minimum_energy(grid, electrons.mass), "flavour")[state]
    (process,) = StandardModel().on_electrons(electrons, state, {})
    rate = process.coefficients.fold(moments) * arriving.flux[component]
    counts = experiment.response @ rate * experiment.material.units_per_tonne * YEAR
    norm = 0.01 * 1e6 * N_A / 72.63 * YEAR
    for found, pieces in zip(counts, (steps[:6], steps[5:]), strict=True):
        expected = norm * integrated(
            energy,
            flux,
            M_E,
            pieces,
            lambda t, e: (
                np.interp(t, (0.5, 1.5, 3.0), (0.2, 0.9, 0.9)) * weak(t, e, left, right, number)
            ),
        )
        assert found == pytest.approx(expected, rel=WANTED)


# --- The sun as a table -------------------------------------------------------------------


def flux_tables(folder: Path, experiment: Experiment) -> str:
    """Write the sun's fluxes by flavour; return the key `source` that names them."""
    source = experiment.source()
    entries = ['[source]\nkind = "table"\n']
    for component, flux in source.flux.items():
        found = spectrum(component)
        shares = source.moments(component, np.zeros(1), "flavour")
        total = sum(m[0, 0] for m in shares.values())
        share = {state: m[0, 0] / total for state, m in shares.items()}
        sigma = source.norm(component).relative_sigma
        entries.append(f"[source.components.{component}]\nrelative_sigma = {sigma!r}\n")
        if isinstance(found, LineSpectrum):
            lines = ", ".join(
                f'{{ energy_MeV = {e!r}, state = "{s}", flux_per_cm2_s = {flux * w * p!r} }}'
                for e, w in zip(found.energy.tolist(), found.weight.tolist(), strict=True)
                for s, p in {k: float(v) for k, v in share.items()}.items()
            )
            entries.append(f"lines = [{lines}]\n")
            continue
        assert isinstance(found, ContinuousSpectrum)
        rows = ["energy_MeV," + ",".join(f"{s}_per_cm2_s_MeV" for s in share)]
        for e, d in zip(found.energy.tolist(), found.density.tolist(), strict=True):
            rows.append(f"{e!r}," + ",".join(repr(float(flux * d * p)) for p in share.values()))
        (folder / f"{component}.csv").write_text("\n".join(rows) + "\n")
        entries.append(f'table = "{component}.csv"\n')
    return "".join(entries)


@pytest.mark.parametrize(
    ("values", "signal"),
    [
        ({}, StandardModel()),
        ({"mu_eff": 3.0}, MagneticMoment()),
        ({"mu_mu": 5.0}, MagneticMoment()),
    ],
)
def test_the_suns_fluxes_as_a_table_give_the_suns_counts(tmp_path, values, signal):
    sun = load("xenonnt-2022-er")
    assert sun.neutrinos.survival == "low-energy"
    path = tmp_path / "table.toml"
    path.write_text('extends = "xenonnt-2022-er"\n' + flux_tables(tmp_path, sun))
    table = load(path)
    ours, theirs = (recoil_rate(e).counts(signal, values) for e in (table, sun))
    assert list(ours) == list(theirs)
    for component, counts in theirs.items():
        np.testing.assert_allclose(ours[component], counts, rtol=1e-6)
    names = [
        tuple(n for n in build_likelihood([e], signal, list(values)).names if n.startswith("flux"))
        for e in (table, sun)
    ]
    assert names[0] == names[1] != ()


# --- Likelihoods --------------------------------------------------------------------------


def test_a_reactor_and_the_sun_are_one_likelihood(tmp_path):
    reactor = electron(tmp_path, "Ge", REACTOR)
    both = build_likelihood([load("xenonnt-2022-er"), reactor], MagneticMoment(), ["mu_e"])
    assert {"flux_pp", "flux_leibstadt"} <= set(both.names)
    assert {label for _, label in both.labels} >= {"solar_nu", "reactor_nu"}
    # The line of a beam is of muon neutrinos, and knows nothing of a moment of nu_e.
    beam = electron(tmp_path, "Ge", BEAM)
    counts = recoil_rate(beam).counts(MagneticMoment(), {"mu_e": 1e5})
    bare = recoil_rate(beam).counts(StandardModel(), {})
    np.testing.assert_array_equal(counts["prompt"], bare["prompt"])
    assert (counts["delayed"] > bare["delayed"]).all()


def test_two_detectors_at_one_beam_share_a_norm_that_must_be_one(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = nuclear(tmp_path / "a", "CsI", BEAM)
    other = electron(tmp_path / "b", "Ar", BEAM)
    names = build_likelihood([one, other], MagneticMoment(), ["mu_mu"]).names
    assert [name for name in names if name.startswith("flux")] == ["flux_sns"]
    wider = electron(tmp_path / "b", "Ar", BEAM + "relative_sigma = 0.2\n")
    with pytest.raises(InputError, match="flux_sns"):
        build_likelihood([one, wider], MagneticMoment(), ["mu_mu"])


def test_moments_of_mass_states_are_no_rate_of_flavours(tmp_path):
    rate = recoil_rate(electron(tmp_path, "Ge", REACTOR))
    with pytest.raises(InputError, match="a flavour is a sum with phases"):
        rate.counts(TransitionMoment(), {"Lambda_1": 1.0})


@pytest.mark.parametrize(
    ("target", "source", "words"),
    [
        ("Xx", REACTOR, "target: found 'Xx', expected symbols of elements"),
        ("Ge0", REACTOR, "target: found 'Ge0'"),
        ("germanium", REACTOR, "target: found 'germanium'"),
        ("Tc", REACTOR, "target: found 'Tc'"),
        ("Ge", 'source = "moon"', "source: found 'moon', expected \"sun\", or a table with kind"),
        ("Ge", '[source]\nkind = "moon"', "source: found {'kind': 'moon'}"),
        ("Ge", REACTOR.replace("3.6", "-3.6"), "thermal_power_GW: found -3.6, expected greater"),
        ("Ge", REACTOR.replace("distance_m = 20.7", ""), "distance_m: found nothing"),
        ("Ge", REACTOR + "distance_km = 3.0", "distance_km: found 3.0, expected no such key"),
        ("Ge", BEAM + "power_MW = 1.0", "give either protons_on_target and years, or power_MW"),
        (
            "Ge",
            REACTOR + "fission_fractions = { u235 = 0.9 }",
            "fission_fractions: found {'u235': 0.9}, expected shares that sum to one",
        ),
        ("Ge", '[source]\nkind = "table"\n[source.components.a]', "give a table, or lines"),
        (
            "Ge",
            '[source]\nkind = "table"\n[source.components.a]\ntable = "none.csv"',
            "source.components.a.table: found 'none.csv'",
        ),
        (
            "Ge",
            '[source]\nkind = "table"\n[source.components.a]\n'
            'lines = [{ energy_MeV = 1.0, state = "e", flux_per_cm2_s = -1.0 }]',
            "flux_per_cm2_s: found -1.0, expected greater than 0",
        ),
    ],
)
def test_what_is_no_source_or_target_is_refused_in_one_sentence(tmp_path, target, source, words):
    with pytest.raises(InputError) as refused:
        electron(tmp_path, target, source)
    assert words in str(refused.value) and "\n" not in str(refused.value)


def test_rrpa_is_known_for_xenon_alone(tmp_path):
    with pytest.raises(InputError, match="found rrpa for Ge, expected rrpa for Xe"):
        recoil_rate(electron(tmp_path, "Ge", REACTOR, 'neutrinos = { atomic = "rrpa" }\n'))


def test_xenon_has_two_names(tmp_path):
    one, other = electron(tmp_path, "xenon", REACTOR), electron(tmp_path, "Xe", REACTOR)
    assert one.material == other.material and str(one.material) == "xenon"
    assert one.digest == other.digest
