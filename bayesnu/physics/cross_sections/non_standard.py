"""Scattering of a mixture of flavours through couplings that are matrices of flavours.

L = -2 sqrt(2) G_F eps^fP_ab (nu-bar_a gamma nu_b) (f-bar gamma P f) with P = L or R: amaral-2023,
and before it Barranco et al., PRD 73 (2006) 113001 (electrons) and JHEP 12 (2005) 021 (nuclei).
A state rho with couplings G scatters as Tr(rho G^2), of which an element of rho has a part.
"""

from __future__ import annotations

from typing import Any

from bayesnu.physics.cross_sections import coherent, elastic_electron
from bayesnu.physics.cross_sections.coefficients import Coefficients
from bayesnu.physics.cross_sections.flavour_matrix import Element, FlavourMatrix


def electron_change(
    recoil_energy: Any,
    standard: tuple[FlavourMatrix, FlavourMatrix],
    new: tuple[FlavourMatrix, FlavourMatrix],
    element: Element,
) -> Coefficients:
    """Return what new couplings change in the cross section on one free electron.

    Parameters
    ----------
    recoil_energy : float or array
        Recoil energy T in keV.
    standard : tuple of FlavourMatrix
        g_V + g_A and g_V - g_A of the Standard Model: twice its couplings g_L and g_R.
    new : tuple of FlavourMatrix
        eps^eL and eps^eR.
    element : (part, flavour, flavour)
        Of the state.

    Returns
    -------
    Coefficients
        Of formula giunti-ternes-2023, Eq. 3, with (g_V + g_A)^2 -> [G^2] and so on.
    """
    left, right = (old + 2.0 * eps for old, eps in zip(standard, new, strict=True))
    one, other = standard
    changes = (
        left.product(left, *element) - one.product(one, *element),
        right.product(right, *element) - other.product(other, *element),
        left.product(right, *element) - one.product(other, *element),
    )
    return elastic_electron.of_products(recoil_energy, *changes)


def nuclear_change(
    recoil_energy: Any,
    standard: FlavourMatrix,
    new: FlavourMatrix,
    m_nucleus: Any,
    form_factor_squared: Any,
    element: Element,
) -> Coefficients:
    """Return what new couplings change in coherent scattering on one nucleus.

    Parameters
    ----------
    standard, new : FlavourMatrix
        Weak charge of the Standard Model, and what is added to it.
    """
    total = standard + new
    change = total.product(total, *element) - standard.product(standard, *element)
    return coherent.of_square(recoil_energy, change, m_nucleus, form_factor_squared)


def quark_charge(z: Any, n: Any, up: FlavourMatrix, down: FlavourMatrix) -> FlavourMatrix:
    """Return what eps^uV and eps^dV add to the weak charge: protons are uud, neutrons udd."""
    found: FlavourMatrix = up * (2.0 * z + n) + down * (z + 2.0 * n)
    return found
