"""Kinematics of elastic scattering of a massless neutrino on a target at rest."""

from __future__ import annotations

from typing import Any

from bayesnu.physics.constants import KEV_IN_MEV


def minimum_energy(recoil_energy: Any, mass: Any) -> Any:
    """Return the smallest neutrino energy that can give a recoil.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    mass : float
        Mass of the target in keV.

    Returns
    -------
    float or array
        Neutrino energy in MeV: (T + sqrt(T^2 + 2 m T)) / 2, giunti-ternes-2023 below Eq. 18.
    """
    momentum = (recoil_energy * (recoil_energy + 2 * mass)) ** 0.5
    return 0.5 * (recoil_energy + momentum) * KEV_IN_MEV


def maximum_recoil(energy: Any, mass: Any) -> Any:
    """Return the largest recoil energy, of a neutrino scattered backwards.

    Parameters
    ----------
    energy : float or array
        Neutrino energy in MeV.
    mass : float
        Mass of the target in keV.

    Returns
    -------
    float or array
        Recoil energy in keV: 2 E^2 / (2 E + m), the inverse of `minimum_energy`.
    """
    energy_kev = energy / KEV_IN_MEV
    return 2 * energy_kev**2 / (2 * energy_kev + mass)
