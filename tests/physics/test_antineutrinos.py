"""Antineutrinos do what neutrinos do with helicities exchanged: g_L with g_R, for each signal.

The right-hand sides are textbook forms (Vogel & Engel, Phys. Rev. D 39 (1989) 3378; Giunti &
Studenikin, Rev. Mod. Phys. 87 (2015) 531) in MeV, written with constants of their own.
"""

from collections.abc import Mapping

import numpy as np
import pytest
from monte_carlo import generator

from bayesnu.physics.constants import ELECTRON_MASS_KEV
from bayesnu.physics.cross_sections import elastic_electron
from bayesnu.physics.cross_sections.electroweak import ANTINEUTRINOS, FLAVOURS
from bayesnu.physics.signals import SIGNALS, Signal, StandardModel, signal_by_tag
from bayesnu.physics.signals.base import Process
from bayesnu.physics.targets import target
from bayesnu.physics.treatment import Neutrinos

G_F, ALPHA, M_E = 1.1663788e-11, 1 / 137.035999, 0.51099895  # MeV^-2, -, MeV
CM_PER_MEV = 1.973269804e-11
S_W = 0.23863
STEPS = 1e-7
"""Constants above have eight digits or more."""

RECOIL = np.array([0.4, 3.0, 20.0, 90.0])  # keV
ENERGY = 4.0
T = RECOIL * 1e-3
MU, MEDIATOR = 3e-11, 0.05  # mu_B, MeV

TREATMENT = Neutrinos(atomic="free", sin2_theta_w=S_W)
ELECTRONS = target.electrons(RECOIL, TREATMENT)
XENON = target.nuclei(RECOIL, Neutrinos(nuclei="average", sin2_theta_w=S_W))[0]


def weak(left, right):
    """cm2/keV of a neutrino; of an antineutrino with the couplings exchanged."""
    bracket = left**2 + right**2 * (1 - T / ENERGY) ** 2 - left * right * M_E * T / ENERGY**2
    return 2 * G_F**2 * M_E / np.pi * bracket * CM_PER_MEV**2 * 1e-3


def couplings(flavour, shift_v=0.0, shift_a=0.0):
    """(g_L, g_R), shifted."""
    left, right = S_W - 0.5 + (flavour == "e"), S_W
    return left + (shift_v + shift_a) / 2, right + (shift_v - shift_a) / 2


PHOTON = np.sqrt(2) * np.pi * ALPHA / G_F
"""Of a unit charge: over Q^2 the size of what shifts g_V."""


def boson_charges(tag, flavour):
    """Product of the charges of neutrino and electron."""
    table = {
        "gauge-boson-b-l": {"e": 1.0, "mu": 1.0, "tau": 1.0},
        "gauge-boson-b-3l_e": {"e": 9.0},
        "gauge-boson-le-lmu": {"e": 1.0 - LOOPS[0], "mu": -1.0 + LOOPS[0]},
        "gauge-boson-le-ltau": {"e": 1.0 - LOOPS[1], "tau": -1.0 + LOOPS[1]},
        "gauge-boson-lmu-ltau": {"mu": -LOOPS[2], "tau": LOOPS[2]},
    }
    return table.get(tag, {}).get(flavour, 0.0)


MASSES = (0.51099895, 105.6583755, 1776.93)  # MeV
LOOPS = [
    ALPHA / (3 * np.pi) * np.log(MASSES[b] ** 2 / (MASSES[a] ** 2 + 0 * T))
    for a, b in ((0, 1), (0, 2), (1, 2))
]
# Momentum transfers of 0.02 to 0.3 MeV are not small beside the electron: the second order.
for loop in LOOPS[:2]:
    loop -= ALPHA / (3 * np.pi) * 2 * M_E * T / (5 * M_E**2)


def shifted(tag, flavour, value):
    """Shifts of (g_V, g_A) by a charge, a radius, an anapole moment and heavy photons of 1."""
    charge = value.get(f"q_{flavour}{flavour}", 0.0) * 1e-13
    radius = value.get(f"r2_{flavour}{flavour}", 0.0) * 1e-32 / CM_PER_MEV**2
    anapole = value.get(f"a_{flavour}", 0.0) * 1e-32 / CM_PER_MEV**2
    heavy = 1 / (np.sqrt(2) * G_F * (2 * M_E * T + MEDIATOR**2)) * 1e-14
    v = -PHOTON * charge / (M_E * T) + PHOTON * (radius - anapole / 6) / 3
    return (
        v
        + heavy * value.get("g_vector", 0.0) ** 2
        + heavy * boson_charges(tag, flavour) * value.get("g", 0.0) ** 2,
        heavy * value.get("g_axial", 0.0) ** 2 + 0 * T,
    )


