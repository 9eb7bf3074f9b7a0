"""Coherent elastic scattering on a nucleus."""

from __future__ import annotations

from typing import Any

from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections.coefficients import Coefficients


def weak_charge(
    z: Any,
    n: Any,
    sin2_theta_w: Any = const.SIN2_THETA_W_2020,
    proton_shift: Any = 0.0,
) -> Any:
    """Return the weak charge of a nucleus.

    Parameters
    ----------
    z, n : float
        Numbers of protons and neutrons.
    sin2_theta_w : float or tensor
        Weak mixing angle at low energy.
    proton_shift : float, array or tensor
        What new physics adds to the vector coupling of the proton.

    Returns
    -------
    float, array or tensor
        deromeri-2024, Eq. 2, with couplings at tree level.
    """
    proton = 0.5 - 2 * sin2_theta_w + proton_shift
    return proton * z - 0.5 * n


def coefficients(
    recoil_energy: Any, weak_charge: Any, m_nucleus: Any, form_factor_squared: Any = 1.0
) -> Coefficients:
    """Return the cross section on one nucleus through a vector charge.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    weak_charge : float, array or tensor
        The charge Q_V; for a flavour-changing charge Z times the coupling shift of
        `millicharge.proton_coupling_shift` (deromeri-2024, Eq. 5).
    m_nucleus : float
        Mass of the nucleus in keV.
    form_factor_squared : float or array
        F^2 at the momentum transfer of T.

    Returns
    -------
    Coefficients
        deromeri-2024, Eq. 1.
    """
    return of_square(recoil_energy, weak_charge**2, m_nucleus, form_factor_squared)


def of_square(
    recoil_energy: Any, charge_squared: Any, m_nucleus: Any, form_factor_squared: Any = 1.0
) -> Coefficients:
    """Return the cross section on one nucleus by the square of its charge; see `coefficients`."""
    scale = const.WEAK_NUCLEUS_CM2_PER_KEV_PER_KEV * m_nucleus
    c0 = scale * form_factor_squared * charge_squared + 0 * recoil_energy
    recoil = recoil_energy * const.KEV_IN_MEV
    mass = m_nucleus * const.KEV_IN_MEV
    return Coefficients(c0=c0, c1=-c0 * recoil, c2=-0.5 * c0 * mass * recoil)
