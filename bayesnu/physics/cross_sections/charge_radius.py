"""Scattering through the charge radius of the neutrino."""

from __future__ import annotations

from math import log, pi
from typing import Any

from bayesnu.errors import InputError
from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections import elastic_electron
from bayesnu.physics.cross_sections.coefficients import Coefficients


def vector_shift(r2: Any) -> Any:
    """Return what a flavour-diagonal charge radius adds to g_V of the electron.

    Parameters
    ----------
    r2 : float, array or tensor
        Charge radius <r^2> in cm^2.

    Returns
    -------
    float, array or tensor
        sqrt(2) pi alpha <r^2> / (3 G_F), giunti-ternes-2023, Eq. 15.
    """
    return const.RADIUS_TO_VECTOR_PER_CM2 * r2


def proton_coupling_shift(r2: Any) -> Any:
    """Return what a flavour-diagonal charge radius adds to g_V^p of the proton.

    Parameters
    ----------
    r2 : float, array or tensor
        Charge radius <r^2> in cm^2.

    Returns
    -------
    float, array or tensor
        -sqrt(2) pi alpha <r^2> / (3 G_F). The electric form factor of the neutrino is
        q + q^2 <r^2> / 6, so <r^2> q^2 / 6 takes the place of q in deromeri-2024, Eq. 6, and
        the momentum transfer cancels (also Atzori Corona et al., JHEP 09 (2022) 164,
        arXiv:2205.09484, Section 2). Opposite to the electron, as are the charges.
    """
    return -const.RADIUS_TO_VECTOR_PER_CM2 * r2


def transition_coefficients(recoil_energy: Any, r2: Any) -> Coefficients:
    """Return the cross section on one free electron of a flavour-changing charge radius.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    r2 : float or tensor
        Transition charge radius in cm^2; only its square matters.

    Returns
    -------
    Coefficients
        giunti-ternes-2023, Eq. 16: a purely vectorial coupling, without interference.
    """
    return elastic_electron.coefficients(recoil_energy, vector_shift(r2), 0.0)


def standard_model_charge_radius(flavour: str) -> float:
    """Return the charge radius that the Standard Model gives a neutrino.

    Parameters
    ----------
    flavour : {"e", "mu", "tau"}

    Returns
    -------
    float
        In cm^2: giunti-ternes-2023, Eqs. 10-13.

    Raises
    ------
    InputError
        For an unknown flavour.
    """
    if flavour not in const.LEPTON_MASS_KEV:
        raise InputError(
            "charge radius", "flavour", found=flavour, expected=" | ".join(const.LEPTON_MASS_KEV)
        )
    ratio = const.LEPTON_MASS_KEV[flavour] / const.W_MASS_KEV
    scale = const.FERMI_CONSTANT_PER_KEV2 * const.HBAR_C_SQUARED_KEV2_CM2
    return -scale / (2 * 2**0.5 * pi**2) * (3 - 4 * log(ratio))