def added(value):
    """What interferes with nothing, for neutrinos and antineutrinos alike, cm2/keV."""
    unit = CM_PER_MEV**2 * 1e-3
    magnetic = np.pi * ALPHA**2 / M_E**2 * (1 / T - 1 / ENERGY) * unit
    total = magnetic * (value.get("mu_e", 0.0) * 1e-11) ** 2
    # Purely vectorial: g_L = g_R = half the shift.
    for name, scale in (
        ("q_emu", -PHOTON * 1e-13 / (M_E * T)),
        ("r2_emu", PHOTON / 3 * 1e-32 / CM_PER_MEV**2),
    ):
        half = value.get(name, 0.0) * scale / 2
        total = total + weak(half, half)
    propagator = 1 / (2 * M_E * T + MEDIATOR**2) ** 2 * 1e-28
    tensor = M_E / np.pi * ((2 - T / ENERGY) ** 2 - M_E * T / ENERGY**2) * propagator * unit
    total = total + tensor * value.get("g_tensor", 0.0) ** 4
    scalar = M_E**2 * T / (4 * np.pi * ENERGY**2) * propagator * unit
    pseudo = M_E * T**2 / (8 * np.pi * ENERGY**2) * propagator * unit
    return total + (
        scalar * value.get("g_scalar", 0.0) ** 4 + pseudo * value.get("g_pseudoscalar", 0.0) ** 4
    )


def of_electrons(model: Signal, state: str, values: Mapping[str, float]):
    """cm2/keV per electron."""
    found = model.on_electrons(ELECTRONS, state, model.physical(values))
    return sum(process.coefficients.at(ENERGY) for process in found) / 54


HELD = {"light-mediator": {"m_mediator": 50.0}, "tensor-mediator": {"m_mediator": 50.0}}
HELD |= {tag: {"m_boson": 50.0} for tag in SIGNALS if tag.startswith("gauge-boson")}
CASES = [
    ("millicharge", {"q_ee": 4.0, "q_mumu": -7.0, "q_tautau": 5.0}),
    ("millicharge", {"q_ee": -4.0, "q_mumu": 7.0}),
    ("charge-radius", {"r2_ee": -60.0, "r2_mumu": 30.0}),
    ("anapole-moment", {"a_e": 300.0, "a_mu": -200.0}),
    ("light-mediator", {"g_vector": 3.0}),
    ("light-mediator", {"g_axial": 3.0}),
    ("light-mediator", {"g_vector": 2.0, "g_axial": 4.0}),
    ("gauge-boson-b-l", {"g": 3.0}),
    ("gauge-boson-b-3l_e", {"g": 2.0}),
    ("gauge-boson-le-lmu", {"g": 3.0}),
    ("gauge-boson-le-ltau", {"g": 3.0}),
    ("gauge-boson-lmu-ltau", {"g": 50.0}),
]
ADDED = [
    ("magnetic-moment", {"mu_e": 3.0}),
    ("millicharge", {"q_emu": 6.0}),
    ("charge-radius", {"r2_emu": 50.0}),
    ("light-mediator", {"g_scalar": 20.0}),
    ("light-mediator", {"g_pseudoscalar": 40.0}),
    ("tensor-mediator", {"g_tensor": 3.0}),
]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_weak_interaction_exchanges_left_and_right(flavour):
    left, right = couplings(flavour)
    found = of_electrons(StandardModel(), flavour, {})
    np.testing.assert_allclose(found, weak(left, right), rtol=STEPS)
    found = of_electrons(StandardModel(), f"anti_{flavour}", {})
    np.testing.assert_allclose(found, weak(right, left), rtol=STEPS)


