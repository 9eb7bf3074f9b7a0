"""Elastic scattering on a free electron through vector and axial couplings."""

from __future__ import annotations

from typing import Any

from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections.coefficients import Coefficients


def coefficients(recoil_energy: Any, g_v: Any, g_a: Any) -> Coefficients:
    """Return the cross section on one free electron.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    g_v, g_a : float, array or tensor
        Vector and axial coupling. New physics that conserves helicity shifts them, and the
        shift may depend on T.

    Returns
    -------
    Coefficients
        giunti-ternes-2023, Eq. 3, without the effective number of electrons.
    """
    return of_products(recoil_energy, (g_v + g_a) ** 2, (g_v - g_a) ** 2, g_v**2 - g_a**2)


def of_products(recoil_energy: Any, left: Any, right: Any, mixed: Any) -> Coefficients:
    """Return the cross section on one free electron by products of its couplings.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    left, right, mixed : float, array or tensor
        (g_V + g_A)^2, (g_V - g_A)^2 and the product of the two; or what takes their place.
    """
    recoil = recoil_energy * const.KEV_IN_MEV
    mass = const.ELECTRON_MASS_KEV * const.KEV_IN_MEV
    scale = const.WEAK_ELECTRON_CM2_PER_KEV
    return Coefficients(
        c0=scale * (left + right),
        c1=-2 * scale * right * recoil,
        c2=scale * (right * recoil**2 - mixed * mass * recoil),
    )
