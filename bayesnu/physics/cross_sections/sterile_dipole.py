"""Upscattering of a neutrino to a heavy neutral lepton through a transition dipole."""

from __future__ import annotations

from typing import Any

from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections import kinematics
from bayesnu.physics.cross_sections.coefficients import Coefficients


def minimum_energy(recoil_energy: Any, m4: Any, target_mass: Any) -> Any:
    """Return the smallest neutrino energy that can give a recoil.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    m4 : float or array
        Mass of the heavy lepton in MeV.
    target_mass : float
        Mass of the target in keV.

    Returns
    -------
    float or array
        Neutrino energy in MeV. From (p - q)^2 = m4^2 with |cos| <= 1: the threshold of a
        massless neutrino times 1 + m4^2 / (2 m T). For T << m this is deromeri-2024, Eq. 8.
    """
    massless = kinematics.minimum_energy(recoil_energy, target_mass)
    return massless * _excess(recoil_energy, m4, target_mass)


def recoil_range(energy: float, m4: float, target_mass: float) -> tuple[float, float] | None:
    """Return the smallest and largest recoil energy that a neutrino can give.

    Parameters
    ----------
    energy : float
        Neutrino energy in MeV.
    m4 : float
        Mass of the heavy lepton in MeV.
    target_mass : float
        Mass of the target in keV.

    Returns
    -------
    (float, float) or None
        keV, the two solutions of `minimum_energy` (T) = energy; None below the threshold
        s = (m + m4)^2. With s = m^2 + 2 m E and energies in the centre of mass,
        2 m T = 2 E_1 E_3 - m4^2 +- 2 E_1 p_3; the product of both is m4^4 / (4 s).
    """
    m, heavy, e = target_mass, m4 / const.KEV_IN_MEV, energy / const.KEV_IN_MEV
    s = m**2 + 2 * m * e
    if s <= (m + heavy) ** 2:
        return None
    incoming = m * e / s**0.5
    outgoing = (s + heavy**2 - m**2) / (2 * s**0.5)
    momentum = (outgoing**2 - heavy**2) ** 0.5
    largest = (2 * incoming * (outgoing + momentum) - heavy**2) / (2 * m)
    return heavy**4 / (4 * s * largest), largest


def coefficients(
    recoil_energy: Any,
    mu: Any,
    m4: Any,
    target_mass: Any,
    z: Any = 1,
    form_factor_squared: Any = 1.0,
) -> Coefficients:
    """Return the cross section on one free electron or one nucleus.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    mu : float or tensor
        Transition dipole in Bohr magnetons.
    m4 : float or tensor
        Mass of the heavy lepton in MeV.
    target_mass : float
        Mass of the electron or nucleus in keV.
    z : float
        Charge of the target, 1 for an electron.
    form_factor_squared : float or array
        F^2 at the momentum transfer of T.

    Returns
    -------
    Coefficients
        deromeri-2024, Eq. 9. It does not vanish at the threshold of `minimum_energy`: helicity
        flips, so backward scattering is allowed. Below it the formula has no meaning.
    """
    excess = _excess(recoil_energy, m4, target_mass)
    scale = const.MAGNETIC_CM2 * mu**2 * (z**2 * form_factor_squared)
    # With u = 1 + m4^2/(2 m T), Eq. 9 is 1/T - u/E - (m - T) u (u - 1) / (2 E^2).
    lever = 0.5 * (target_mass - recoil_energy)
    return Coefficients(
        c0=scale / recoil_energy,
        c1=-scale * excess * const.KEV_IN_MEV,
        c2=-scale * lever * excess * (excess - 1) * const.KEV_IN_MEV**2,
    )


def _excess(recoil_energy: Any, m4: Any, target_mass: Any) -> Any:
    """Return 1 + m4^2 / (2 m T), the threshold over that of a massless neutrino."""
    return 1 + (m4 / const.KEV_IN_MEV) ** 2 / (2 * target_mass * recoil_energy)
