"""New light mediators with equal couplings g to all neutrinos and to electrons or quarks.

The formulas are in natural units: couplings have no unit, masses and energies are in keV, and
(hbar c)^2 turns keV^-3 into cm^2/keV.
"""

from __future__ import annotations

from math import pi
from typing import Any

from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections.coefficients import Coefficients


def _propagator(recoil_energy: Any, mediator_mass: Any, target_mass: Any) -> Any:
    """Return 1 / (2 m T + M^2) in keV^-2."""
    return 1 / (2 * target_mass * recoil_energy + mediator_mass**2)


def _over_energy_squared(value_kev: Any) -> Coefficients:
    """Turn a cross section of ``value / E^2`` (value in keV^-1) into coefficients."""
    c2 = value_kev * const.HBAR_C_SQUARED_KEV2_CM2 * const.KEV_IN_MEV**2
    return Coefficients(c0=0 * c2, c1=0 * c2, c2=c2)


def exchange(recoil_energy: Any, g: Any, mediator_mass: Any, target_mass: Any) -> Any:
    """Return what the exchange of a vector mediator is in units of the weak interaction's.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    g : float or tensor
        Coupling to neutrino and target.
    mediator_mass, target_mass : float or tensor
        keV.

    Returns
    -------
    float, array or tensor
        g^2 / (sqrt(2) G_F (2 m T + M^2)): what is added to g_V of the target.
    """
    propagator = _propagator(recoil_energy, mediator_mass, target_mass)
    return g**2 / (2**0.5 * const.FERMI_CONSTANT_PER_KEV2) * propagator


def vector_shift(recoil_energy: Any, g: Any, mediator_mass: Any) -> Any:
    """Return what a vector mediator adds to g_V of the electron.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    g : float or tensor
        Coupling.
    mediator_mass : float or tensor
        Mass of the mediator in keV.

    Returns
    -------
    float, array or tensor
        khan-2022, Eq. 8.
    """
    return exchange(recoil_energy, g, mediator_mass, const.ELECTRON_MASS_KEV)


def axial_shift(recoil_energy: Any, g: Any, mediator_mass: Any) -> Any:
    """Return what an axial-vector mediator adds to g_A of the electron.

    Parameters
    ----------
    recoil_energy, g, mediator_mass
        As of `vector_shift`.

    Returns
    -------
    float, array or tensor
        khan-2022, Eq. 9: the same as for g_V.
    """
    return vector_shift(recoil_energy, g, mediator_mass)


def scalar_coefficients(
    recoil_energy: Any, g: Any, mediator_mass: Any, *, recoil_correction: bool = False
) -> Coefficients:
    """Return the cross section of a scalar mediator on one free electron.

    Parameters
    ----------
    recoil_energy, g, mediator_mass
        As of `vector_shift`.
    recoil_correction : bool
        Multiply by 1 + T/(2 m_e), which the full amplitude has and the paper leaves out (1 %
        at 10 keV, 14 % at 140 keV).

    Returns
    -------
    Coefficients
        khan-2022, Eq. 10; helicity flips, so nothing interferes.
    """
    mass = const.ELECTRON_MASS_KEV
    value = g**4 * mass**2 * recoil_energy / (4 * pi)
    if recoil_correction:
        value = value * (1 + recoil_energy / (2 * mass))
    return _over_energy_squared(value * _propagator(recoil_energy, mediator_mass, mass) ** 2)


def pseudoscalar_coefficients(recoil_energy: Any, g: Any, mediator_mass: Any) -> Coefficients:
    """Return the cross section of a pseudoscalar mediator on one free electron.

    Parameters
    ----------
    recoil_energy, g, mediator_mass
        As of `vector_shift`.

    Returns
    -------
    Coefficients
        khan-2022, Eq. 11.
    """
    mass = const.ELECTRON_MASS_KEV
    value = g**4 * mass * recoil_energy**2 / (8 * pi)
    return _over_energy_squared(value * _propagator(recoil_energy, mediator_mass, mass) ** 2)


def weak_charge_shift(
    recoil_energy: Any, g: Any, mediator_mass: Any, nucleons: Any, m_nucleus: Any
) -> Any:
    """Return what a vector mediator adds to the weak charge of a nucleus.

    Parameters
    ----------
    recoil_energy, g, mediator_mass
        As of `vector_shift`.
    nucleons : float
        Mass number A: with universal quark couplings every nucleon carries three g.
    m_nucleus : float
        Mass of the nucleus in keV.

    Returns
    -------
    float, array or tensor
        3 A g^2 / (sqrt(2) G_F (2 m T + M^2)), Cerdeno et al., JHEP 05 (2016) 118,
        arXiv:1604.01025, Section 2, for the Lagrangian of khan-2022, Eq. 4, and the weak
        charge as in deromeri-2024, Eq. 2.
    """
    return 3 * nucleons * exchange(recoil_energy, g, mediator_mass, m_nucleus)


def scalar_charge(z: Any, n: Any) -> Any:
    """Return the scalar charge of a nucleus for unit couplings to all quarks.

    Parameters
    ----------
    z, n : float
        Numbers of protons and neutrons.

    Returns
    -------
    float
        15.1 Z + 14 N, Cerdeno et al., arXiv:1604.01025; the quark contents of the nucleon are
        known to about 10 %.
    """
    return 15.1 * z + 14.0 * n


def nuclear_scalar_coefficients(
    recoil_energy: Any,
    g: Any,
    mediator_mass: Any,
    charge: Any,
    m_nucleus: Any,
    form_factor_squared: Any = 1.0,
) -> Coefficients:
    """Return the cross section of a scalar mediator on a nucleus.

    Parameters
    ----------
    recoil_energy, g, mediator_mass
        As of `vector_shift`.
    charge : float
        Scalar charge, see `scalar_charge`.
    m_nucleus : float
        Mass of the nucleus in keV.
    form_factor_squared : float or array
        F^2 at the momentum transfer of T.

    Returns
    -------
    Coefficients
        g^4 Q_S^2 m^2 T F^2 / (4 pi E^2 (2 m T + M^2)^2), Cerdeno et al., arXiv:1604.01025.
    """
    value = (g**4 * charge**2 * form_factor_squared) * m_nucleus**2 * recoil_energy / (4 * pi)
    return _over_energy_squared(value * _propagator(recoil_energy, mediator_mass, m_nucleus) ** 2)
