"""Scattering through an electric charge of the neutrino."""

from __future__ import annotations

from math import log, pi
from typing import Any

from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections import elastic_electron
from bayesnu.physics.cross_sections.coefficients import Coefficients


def vector_shift(recoil_energy: Any, q: Any) -> Any:
    """Return what a flavour-diagonal charge adds to g_V of the electron.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    q : float or tensor
        Neutrino charge in units of the elementary charge.

    Returns
    -------
    float, array or tensor
        -sqrt(2) pi alpha q / (G_F m_e T), giunti-ternes-2023, Eq. 8. Helicity is conserved, so
        this interferes with the weak interaction and the sign of q matters.
    """
    return -const.CHARGE_TO_VECTOR_KEV2 / (const.ELECTRON_MASS_KEV * recoil_energy) * q


def transition_coefficients(recoil_energy: Any, q: Any) -> Coefficients:
    """Return the cross section on one free electron of a flavour-changing charge.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    q : float or tensor
        Transition charge in units of the elementary charge; only its square matters.

    Returns
    -------
    Coefficients
        giunti-ternes-2023, Eq. 9: a purely vectorial coupling, without interference.
    """
    return elastic_electron.coefficients(recoil_energy, vector_shift(recoil_energy, q), 0.0)


def equivalent_photon_coefficients(
    recoil_energy: Any, q: Any, photoabsorption_cm2: Any, neutrino_mass_ev: float = 1.0
) -> Coefficients:
    """Return the cross section on one atom in the equivalent-photon approximation.

    Parameters
    ----------
    recoil_energy : float or array
        Deposited energy T in keV.
    q : float or tensor
        Neutrino charge in units of the elementary charge; only its square matters.
    photoabsorption_cm2 : float or array
        Photoelectric cross section at T in cm^2 per atom.
    neutrino_mass_ev : float
        Cuts the logarithm off; 1 eV is about the laboratory limit.

    Returns
    -------
    Coefficients
        atzori-corona-2022, Eq. 8, ln(E / m) split into ln(E / MeV) and a constant.
    """
    scale = 2 * const.ALPHA / pi * photoabsorption_cm2 / recoil_energy * q**2
    return Coefficients(
        c0=-scale * log(neutrino_mass_ev * 1e-6), c1=0 * scale, c2=0 * scale, clog=scale
    )


def proton_coupling_shift(recoil_energy: Any, q: Any, m_nucleus: Any) -> Any:
    """Return what a charge adds to the vector coupling of the proton, g_V^p.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    q : float or tensor
        Neutrino charge in units of the elementary charge.
    m_nucleus : float
        Mass of the nucleus in keV.

    Returns
    -------
    float, array or tensor
        deromeri-2024, Eq. 6: g_V^p -> g_V^p - Q with Q = 2 sqrt(2) pi alpha q / (G_F q^2) and
        q^2 = -2 m T, so that the shift is positive for q > 0: opposite to the electron, as are
        the charges of proton and electron.
    """
    return const.CHARGE_TO_VECTOR_KEV2 / (m_nucleus * recoil_energy) * q
