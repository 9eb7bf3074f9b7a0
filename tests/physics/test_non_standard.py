"""Non-standard interactions: Tr(rho M) against matrices, rotations, and what is known otherwise."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from monte_carlo import generator

from bayesnu.errors import InputError
from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections import elastic_electron, light_mediators, non_standard
from bayesnu.physics.cross_sections.electroweak import FLAVOURS, PAIRS, tree_level_couplings
from bayesnu.physics.cross_sections.flavour_matrix import FlavourMatrix
from bayesnu.physics.moments import mixing_matrix
from bayesnu.physics.signals import signal_by_tag
from bayesnu.physics.signals.non_standard import matrix_of
from bayesnu.physics.source import COHERENCES
from bayesnu.physics.sources.sun.coherence import density_matrix, mixing_elements
from bayesnu.physics.sources.sun.oscillation import OscillationParameters
from bayesnu.physics.sources.sun.sun import sun
from bayesnu.physics.targets import target
from bayesnu.physics.treatment import Neutrinos, Oscillation

RECOIL = np.geomspace(0.5, 60.0, 12)
EXACT = 1e-12
ELEMENTS = {f: ("Re", f, f) for f in FLAVOURS} | COHERENCES
ATOM = target.electrons(RECOIL, Neutrinos())
XENON = target.nuclei(RECOIL, Neutrinos(nuclei="average"))[0]


def hermitian(rng, size=1.0):
    matrix = rng.normal(0.0, size, (3, 3)) + 1j * rng.normal(0.0, size, (3, 3))
    return (matrix + matrix.conj().T) / 2


def state(rng):
    """A density matrix: positive, of trace one."""
    matrix = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    matrix = matrix @ matrix.conj().T
    return matrix / np.trace(matrix).real


def as_flavours(matrix):
    place = {flavour: i for i, flavour in enumerate(FLAVOURS)}
    return FlavourMatrix(
        {f: matrix[i, i].real for f, i in place.items()},
        {(a, b): matrix[place[a], place[b]].real for a, b in PAIRS},
        {(a, b): matrix[place[a], place[b]].imag for a, b in PAIRS},
    )


def elements(rho):
    """The elements of a state, by their names."""
    own = as_flavours(rho)
    parts = {"Re": own.real, "Im": own.imaginary}
    return dict(own.diagonal) | {name: parts[p][a, b] for name, (p, a, b) in COHERENCES.items()}


def values_of(signal, matrices):
    found = {}
    for kind, matrix in matrices.items():
        own = as_flavours(matrix)
        found |= {f"eps_{kind}_{f}{f}": own.diagonal[f] for f in FLAVOURS}
        found |= {f"eps_{kind}_{a}{b}": own.real[a, b] for a, b in PAIRS}
        found |= {f"im_{kind}_{a}{b}": own.imaginary[a, b] for a, b in PAIRS}
    return signal.physical(found)


def seen(signal, where, rho, values, energy):
    """dsigma/dT of a state: the flavours' own, and what the elements of the state add."""
    on_electrons = where is ATOM
    total = 0.0
    for name, weight in elements(rho).items():
        part = signal.electrons_of_element if on_electrons else signal.nucleus_of_element
        own = list(part(where, ELEMENTS[name], values))
        if name in FLAVOURS:
            weak = signal.on_electrons if on_electrons else signal.on_nucleus
            own += weak(where, name, values)
        total = total + weight * sum(process.coefficients.at(energy) for process in own)
    return total


def test_electrons_are_the_trace_of_state_and_squared_amplitudes():
    """Helicity amplitudes of Barranco et al., PRD 73 (2006) 113001, as complex 3x3 matrices."""
    rng, signal = generator(1), signal_by_tag("nsi-electron")
    g_left = np.diag([0.5 + const.SIN2_THETA_W] + 2 * [-0.5 + const.SIN2_THETA_W])
    g_right = const.SIN2_THETA_W * np.eye(3)
    t, m = RECOIL * 1e-3, const.ELECTRON_MASS_KEV * 1e-3
    for _ in range(200):
        rho, eps = state(rng), {"L": hermitian(rng), "R": hermitian(rng)}
        energy = rng.uniform(0.3, 9.0)
        left, right = g_left + eps["L"], g_right + eps["R"]
        squared = (
            np.trace(rho @ left @ left)
            + np.trace(rho @ right @ right) * (1 - t / energy) ** 2
            - np.trace(rho @ (left @ right + right @ left)) / 2 * m * t / energy**2
        )
        unit = 2 * (const.FERMI_CONSTANT_PER_GEV2 * 1e-6) ** 2 * m / np.pi
        expected = unit * squared.real * (const.HBAR_C_KEV_CM * 1e-3) ** 2 * 1e-3
        found = seen(signal, ATOM, rho, values_of(signal, eps), energy)
        np.testing.assert_allclose(found, ATOM.number * expected, rtol=1e-10)


