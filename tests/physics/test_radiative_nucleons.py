"""Radiative couplings of nucleons: published values, and what they do to a nucleus."""

import numpy as np
import pytest

from bayesnu.physics.cross_sections.electroweak import FLAVOURS, radiative_nucleon_couplings
from bayesnu.physics.signals import StandardModel, signal_by_tag
from bayesnu.physics.targets.target import nuclei
from bayesnu.physics.treatment import Neutrinos

RADIATIVE = Neutrinos(nuclear_couplings="radiative")
RECOIL = np.array([1.0, 10.0])


def test_couplings_are_the_published_ones():
    """Atzori Corona et al., JHEP 05 (2024) 271: 0.0382, 0.0300, 0.0256 and -0.5117."""
    found = radiative_nucleon_couplings()
    proton = [found.proton + getattr(found.photon, f) for f in FLAVOURS]
    np.testing.assert_allclose(proton, [0.0382, 0.0300, 0.0256], atol=5e-5)
    assert found.neutron == pytest.approx(-0.5117, abs=5e-5)


def test_corrections_without_a_coupling_are_tree_level():
    """With alpha -> 0 at both scales and rho = 1 nothing but the charge radius is left."""
    found = radiative_nucleon_couplings(0.24, rho=1.0, inverse_alpha_z=1e30)
    assert found.proton == pytest.approx(0.5 - 2 * 0.24, abs=1e-15)
    assert found.neutron == pytest.approx(-0.5, abs=1e-15)


def test_files_have_those_at_tree_level_unless_they_say_else():
    tree, other = (nuclei(RECOIL, t)[3] for t in (Neutrinos(), RADIATIVE))
    assert tree.couplings is None
    assert [tree.charge_of(f) for f in FLAVOURS] == [tree.weak_charge] * 3
    found = [other.charge_of(f) for f in FLAVOURS]
    own = radiative_nucleon_couplings(RADIATIVE.sin2_theta_w)
    expected = [
        (own.proton + getattr(own.photon, f)) * other.z + own.neutron * other.n for f in FLAVOURS
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    assert "nuclear_couplings" not in repr(Neutrinos())


def test_an_angle_moves_them_from_their_own():
    nucleus = nuclei(RECOIL, RADIATIVE)[3]
    moved = nucleus.at_mixing_angle(0.22)
    expected = nuclei(RECOIL, Neutrinos(nuclear_couplings="radiative", sin2_theta_w=0.22))[3]
    for flavour in FLAVOURS:
        one, other = moved.charge_of(flavour), expected.charge_of(flavour)
        assert one == pytest.approx(other, rel=1e-13)


@pytest.mark.parametrize("tag", ["weak-mixing-angle", "nsi-quark"])
def test_signals_at_their_standard_values_have_the_standard_model(tag):
    signal = signal_by_tag(tag, "nuclear-recoil")
    nucleus = nuclei(RECOIL, RADIATIVE)[3]
    values = {"sin2_theta_w": RADIATIVE.sin2_theta_w} if tag == "weak-mixing-angle" else {}
    physical = signal.physical(values)
    for flavour in FLAVOURS:
        (one, *_), (other,) = (
            s.on_nucleus(nucleus, flavour, v)
            for s, v in ((signal, physical), (StandardModel(), {}))
        )
        np.testing.assert_allclose(one.coefficients.c0, other.coefficients.c0, rtol=1e-13)


def test_the_charge_radius_is_that_of_protons_where_neutrons_have_a_radius_of_their_own():
    signal = signal_by_tag("neutron-radius", "nuclear-recoil")
    nucleus = nuclei(RECOIL, RADIATIVE)[3]
    changed = signal.changed_nucleus(nucleus, signal.physical({"r_n": 4.8}))
    photon = nucleus.couplings.photon
    shape = nucleus.form_factor_squared**0.5
    difference = changed.charge_of("e") - changed.charge_of("tau")
    np.testing.assert_allclose(difference, nucleus.z * (photon.e - photon.tau) * shape, rtol=1e-9)


def test_flavours_of_a_beam_differ_by_the_charge_radius():
    """Q^2 of xenon is 0.3, 2.7 and 4.1% more than at tree level."""
    tree, other = (nuclei(RECOIL, t)[3] for t in (Neutrinos(), RADIATIVE))
    ratio = [(other.charge_of(f) / tree.charge_of(f)) ** 2 for f in FLAVOURS]
    np.testing.assert_allclose(ratio, [1.003, 1.027, 1.041], atol=1e-3)
