"""What must not matter, and which parameters mean the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayesnu.errors import InputError
from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections import (
    anapole,
    charge_radius,
    elastic_electron,
    kinematics,
    magnetic_moment,
    millicharge,
    sterile_dipole,
)
from bayesnu.physics.cross_sections.electroweak import (
    FLAVOURS,
    radiative_couplings,
    tree_level_couplings,
)
from bayesnu.physics.sources.sun.oscillation import OscillationParameters, flavour_probabilities
from bayesnu.physics.targets import atom as atomic

RECOIL = np.geomspace(0.3, 140, 50)
ENERGY = 1.3

numbers = st.floats(-50, 50, allow_nan=False)


@given(numbers)
@settings(max_examples=50, deadline=None)
def test_the_sign_of_moments_and_transition_charges_does_not_matter(x):
    for one, other in (
        (
            magnetic_moment.electron_coefficients(RECOIL, s * x * 1e-11) for s in (1, -1)
        ),
        (millicharge.transition_coefficients(RECOIL, s * x * 1e-13) for s in (1, -1)),
        (charge_radius.transition_coefficients(RECOIL, s * x * 1e-32) for s in (1, -1)),
        (
            millicharge.equivalent_photon_coefficients(RECOIL, s * x * 1e-13, 1e-20)
            for s in (1, -1)
        ),
        (sterile_dipole.coefficients(RECOIL, s * x * 1e-11, 0.1, 511.0) for s in (1, -1)),
    ):  # fmt: skip
        np.testing.assert_array_equal(one.at(ENERGY), other.at(ENERGY))


@given(numbers)
@settings(max_examples=50, deadline=None)
def test_an_anapole_moment_is_a_charge_radius_of_minus_a_sixth(x):
    a = x * 1e-32
    assert anapole.vector_shift(a) == charge_radius.vector_shift(-a / 6)
    assert anapole.proton_coupling_shift(a) == charge_radius.proton_coupling_shift(-a / 6)
    # khan-2022, Eq. 3, as printed.
    printed = -(2**0.5) * np.pi * const.ALPHA / const.FERMI_CONSTANT_PER_KEV2 * a / 18
    assert anapole.vector_shift(a) == pytest.approx(
        printed / const.HBAR_C_SQUARED_KEV2_CM2, rel=1e-13
    )


@pytest.mark.parametrize("mixing, equal", [(0.5, True), (0.57, False)])
def test_mu_and_tau_are_equal_at_maximal_mixing_only(mixing, equal):
    share = flavour_probabilities(0.54, OscillationParameters(sin2_theta23=mixing))
    couplings = tree_level_couplings()
    shift = charge_radius.vector_shift(5e-32)
    rates = []
    for changed in ("mu", "tau"):
        total = 0.0
        for flavour, p, g_v, g_a in zip(FLAVOURS, share, couplings.g_v, couplings.g_a, strict=True):
            new = g_v + (shift if flavour == changed else 0.0)
            total = total + p * elastic_electron.coefficients(RECOIL, new, g_a).at(ENERGY)
        rates.append(total)
    # Rounding of the sum over flavours in another order.
    assert np.allclose(*rates, rtol=1e-14, atol=0) == equal


def test_kinematic_limits_invert_each_other():
    for mass in (const.ELECTRON_MASS_KEV, 1.2e8):
        threshold = kinematics.minimum_energy(RECOIL, mass)
        np.testing.assert_allclose(kinematics.maximum_recoil(threshold, mass), RECOIL, rtol=1e-12)
        # cos = 1 in textbook form: E = m T / (|q| - T).
        momentum = np.sqrt(RECOIL**2 + 2 * mass * RECOIL)
        textbook = mass * RECOIL / (momentum - RECOIL) * 1e-3
        np.testing.assert_allclose(threshold, textbook, rtol=1e-12)


def test_standard_model_charge_radii_are_the_published_ones():
    # giunti-ternes-2023, Eqs. 11-13, two digits.
    radii = [charge_radius.standard_model_charge_radius(f) * 1e32 for f in FLAVOURS]
    assert radii == pytest.approx([-0.83, -0.48, -0.30], abs=5e-3)
    with pytest.raises(InputError):
        charge_radius.standard_model_charge_radius("x")


def test_the_photon_diagram_is_a_charge_radius():
    """Without it, the radiative couplings differ by that of the W loop (atzori-corona-2022, B3)."""
    with_radius, without = radiative_couplings(), radiative_couplings(charge_radius=False)
    for flavour in FLAVOURS:
        shift = getattr(with_radius.g_v, flavour) - getattr(without.g_v, flavour)
        radius = charge_radius.standard_model_charge_radius(flavour)
        # Eqs. 10 and 15 give -(alpha/6 pi) (3 + 2 ln(M_W^2/m^2)): twice Eq. B3.
        assert shift == pytest.approx(charge_radius.vector_shift(radius), rel=1e-12)
    assert with_radius.g_a == without.g_a


def test_equivalent_photons_are_eq_8_of_atzori_corona_2022():
    recoil, energy, sigma, q = 1.7, 0.4, 3.3e-20, 2e-13
    expected = 2 * const.ALPHA / np.pi * sigma / recoil * np.log(energy * 1e6 / 0.7) * q**2
    found = millicharge.equivalent_photon_coefficients(recoil, q, sigma, 0.7).at(energy)
    assert found == pytest.approx(expected, rel=1e-12)


def test_equivalent_photons_exceed_free_electrons_at_low_recoils_only():
    """By an order of magnitude just below 1 keV, not at tens of keV (atzori-corona-2022, IV).

    Below the M edges at 0.7 keV only outer electrons absorb and the excess is smaller.
    """
    recoil = np.array([0.5, 0.9, 30.0])
    q = 1e-12
    photons = millicharge.equivalent_photon_coefficients(
        recoil, q, atomic.photoabsorption(recoil)
    ).at(0.3)
    free = millicharge.transition_coefficients(recoil, q).at(0.3)
    ratio = photons / (free * atomic.effective_electrons(recoil))
    assert ratio[0] > 1
    assert ratio[1] > 10
    assert ratio[2] < 1