def test_nuclei_are_the_trace_of_state_and_squared_charges():
    """Barranco et al., JHEP 12 (2005) 021: Z (g_V^p + 2 u + d) + N (g_V^n + u + 2 d)."""
    rng, signal = generator(2), signal_by_tag("nsi-quark", "nuclear-recoil")
    for _ in range(200):
        rho, eps = state(rng), {"u": hermitian(rng, 0.2), "d": hermitian(rng, 0.2)}
        proton = (0.5 - 2 * Neutrinos().sin2_theta_w) * np.eye(3) + 2 * eps["u"] + eps["d"]
        neutron = -0.5 * np.eye(3) + eps["u"] + 2 * eps["d"]
        charge = XENON.z * proton + XENON.n * neutron
        energy = 1e-3 * np.sqrt(XENON.mass * RECOIL.max()) * rng.uniform(1.0, 3.0)
        mass, t = XENON.mass * 1e-3, RECOIL * 1e-3
        unit = (const.FERMI_CONSTANT_PER_GEV2 * 1e-6) ** 2 * mass / np.pi
        kinematics = 1 - t / energy - mass * t / (2 * energy**2)
        squared = np.trace(rho @ charge @ charge).real
        expected = unit * squared * kinematics * XENON.form_factor_squared
        found = seen(signal, XENON, rho, values_of(signal, eps), energy)
        scale = (const.HBAR_C_KEV_CM * 1e-3) ** 2 * 1e-3
        np.testing.assert_allclose(found, expected * scale, rtol=1e-10)


def test_rotating_state_and_couplings_together_changes_nothing():
    rng = generator(3)
    for _ in range(20):
        rho, left, right = state(rng), hermitian(rng), hermitian(rng)
        turn = np.linalg.qr(rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))[0]
        traces = []
        for u in (np.eye(3), turn):
            one, two, seen_by = (as_flavours(u @ x @ u.conj().T) for x in (left, right, rho))
            parts = elements(u @ rho @ u.conj().T)
            assert seen_by.diagonal == {f: parts[f] for f in FLAVOURS}
            traces.append(
                [
                    sum(weight * a.product(b, *ELEMENTS[n]) for n, weight in parts.items())
                    for a, b in ((one, one), (two, two), (one, two))
                ]
            )
        scale = np.abs(traces[0]).max()
        np.testing.assert_allclose(traces[1], traces[0], rtol=EXACT, atol=EXACT * scale)


def test_diagonal_interactions_are_a_sum_over_flavours():
    """Of shifted couplings, each with its own cross section, whatever the coherences are."""
    rng, energy = generator(4), 1.7
    electrons, quarks = signal_by_tag("nsi-electron"), signal_by_tag("nsi-quark", "nuclear-recoil")
    for _ in range(20):
        rho = state(rng)
        share = dict(zip(FLAVOURS, rho.diagonal().real, strict=True))
        left, right, up, down = rng.normal(size=(4, 3))
        on_electrons = values_of(electrons, {"L": np.diag(left), "R": np.diag(right)})
        expected = sum(
            share[f]
            * elastic_electron.coefficients(
                RECOIL,
                getattr(ATOM.couplings.g_v, f) + left[i] + right[i],
                getattr(ATOM.couplings.g_a, f) + left[i] - right[i],
            ).at(energy)
            for i, f in enumerate(FLAVOURS)
        )
        found = seen(electrons, ATOM, rho, on_electrons, energy)
        np.testing.assert_allclose(found, ATOM.number * expected, rtol=EXACT)
        on_nuclei = values_of(quarks, {"u": np.diag(up), "d": np.diag(down)})
        z, n = XENON.z, XENON.n
        charges = XENON.weak_charge + z * (2 * up + down) + n * (up + 2 * down)
        weak = signal_by_tag("charge-radius").on_nucleus(
            XENON, "e", signal_by_tag("charge-radius").physical({})
        )[0]
        unit = weak.coefficients.at(40.0) / XENON.weak_charge**2
        expected = unit * sum(p * q**2 for p, q in zip(share.values(), charges, strict=True))
        found = seen(quarks, XENON, rho, on_nuclei, 40.0)
        np.testing.assert_allclose(found, expected, rtol=EXACT)


