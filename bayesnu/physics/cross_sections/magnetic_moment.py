"""Scattering through a neutrino magnetic moment; helicity flips, so nothing interferes."""

from __future__ import annotations

from typing import Any

from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections.coefficients import Coefficients


def electron_coefficients(recoil_energy: Any, mu: Any) -> Coefficients:
    """Return the magnetic cross section on one free electron.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    mu : float or tensor
        Effective magnetic moment in Bohr magnetons; only its square matters.

    Returns
    -------
    Coefficients
        giunti-ternes-2023, Eq. 6, without the effective number of electrons.
    """
    scale = const.MAGNETIC_CM2 * mu**2
    flat = scale * (0 * recoil_energy)
    return Coefficients(c0=scale / recoil_energy, c1=flat - scale * const.KEV_IN_MEV, c2=flat)


def nuclear_coefficients(
    recoil_energy: Any, mu: Any, z: Any, form_factor_squared: Any = 1.0
) -> Coefficients:
    """Return the magnetic cross section on a nucleus.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    mu : float or tensor
        Effective magnetic moment in Bohr magnetons.
    z : float
        Atomic number.
    form_factor_squared : float or array
        F^2 at the momentum transfer of T.

    Returns
    -------
    Coefficients
        deromeri-2024, Eq. 4.
    """
    protons: Coefficients = electron_coefficients(recoil_energy, mu) * (z**2 * form_factor_squared)
    return protons
