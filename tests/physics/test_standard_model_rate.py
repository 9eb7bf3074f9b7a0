"""The Standard-Model electron-recoil rate on xenon, before efficiency."""

import numpy as np
import pytest

from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections import elastic_electron, kinematics
from bayesnu.physics.cross_sections.electroweak import radiative_couplings, tree_level_couplings
from bayesnu.physics.sources.sun.flux_moments import flux_moments
from bayesnu.physics.sources.sun.oscillation import flavour_probabilities
from bayesnu.physics.targets import atom as atomic


def test_rate_of_pp_and_be7_agrees_with_the_prototype():
    recoil = np.array([1.0, 5.0, 20.0, 100.0])
    threshold = kinematics.minimum_energy(recoil, const.ELECTRON_MASS_KEV)
    couplings = tree_level_couplings()
    rate = np.zeros(4)
    for component, flux in (("pp", 5.98e10), ("be7", 4.93e9)):
        moments = flux * flux_moments(component, threshold)
        for share, g_v, g_a in zip(
            flavour_probabilities(0.542), couplings.g_v, couplings.g_a, strict=True
        ):
            rate += share * elastic_electron.coefficients(recoil, g_v, g_a).fold(moments)
    rate *= atomic.effective_electrons(recoil)
    rate *= const.XENON_ATOMS_PER_TONNE * const.SECONDS_PER_YEAR
    # The prototype's figures are printed to three digits: half a digit is 0.25 %.
    assert rate == pytest.approx([2.47, 2.92, 2.98, 2.03], rel=2.5e-3)


def test_radiative_couplings_are_those_of_atzori_corona_2022():
    couplings = radiative_couplings()
    # Printed to four decimals, so half of the last one.
    assert couplings.g_v == pytest.approx((0.9521, -0.0397, -0.0353), abs=5e-5)
    assert couplings.g_a == pytest.approx((0.4938, -0.5062, -0.5062), abs=5e-5)


def test_tree_level_couplings_are_eqs_4_and_5_of_giunti_ternes_2023():
    couplings = tree_level_couplings(0.25)
    assert couplings.g_v == (1.0, 0.0, 0.0)
    assert couplings.g_a == (0.5, -0.5, -0.5)


def test_effective_electrons_step_just_above_each_edge():
    positions = atomic.edges()
    assert atomic.effective_electrons([0.01, 0.5, 1.0, 5.0, 20.0, 100.0]).tolist() == [
        0, 26, 40, 48, 52, 54,
    ]  # fmt: skip
    # Table II: "T > edge", the edge itself belongs to the lower step.
    assert (atomic.effective_electrons(positions[1:]) == atomic.effective_electrons(
        positions[:-1] * (1 + 1e-12)
    )).all()  # fmt: skip
    assert atomic.effective_electrons(np.nextafter(positions[-1], 99)) == 54


def test_photoabsorption_of_xenon_is_that_of_the_tables():
    # Chantler: 29515 cm2/g at 100 eV and 31.19 cm2/g at 35 keV (read with xraydb itself in
    # other units); 2.180e-22 g per atom.
    per_atom = atomic.photoabsorption(np.array([35.0, 0.1]))
    gram = const.XENON_MOLAR_MASS_G / const.AVOGADRO_PER_MOL
    assert per_atom == pytest.approx([31.191008 * gram, 29515.45908 * gram], rel=1e-6)