def test_a_change_of_the_mixing_angle_is_one_of_both_helicities():
    """g_L and g_R of all flavours contain sin^2 theta_W once each."""
    signal, rho = signal_by_tag("nsi-electron"), state(generator(5))
    shift = 0.03
    values = values_of(signal, {"L": shift * np.eye(3), "R": shift * np.eye(3)})
    angle = Neutrinos().sin2_theta_w + shift
    couplings = tree_level_couplings(angle)
    expected = sum(
        p
        * elastic_electron.coefficients(
            RECOIL, getattr(couplings.g_v, f), getattr(couplings.g_a, f)
        ).at(2.0)
        for f, p in zip(FLAVOURS, rho.diagonal().real, strict=True)
    )
    found = seen(signal, ATOM, rho, values, 2.0)
    np.testing.assert_allclose(found, ATOM.number * expected, rtol=EXACT)


def test_a_heavy_vector_mediator_is_a_universal_vector_interaction():
    """Of eps^V = g^2 / (sqrt2 G_F M^2) on electrons and on quarks, for M^2 >> 2 m T."""
    rho, mass, g = state(generator(6)), 1e9, 1.0
    mediator = signal_by_tag("light-mediator")
    old = mediator.physical({"g_vector": g / 1e-7, "m_mediator": mass})
    eps = g**2 / (np.sqrt(2) * const.FERMI_CONSTANT_PER_KEV2 * mass**2)
    electrons, quarks = signal_by_tag("nsi-electron"), signal_by_tag("nsi-quark", "nuclear-recoil")
    universal = electrons.physical({f"eps_V_{f}{f}": eps for f in FLAVOURS})
    share = rho.diagonal().real
    expected = sum(
        p * sum(x.coefficients.at(2.0) for x in mediator.on_electrons(ATOM, f, old))
        for f, p in zip(FLAVOURS, share, strict=True)
    )
    # What is left is 2 m T / M^2 of eps: 10^-13 here, 10^-8 on nuclei.
    found = seen(electrons, ATOM, rho, universal, 2.0)
    np.testing.assert_allclose(found, expected, rtol=1e-11)
    on_quarks = {f"eps_{q}_{f}{f}": eps for q in "ud" for f in FLAVOURS}
    expected = sum(
        p * sum(x.coefficients.at(40.0) for x in mediator.on_nucleus(XENON, f, old))
        for f, p in zip(FLAVOURS, share, strict=True)
    )
    found = seen(quarks, XENON, rho, quarks.physical(on_quarks), 40.0)
    shift = light_mediators.weak_charge_shift(RECOIL, g, mass, XENON.z + XENON.n, XENON.mass)
    assert shift == pytest.approx(3 * (XENON.z + XENON.n) * eps, rel=1e-7)
    # Relative to the largest: the kinematic factor passes through zero.
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7 * np.abs(expected).max())


def test_antineutrinos_have_the_helicities_exchanged():
    signal = signal_by_tag("nsi-electron")
    left, right = 0.3, -0.2
    one = signal.physical({"eps_L_mumu": left, "eps_R_mumu": right})
    (found,) = signal.electrons_of_element(ATOM, ("Re", "mu", "mu"), one)
    weak = signal.on_electrons(ATOM, "anti_mu", one)
    crossed = found.of_antineutrinos(RECOIL, ATOM.mass)
    total = sum(p.coefficients.at(3.0) for p in (*weak, crossed))
    g_v, g_a = ATOM.couplings.g_v.mu + left + right, ATOM.couplings.g_a.mu + left - right
    expected = elastic_electron.coefficients(RECOIL, g_v, -g_a).at(3.0)
    np.testing.assert_allclose(total, ATOM.number * expected, rtol=1e-11)


