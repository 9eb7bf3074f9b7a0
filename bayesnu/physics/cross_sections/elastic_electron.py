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
    recoil = recoil_energy * const.KEV_IN_MEV
    mass = const.ELECTRON_MASS_KEV * const.KEV_IN_MEV
    left = (g_v + g_a) ** 2
    right = (g_v - g_a) ** 2
    mixed = g_v**2 - g_a**2
    scale = const.WEAK_ELECTRON_CM2_PER_KEV
    return Coefficients(
        c0=scale * (left + right),
        c1=-2 * scale * right * recoil,
        c2=scale * (right * recoil**2 - mixed * mass * recoil),
    )
