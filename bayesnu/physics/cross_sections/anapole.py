"""Scattering through the anapole moment of the neutrino."""

from __future__ import annotations

from typing import Any

from bayesnu.physics.cross_sections import charge_radius


def vector_shift(a: Any) -> Any:
    """Return what an anapole moment adds to g_V of the electron.

    Parameters
    ----------
    a : float, array or tensor
        Anapole moment in cm^2.

    Returns
    -------
    float, array or tensor
        -sqrt(2) pi alpha a / (18 G_F), khan-2022, Eq. 3: for ultrarelativistic neutrinos an
        anapole moment a is a charge radius of -a/6. With the vertex of Giunti & Studenikin,
        Rev. Mod. Phys. 87 (2015) 531, it would be -6 a: there the moment is 36 times smaller.
    """
    return charge_radius.vector_shift(-a / 6)


def proton_coupling_shift(a: Any) -> Any:
    """Return what an anapole moment adds to g_V^p of the proton.

    Parameters
    ----------
    a : float, array or tensor
        Anapole moment in cm^2.

    Returns
    -------
    float, array or tensor
        As `charge_radius.proton_coupling_shift` of -a/6.
    """
    return charge_radius.proton_coupling_shift(-a / 6)