def test_size_and_phase_are_real_and_imaginary_part():
    signal = signal_by_tag("nsi-electron")
    polar = signal.physical({"size_R_etau": 0.4, "phi_R_etau": 2.0, "eps_L_ee": 0.1})
    parts = {"eps_R_etau": 0.4 * np.cos(2.0), "im_R_etau": 0.4 * np.sin(2.0), "eps_L_ee": 0.1}
    assert polar == signal.physical(parts)


def test_vector_and_axial_ones_are_combinations():
    signal = signal_by_tag("nsi-electron")
    found = signal.physical({"eps_V_emu": 0.4, "eps_A_emu": 0.1})
    assert (found["eps_L_emu"], found["eps_R_emu"]) == pytest.approx((0.25, 0.15))


def test_axial_ones_on_quarks_are_refused_in_a_sentence():
    with pytest.raises(InputError, match=r"eps_uA_ee, an axial coupling.*spins of nuclei"):
        signal_by_tag("nsi-quark").parameter("eps_uA_ee")


@pytest.mark.parametrize("name", ["eps_L_ee", "im_R_mutau", "eps_A_etau", "size_L_emu"])
def test_numpy_and_pytensor_agree(name):
    signal, rho = signal_by_tag("nsi-electron"), state(generator(8))
    others = {"eps_R_ee": 0.2, "eps_L_mutau": -0.3, "im_L_emu": 0.1, "phi_L_emu": 0.7}
    x = pt.dscalar("x")

    def at(value):
        return seen(signal, ATOM, rho, signal.physical({**others, name: value}), 2.0)

    compiled = pytensor.function([x], at(x), mode="FAST_COMPILE")
    np.testing.assert_allclose(compiled(0.37), at(0.37), rtol=EXACT)


def test_the_mixing_matrix_is_that_of_moments_and_takes_tensors():
    angles = (0.31, 0.022, 0.57, 7.5e-5, 4.0)
    parameters = OscillationParameters(*angles)
    own = mixing_elements(parameters)
    found = np.array([[complex(*own[f, state]) for state in "123"] for f in FLAVOURS])
    np.testing.assert_allclose(found, mixing_matrix(parameters), rtol=0, atol=1e-15)
    symbols = [pt.dscalar() for _ in angles]
    chances = {"1": 0.6, "2": 0.38, "3": 0.02}
    tensors = density_matrix(chances, OscillationParameters(*symbols))
    compiled = pytensor.function(
        symbols, list(tensors.values()), mode="FAST_COMPILE", on_unused_input="ignore"
    )
    expected = list(density_matrix(chances, parameters).values())
    np.testing.assert_allclose(compiled(*angles), expected, rtol=EXACT)


@pytest.mark.parametrize("survival", ["low-energy", "msw"])
def test_solar_neutrinos_arrive_as_a_mixture_of_mass_states(survival):
    """rho = U P U^dagger, with P_ee as of the survival probability; positive, of trace one."""
    oscillation = Oscillation(sin2_theta23=0.57, delta_cp=4.0)
    source = sun(Neutrinos(survival=survival, oscillation=oscillation))
    threshold = np.array([0.1, 0.25])
    by_mass = source.moments("pp", threshold, "mass")
    found = source.moments("pp", threshold, "density")
    mixing = mixing_matrix(source.parameters)
    for order, column in np.ndindex(4, 2):
        weights = np.diag([by_mass[state][order, column] for state in "123"])
        rho = mixing @ weights @ mixing.conj().T
        expected = elements(rho)
        for name, values in found.items():
            scale = abs(np.trace(rho))
            assert values[order, column] == pytest.approx(expected[name], abs=EXACT * scale)
    flavours = source.moments("pp", threshold, "flavour")
    np.testing.assert_allclose(found["e"], flavours["e"], rtol=1e-9)
    total = found["mu"] + found["tau"]
    np.testing.assert_allclose(total, flavours["mu"] + flavours["tau"], rtol=1e-9)
    energy = np.array([0.2, 0.3])
    at_energy = source.density("pp", energy, "density")
    assert set(at_energy) == set(source.states("density"))


def test_elements_that_are_zero_make_no_graph():
    values = signal_by_tag("nsi-electron").physical({"eps_L_ee": pt.dscalar()})
    matrices = (matrix_of(kind, values) for kind in ("L", "R"))
    change = non_standard.quark_charge(54, 77, *matrices)
    assert all(value == 0.0 for value in (*change.real.values(), *change.imaginary.values()))
