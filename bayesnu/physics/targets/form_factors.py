"""Form factors of the nucleus, one at zero momentum transfer."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayesnu.physics.constants import HBAR_C_KEV_CM

_MEV_PER_INVERSE_FM = HBAR_C_KEV_CM * 1e10
_YUKAWA_RANGE_FM = 0.7
_SKIN_FM = 0.9

Shape = Literal["klein-nystrand", "helm"]


def momentum_transfer(recoil_energy: ArrayLike, mass: float) -> NDArray[np.float64]:
    """Return |q| in MeV of a recoil energy in keV on a nucleus of mass in keV.

    q^2 = 2 m T, deromeri-2024 below Eq. 6.
    """
    return np.asarray(np.sqrt(2 * mass * np.asarray(recoil_energy, dtype=float)) * 1e-3)


def klein_nystrand(
    q: ArrayLike, a: float, *, radius: Literal["sphere", "rms"] = "sphere"
) -> NDArray[np.float64]:
    """Return the Klein-Nystrand form factor.

    Parameters
    ----------
    q : array_like
        Momentum transfer |q| in MeV.
    a : float
        Mass number.
    radius : {"sphere", "rms"}
        What R_A = 1.23 A^(1/3) fm is: the radius of the sphere, as the paper's Eq. 3 is printed
        and as Klein and Nystrand have it, or the root-mean-square radius of the whole
        distribution, as the paper's words have it. The measured charge radius of 132Xe is 4.79 fm
        (Angeli & Marinova, At. Data Nucl. Data Tables 99 (2013) 69), that of `helm`; the first
        reading has 5.13 fm, the second 6.25 fm and 2.3 % fewer solar 8B events on xenon above
        0.45 keV. So Eq. 3 is taken as printed.

    Returns
    -------
    ndarray
        F(q), deromeri-2024, Eq. 3: a sphere folded with a Yukawa potential of range
        a_k = 0.7 fm, whose mean square radius is 3/5 R^2 + 6 a_k^2.
    """
    wave = np.asarray(q, dtype=float) / _MEV_PER_INVERSE_FM
    sphere = 1.23 * a ** (1 / 3)
    if radius == "rms":
        sphere = (5 / 3 * (sphere**2 - 6 * _YUKAWA_RANGE_FM**2)) ** 0.5
    return np.asarray(_sphere(wave * sphere) / (1 + (_YUKAWA_RANGE_FM * wave) ** 2))


def helm(q: ArrayLike, a: float) -> NDArray[np.float64]:
    """Return the Helm form factor.

    Parameters
    ----------
    q : array_like
        Momentum transfer |q| in MeV.
    a : float
        Mass number.

    Returns
    -------
    ndarray
        F(q), Lewin & Smith, Astropart. Phys. 6 (1996) 87, Eqs. 4.7 and 4.11: a sphere with a
        skin of 0.9 fm.
    """
    wave = np.asarray(q, dtype=float) / _MEV_PER_INVERSE_FM
    central = 1.23 * a ** (1 / 3) - 0.60
    radius = (central**2 + 7 / 3 * (np.pi * 0.52) ** 2 - 5 * _SKIN_FM**2) ** 0.5
    return np.asarray(_sphere(wave * radius) * np.exp(-0.5 * (wave * _SKIN_FM) ** 2))


def of_radius(q: Any, rms_radius: Any, shape: Shape) -> Any:
    """Return the form factor of a distribution whose root-mean-square radius is given.

    Parameters
    ----------
    q : ndarray
        Momentum transfer |q| in MeV.
    rms_radius : float or tensor
        fm: above 1.72 of Klein and Nystrand, 1.56 of Helm, where nothing but their skin is left.
    shape : {"klein-nystrand", "helm"}
        A sphere of R^2 = 5/3 (r^2 - 6 a_k^2) or 5/3 (r^2 - 3 s^2), with the skin of each.

    Returns
    -------
    ndarray or tensor
        F(q).
    """
    wave = q / _MEV_PER_INVERSE_FM
    skin = 2 * _YUKAWA_RANGE_FM**2 if shape == "klein-nystrand" else _SKIN_FM**2
    x = wave * (5 / 3 * (rms_radius**2 - 3 * skin)) ** 0.5
    soft = (
        1 / (1 + (_YUKAWA_RANGE_FM * wave) ** 2)
        if shape == "klein-nystrand"
        else np.exp(-0.5 * (wave * _SKIN_FM) ** 2)
    )
    # As `_sphere`, in arithmetic that tensors know; which form stands where does not depend on x.
    small = 1.0 * (wave < _SERIES_BELOW_PER_FM)
    safe = x + small
    closed = 3 * (np.sin(safe) - safe * np.cos(safe)) / safe**3
    series = 1.0
    for k in range(_SERIES_TERMS, 0, -1):
        series = 1 - x**2 / (2 * k * (2 * k + 3)) * series
    return (small * series + (1 - small) * closed) * soft


_SERIES_BELOW_PER_FM, _SERIES_TERMS = 0.1, 12
"""Radii are a few fm: x is at most 1.3 where the series stands, and at least 0.1 elsewhere."""


def _sphere(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 3 j1(x) / x, by its series where the closed form would cancel."""
    small = np.abs(x) < 0.1
    safe = np.where(small, 1.0, x)
    closed = 3 * (np.sin(safe) - safe * np.cos(safe)) / safe**3
    series = 1 - x**2 / 10 * (1 - x**2 / 28 * (1 - x**2 / 54))
    return np.where(small, series, closed)
