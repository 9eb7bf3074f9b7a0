"""The correction beyond free electrons against the digitised curve it is derived from."""

import numpy as np
import pytest

from bayesnu.files.tables import read_table
from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections import elastic_electron, kinematics
from bayesnu.physics.cross_sections.electroweak import tree_level_couplings
from bayesnu.physics.sources.sun.flux_moments import flux_moments
from bayesnu.physics.sources.sun.fluxes import solar_fluxes
from bayesnu.physics.sources.sun.oscillation import flavour_probabilities
from bayesnu.physics.targets import atom as atomic


def free_electron_rate(recoil):
    """Events per t yr keV and per electron of the atom, all fluxes of GS98."""
    couplings = tree_level_couplings()
    threshold = kinematics.minimum_energy(recoil, const.ELECTRON_MASS_KEV)
    rate = np.zeros_like(recoil)
    for component, flux in solar_fluxes().items():
        moments = flux.value * flux_moments(component, threshold)
        for share, g_v, g_a in zip(
            flavour_probabilities(0.542), couplings.g_v, couplings.g_a, strict=True
        ):
            rate += share * elastic_electron.coefficients(recoil, g_v, g_a).fold(moments)
    return rate * const.XENON_ATOMS_PER_TONNE * const.SECONDS_PER_YEAR


def test_ratio_keeps_the_digitised_shape():
    table = read_table("xenon-atom/rrpa_sm_rate_digitised.csv")
    recoil, digitised = table.column("energy_keV"), table.column("relative_rate")
    rate = (
        atomic.rrpa_ratio(recoil) * atomic.effective_electrons(recoil) * free_electron_rate(recoil)
    )
    scale = rate / digitised
    # The derived table is written to five decimals.
    np.testing.assert_allclose(scale, scale.mean(), rtol=2e-5)


def test_ratio_has_the_published_average():
    recoil = np.linspace(2.0, 28.3542, 2001)
    free = free_electron_rate(recoil)
    corrected = atomic.rrpa_ratio(recoil) * atomic.effective_electrons(recoil) * free
    # "reduced by about 23 %", Phys. Lett. B 774 (2017) 656; half a digit, and 54 free electrons.
    found = np.trapezoid(corrected, recoil) / np.trapezoid(54 * free, recoil)
    assert found == pytest.approx(0.77, abs=0.005)


def test_ratio_never_exceeds_one_and_returns_to_it_above_the_k_edge():
    ratio = atomic.rrpa_ratio(np.linspace(0.05, 140, 5000))
    assert (ratio <= 1).all()
    assert (ratio > 0.7).all()
    assert atomic.rrpa_ratio([34.561, 100.0]).tolist() == [1.0, 1.0]


def test_tables_of_the_atom_say_how_far_they_can_be_trusted():
    assert read_table("xenon-atom/rrpa_ratio.csv").trust == "derived"
    assert read_table("xenon-atom/rrpa_sm_rate_digitised.csv").trust == "digitised"
