"""Survival and flavour probabilities."""

import numpy as np
import pytest

from bayesnu.errors import InputError
from bayesnu.files.tables import read_table
from bayesnu.physics.sources.sun.flux_moments import flux_moments
from bayesnu.physics.sources.sun.oscillation import (
    OscillationParameters,
    flavour_probabilities,
    survival_interpolator,
    survival_low_energy,
    survival_msw,
)
from bayesnu.physics.sources.sun.spectra import COMPONENTS, endpoint_energy


def test_low_energy_survival_is_that_of_giunti_ternes_2023():
    # Printed as 0.542.
    assert survival_low_energy() == pytest.approx(0.542, abs=1e-3)


def test_flavours_sum_to_one():
    survival = np.linspace(0, 1, 11)
    parameters = OscillationParameters(sin2_theta23=0.57)
    total = sum(flavour_probabilities(survival, parameters))
    np.testing.assert_allclose(total, 1.0, rtol=0, atol=1e-12)


def test_maximal_mixing_makes_mu_and_tau_equal():
    shares = flavour_probabilities(0.4, OscillationParameters(sin2_theta23=0.5))
    assert shares.mu == shares.tau


def average(component: str, low: float = 0.0) -> float:
    weight = survival_interpolator(component)
    weighted = flux_moments(component, [low], weight)[0, 0]
    return weighted / flux_moments(component, [low])[0, 0]


def test_matter_effects_have_the_known_size():
    # Borexino (Nature 562 (2018) 505): pp 0.57 +- 0.09, 7Be 0.53 +- 0.05, pep 0.43 +- 0.11, 8B
    # 0.37 +- 0.08; the bands are what is asked for, and tighter than the measurements.
    assert 0.53 < average("pp") < 0.56
    assert 0.50 < average("be7") < 0.54
    assert 0.49 < average("pep") < 0.53
    assert 0.31 < average("b8", 5.0) < 0.36


def test_matter_effects_vanish_at_low_energy():
    assert survival_msw(1e-9, "pp") == pytest.approx(survival_low_energy(), rel=1e-8)


def test_full_conversion_at_high_energy():
    """Far above the resonance the neutrino leaves as the second mass state."""
    parameters = OscillationParameters()
    s12, s13 = parameters.sin2_theta12, parameters.sin2_theta13
    limit = (1 - s13) ** 2 * s12 + s13**2
    assert survival_msw(1e7, "b8", parameters) == pytest.approx(limit, rel=1e-6)


def test_msw_agrees_with_the_instantaneous_mass_eigenstates():
    """Diagonalise the two-flavour Hamiltonian at production instead of using its angle."""
    parameters = OscillationParameters(0.3, 0.02, 0.5, 7.6e-5)
    energies = np.linspace(0.2, 16, 200)
    table = read_table("solar/production_gs98.csv")
    radius = table.column("radius_Rsun")
    share = table.column("b8") * np.gradient(radius)
    share /= share.sum()
    # G_F n_e in natural units: eV^3, with hbar c = 1.973269804e-5 eV cm.
    density = 10 ** table.column("log10_electron_density_NA_per_cm3") * 6.02214076e23
    potential = 2**0.5 * 1.1663788e-23 * density * 1.973269804e-5**3
    angle = np.arcsin(np.sqrt(parameters.sin2_theta12))
    cos2, sin2 = np.cos(2 * angle), np.sin(2 * angle)
    expected = []
    for energy in energies:
        half = parameters.dm2_21_eV2 / (4 * energy * 1e6)
        hamiltonian = np.empty((len(radius), 2, 2))
        hamiltonian[:, 0, 0] = -half * cos2 + potential * (1 - parameters.sin2_theta13)
        hamiltonian[:, 1, 1] = half * cos2
        hamiltonian[:, 0, 1] = hamiltonian[:, 1, 0] = half * sin2
        _, states = np.linalg.eigh(hamiltonian)
        heavier = states[:, 0, 1] ** 2
        p2 = (share * (heavier * np.sin(angle) ** 2 + (1 - heavier) * np.cos(angle) ** 2)).sum()
        expected.append((1 - 0.02) ** 2 * p2 + 0.02**2)
    np.testing.assert_allclose(survival_msw(energies, "b8", parameters), expected, rtol=1e-9)


@pytest.mark.parametrize("component", COMPONENTS)
def test_interpolation_of_survival_is_accurate(component):
    energy = np.linspace(1e-3, endpoint_energy(component), 1237)
    found = survival_interpolator(component)(energy)
    np.testing.assert_allclose(found, survival_msw(energy, component), rtol=1e-9)
    assert survival_interpolator(component) is survival_interpolator(component)


def test_unknown_components_and_models_are_refused():
    with pytest.raises(InputError, match="component"):
        survival_msw(1.0, "b9")
    with pytest.raises(InputError, match="model"):
        survival_msw(1.0, "b8", model="BP04")