@pytest.mark.parametrize(("tag", "values"), CASES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_interferes_does_so_with_the_sign_that_it_has_for_neutrinos(tag, values, flavour):
    model = signal_by_tag(tag)
    left, right = couplings(flavour, *shifted(tag, flavour, values))
    values = values | HELD.get(tag, {})
    untouched = tag.startswith("gauge-boson") and not np.any(boson_charges(tag, flavour))
    changed = not np.allclose(left, couplings(flavour)[0], rtol=0.05)
    assert changed or flavour == "tau" or untouched
    found = of_electrons(model, flavour, values)
    np.testing.assert_allclose(found, weak(left, right), rtol=1e-5)
    found = of_electrons(model, f"anti_{flavour}", values)
    np.testing.assert_allclose(found, weak(right, left), rtol=1e-5)


@pytest.mark.parametrize(("tag", "values"), ADDED)
def test_what_adds_adds_the_same(tag, values):
    model = signal_by_tag(tag)
    left, right = couplings("e")
    values, expected = values | HELD.get(tag, {}), added(values)
    for state, standard in (("e", weak(left, right)), ("anti_e", weak(right, left))):
        found = of_electrons(model, state, values)
        assert (expected > 1e-3 * standard).any()
        np.testing.assert_allclose(found, standard + expected, rtol=STEPS)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_another_mixing_angle_is_another_weak_interaction(flavour):
    model = signal_by_tag("weak-mixing-angle")
    left, right = 0.31 - 0.5 + (flavour == "e"), 0.31
    for state, expected in ((flavour, weak(left, right)), (f"anti_{flavour}", weak(right, left))):
        found = of_electrons(model, state, {"sin2_theta_w": 0.31})
        np.testing.assert_allclose(found, expected, rtol=STEPS)


@pytest.mark.parametrize("m4", [0.0, 0.05, 0.4])
def test_dipoles_to_a_heavy_lepton_know_no_helicity(m4):
    model = signal_by_tag("sterile-dipole")
    values = model.physical({"mu_e": 3.0, "m4": m4})
    for seen in (model.on_electrons, model.on_nucleus):
        scatterers = ELECTRONS if seen == model.on_electrons else XENON
        one, other = (seen(scatterers, state, values)[-1] for state in ("e", "anti_e"))
        np.testing.assert_array_equal(one.minimum_energy, other.minimum_energy)
        energy = np.maximum(2 * one.minimum_energy, 1.0)
        # Powers of m4^2 / (m T) cancel against each other.
        np.testing.assert_allclose(
            one.coefficients.at(energy), other.coefficients.at(energy), rtol=1e-9
        )


def test_equivalent_photons_know_no_helicity():
    recoil = np.array([0.8, 1.5])
    atom = target.electrons(recoil, Neutrinos(atomic="epa"))
    model = signal_by_tag("millicharge")
    values = model.physical({"q_ee": 5.0, "q_emu": 2.0})
    one, other = (model.on_electrons(atom, state, values)[-1] for state in ("e", "anti_e"))
    assert (one.coefficients.clog > 0).all() and not one.crosses
    np.testing.assert_array_equal(one.coefficients.at(1.3), other.coefficients.at(1.3))


@pytest.mark.parametrize("tag", SIGNALS)
def test_nuclei_without_spin_see_no_difference(tag):
    """The vector current of a spinless nucleus has no axial part to interfere with."""
    model = signal_by_tag(tag, "nuclear-recoil")
    values = {p.name: p.probe for p in model.parameters if not p.sets and not p.shape}
    values |= {p.name: max(1.0, p.lowest or 0.0) for p in model.parameters if p.shape}
    for flavour in FLAVOURS:
        one, other = (
            model.on_nucleus(XENON, state, model.physical(values))
            for state in (flavour, f"anti_{flavour}")
        )
        for a, b in zip(one, other, strict=True):
            energy = 30.0 if a.minimum_energy is None else 2 * a.minimum_energy
            np.testing.assert_allclose(
                a.coefficients.at(energy), b.coefficients.at(energy), rtol=1e-9
            )


def test_crossing_is_the_change_of_sign_of_the_axial_coupling_and_undoes_itself():
    rng = generator(11)
    for g_v, g_a in rng.uniform(-2, 2, (20, 2)):
        one = elastic_electron.coefficients(RECOIL, g_v, g_a)
        other = Process(one).of_antineutrinos(RECOIL, ELECTRON_MASS_KEV)
        flipped = elastic_electron.coefficients(RECOIL, g_v, -g_a)
        # c2 is a difference of products that are up to m / T times larger.
        for name in ("c0", "c1", "c2"):
            a, b = getattr(other.coefficients, name), getattr(flipped, name)
            np.testing.assert_allclose(a, b, rtol=1e-9)
        back = other.of_antineutrinos(RECOIL, ELECTRON_MASS_KEV).coefficients
        np.testing.assert_allclose(back.at(ENERGY), one.at(ENERGY), rtol=1e-13)


def test_every_antineutrino_has_a_flavour():
    assert tuple(ANTINEUTRINOS.values()) == FLAVOURS
