"""New light tensor mediators; helicity flips, so nothing interferes with the weak interaction."""

from __future__ import annotations

from math import pi
from typing import Any

from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections.coefficients import Coefficients

TENSOR_CHARGE_U, TENSOR_CHARGE_D = 0.54, -0.23
"""Of a proton for its u and d quarks, of a neutron for d and u; Anselmino et al., Nucl. Phys. B
Proc. Suppl. 191 (2009) 98, as Aristizabal Sierra, De Romeri & Rojas, Phys. Rev. D 98 (2018) 075018,
take them."""


def charge(nucleons: Any) -> Any:
    """Return the tensor charge of a nucleus for unit couplings to u and d, coherent over nucleons.

    Every nucleon has the same, by isospin. As the literature has it (Aristizabal Sierra et
    al.), for nuclei as if their spins added up: the tensor current of a nucleus without spin
    vanishes in the limit of small momentum transfers, which no published limit takes into account.
    """
    return (TENSOR_CHARGE_U + TENSOR_CHARGE_D) * nucleons


def coefficients(
    recoil_energy: Any,
    g: Any,
    mediator_mass: Any,
    target_mass: Any,
    charge: Any = 1.0,
    form_factor_squared: Any = 1.0,
) -> Coefficients:
    """Return the cross section on one electron, or nucleus of a tensor charge.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    g : float or tensor
        Coupling to neutrino and target.
    mediator_mass, target_mass : float or tensor
        keV.
    charge : float
        Of the target, in units of g.
    form_factor_squared : float or array
        F^2 at the momentum transfer of T.

    Returns
    -------
    Coefficients
        g^4 Q_T^2 m F^2 / (pi (2 m T + M^2)^2) ((2 - T/E)^2 - m T/E^2), for the exchange of g^2 Q_T
        / (2 m T + M^2) [nu sigma^{mu nu} P_L nu] [f sigma_{mu nu} f]; Lindner, Rodejohann & Xu,
        JHEP 03 (2017) 097, with the propagator of a light mediator. It is its own crossing.
    """
    propagator = 1 / (2 * target_mass * recoil_energy + mediator_mass**2)
    scale = const.HBAR_C_SQUARED_KEV2_CM2 / pi * target_mass * form_factor_squared
    scale = scale * (g**2 * charge * propagator) ** 2
    recoil, mass = recoil_energy * const.KEV_IN_MEV, target_mass * const.KEV_IN_MEV
    return Coefficients(
        c0=4 * scale, c1=-4 * scale * recoil, c2=scale * (recoil**2 - mass * recoil)
    )
