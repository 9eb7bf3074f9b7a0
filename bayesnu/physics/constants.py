"""Physical constants with their sources, and the unit conversions the formulas need.

Energies of recoils and targets are in keV, neutrino energies in MeV, lengths in cm.
"""

from __future__ import annotations

from math import pi

# --- CODATA 2022 (NIST) ------------------------------------------------------------------
ALPHA = 7.2973525643e-3
"""Fine-structure constant."""
ELECTRON_MASS_KEV = 510.99895069
"""Electron mass."""
MUON_MASS_KEV = 105_658.3755
"""Muon mass."""
PION_MASS_KEV = 139_570.39
"""Charged pion mass; Particle Data Group, Review of Particle Physics 2024."""
ATOMIC_MASS_UNIT_KEV = 931_494.10372
"""Unified atomic mass unit."""
HBAR_C_KEV_CM = 1.973269804e-8
"""Reduced Planck constant times the speed of light, 197.3269804 MeV fm, exact."""
AVOGADRO_PER_MOL = 6.02214076e23
"""Avogadro constant, exact."""

# --- Particle Data Group, Review of Particle Physics 2024 --------------------------------
FERMI_CONSTANT_PER_GEV2 = 1.1663788e-5
"""Fermi constant over (hbar c)^3."""
TAU_MASS_KEV = 1_776_930.0
"""Tau mass."""
W_MASS_KEV = 80.3692e6
"""W boson mass."""
LEPTON_MASS_KEV = {"e": ELECTRON_MASS_KEV, "mu": MUON_MASS_KEV, "tau": TAU_MASS_KEV}
"""Charged lepton masses by flavour."""

# --- The low-energy weak mixing angle (MS-bar, zero momentum transfer) -------------------
SIN2_THETA_W = 0.23863
"""Review of Particle Physics 2022, as in giunti-ternes-2023 below Eq. 5."""
SIN2_THETA_W_2020 = 0.23857
"""Review of Particle Physics 2020, as in atzori-corona-2022 and deromeri-2024."""

# --- Xenon and time ----------------------------------------------------------------------
XENON_Z = 54
"""Atomic number."""
XENON_MOLAR_MASS_G = 131.293
"""Standard atomic weight of xenon (IUPAC 2021), g/mol."""
JOULE_PER_MEV = 1.602176634e-13
"""One MeV, exact."""
SECONDS_PER_DAY = 86_400.0
"""One day."""
SECONDS_PER_YEAR = 365.25 * SECONDS_PER_DAY
"""One Julian year."""

# --- Derived conversions -----------------------------------------------------------------
KEV_IN_MEV = 1e-3
"""One keV in MeV: recoils are in keV, neutrino energies in MeV."""
FERMI_CONSTANT_PER_KEV2 = FERMI_CONSTANT_PER_GEV2 * 1e-12
"""Fermi constant in keV^-2 (1 GeV = 1e6 keV)."""
HBAR_C_SQUARED_KEV2_CM2 = HBAR_C_KEV_CM**2
"""(hbar c)^2: turns a cross section in keV^-2 into cm^2, one in keV^-3 into cm^2/keV."""
WEAK_ELECTRON_CM2_PER_KEV = (
    FERMI_CONSTANT_PER_KEV2**2 * ELECTRON_MASS_KEV / (2 * pi) * HBAR_C_SQUARED_KEV2_CM2
)
"""G_F^2 m_e / (2 pi), the scale of elastic scattering on an electron."""
WEAK_NUCLEUS_CM2_PER_KEV_PER_KEV = FERMI_CONSTANT_PER_KEV2**2 / pi * HBAR_C_SQUARED_KEV2_CM2
"""G_F^2 / pi; times the mass of the nucleus in keV it is the scale of coherent scattering."""
MAGNETIC_CM2 = pi * ALPHA**2 / ELECTRON_MASS_KEV**2 * HBAR_C_SQUARED_KEV2_CM2
"""pi alpha^2 / m_e^2, the scale of magnetic scattering for a moment of one mu_B."""
CHARGE_TO_VECTOR_KEV2 = 2**0.5 * pi * ALPHA / FERMI_CONSTANT_PER_KEV2
"""sqrt(2) pi alpha / G_F: over (m T) in keV^2 the shift of g_V for a unit charge."""
RADIUS_TO_VECTOR_PER_CM2 = (
    2**0.5 * pi * ALPHA / (3 * FERMI_CONSTANT_PER_KEV2 * HBAR_C_SQUARED_KEV2_CM2)
)
"""sqrt(2) pi alpha / (3 G_F): times the charge radius in cm^2 the shift of g_V."""
XENON_ATOMS_PER_TONNE = AVOGADRO_PER_MOL * 1e6 / XENON_MOLAR_MASS_G
"""Number of xenon atoms in a tonne."""
MATTER_POTENTIAL_EV2_PER_MEV = (
    2
    * 2**0.5
    * (FERMI_CONSTANT_PER_GEV2 * 1e-18)
    * AVOGADRO_PER_MOL
    * (HBAR_C_KEV_CM * 1e3) ** 3
    * 1e6
)
"""2 sqrt(2) G_F N_A (hbar c)^3: times n_e/N_A in cm^-3 and E in MeV it is in eV^2."""
