"""What the matter of the Earth does by night to solar neutrinos, which arrive as mass states.

For two effective levels, as in the sun (`bayesnu.physics.sources.sun.matter`), with
H = (Delta m2 / 4E) (sin 2theta_12 s_x - cos 2theta_12 s_z) + c13^2 sqrt2 G_F N_e s_z / 2 in shells
of one density each, in which the evolution is a closed form. The sun is below the horizon half of
the year, at angles that follow from the latitude.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from bayesnu.files.tables import read_table
from bayesnu.physics import constants as const
from bayesnu.physics.sources.sun.flux_moments import Weight
from bayesnu.physics.sources.sun.oscillation import OscillationParameters
from bayesnu.types import Array, ComplexArray

OBLIQUITY = np.radians(23.44)
"""Of the ecliptic: the largest declination of the sun."""

ANGLES = 1600
"""Directions by night: with four times as many P_2e of 8B neutrinos moves by 10^-5, a thousandth of
what the Earth adds; 54 shells instead of 9 move it by 10^-4."""

ENERGIES = np.geomspace(0.01, 20.0, 240)
"""MeV: knots of what is averaged over directions. Below the Earth changes nothing."""

EV_CM = 1e3 * const.HBAR_C_KEV_CM
"""Reduced Planck constant times the speed of light in eV cm."""


class Shells(NamedTuple):
    """Shells of constant density, from the centre outwards.

    Attributes
    ----------
    radius : ndarray
        Outer radii, km.
    electrons : ndarray
        N_A per cm3: mean density times electrons per nucleon.
    """

    radius: Array
    electrons: Array


@lru_cache(maxsize=1)
def shells() -> Shells:
    """Return the shells of PREM with their mean densities."""
    table = read_table("earth/prem.csv")
    outer = table.column("outer_radius_km", minimum=0.0, ascending=True)
    edges = np.concatenate([[0.0], outer]) / outer[-1]
    mass = sum(
        table.column(f"c{power}") * np.diff(edges ** (3 + power)) / (3 + power)
        for power in range(4)
    )
    density = 3.0 * np.asarray(mass) / np.diff(edges**3)
    return Shells(outer, density * table.column("electrons_per_nucleon", minimum=0.0))


def second_state(
    energy: Array, cosine: Array, parameters: OscillationParameters, earth: Shells | None = None
) -> tuple[ComplexArray, ComplexArray]:
    """Return the amplitudes of the two levels after the Earth, of the second mass state.

    Parameters
    ----------
    energy : ndarray, shape (n,)
        MeV.
    cosine : ndarray, shape (m,)
        Of the angle between the sun and the nadir; zero is the horizon.

    Returns
    -------
    tuple of ndarray of complex, shape (n, m) both
        Of (nu_e without theta_13) and of the other; their squares add up to one.
    """
    earth = shells() if earth is None else earth
    s12 = parameters.sin2_theta12
    cosine_2, sine_2 = 1.0 - 2.0 * s12, 2.0 * (s12 * (1.0 - s12)) ** 0.5
    vacuum = parameters.dm2_21_eV2 / (2e6 * energy)[:, None]
    potential = 0.5e-6 * const.MATTER_POTENTIAL_EV2_PER_MEV * earth.electrons
    potential = potential * (1.0 - parameters.sin2_theta13)
    shape = (len(energy), len(cosine))
    one = np.full(shape, s12**0.5, dtype=complex)
    two = np.full(shape, (1.0 - s12) ** 0.5, dtype=complex)
    lengths = _lengths(cosine, earth.radius)
    inwards = list(range(len(earth.radius)))[::-1]
    for shell in (*inwards, *inwards[::-1]):
        x, z = vacuum * sine_2, potential[shell] - vacuum * cosine_2
        size = np.hypot(x, z)
        angle = 0.5 * size * lengths[shell] * 1e5 / EV_CM
        c, s = np.cos(angle), -1j * np.sin(angle)
        along, across = s * (z / size), s * (x / size)
        one, two = (c + along) * one + across * two, across * one + (c - along) * two
    return one, two


def _lengths(cosine: Array, radius: Array) -> Array:
    """Return the way through each shell on one side of the middle, km, (shells, directions)."""
    nearest = radius[-1] * np.sqrt(1.0 - cosine**2)
    inside = np.sqrt(np.maximum(radius[:, None] ** 2 - nearest**2, 0.0))
    return np.diff(inside, axis=0, prepend=0.0)


@lru_cache(maxsize=16)
def directions(latitude: float, count: int = ANGLES) -> tuple[Array, Array]:
    """Return cosines of the sun's angle to the nadir by night, and their shares of the nights.

    Parameters
    ----------
    latitude : float
        Degrees.
    """
    half = (np.arange(2000) + 0.5) * np.pi / 2000
    year, hour = half - 0.5 * np.pi, half  # from winter to summer, from noon to midnight
    sine = np.sin(OBLIQUITY) * np.sin(year)[:, None]
    north, south = np.sin(np.radians(latitude)), np.cos(np.radians(latitude))
    height = north * sine + south * np.sqrt(1.0 - sine**2) * np.cos(hour)
    shares, edges = np.histogram(-height[height < 0.0], count, (0.0, 1.0))
    return 0.5 * (edges[1:] + edges[:-1]), shares / shares.sum()


class Regenerated(NamedTuple):
    """What mass state 2 has become, averaged over days and nights: its density matrix.

    Attributes
    ----------
    first : array
        The share that is in the first mass state.
    real, imaginary : array
        Of the coherence of the first with the second.
    """

    first: Array
    real: Array
    imaginary: Array


@lru_cache(maxsize=64)
def regeneration(parameters: OscillationParameters, latitude: float) -> Weight:
    """Return `Regenerated` as a function of energy: its three rows are the last axis."""
    from scipy.interpolate import CubicSpline

    cosine, share = directions(latitude)
    first = in_mass_basis(*second_state(ENERGIES, cosine, parameters), parameters)
    averaged = 0.5 * np.stack([part @ share for part in first], axis=-1)
    spline: Weight = CubicSpline(ENERGIES, averaged)
    return lambda energy: spline(np.clip(energy, ENERGIES[0], ENERGIES[-1]))


def in_mass_basis(
    one: ComplexArray, two: ComplexArray, parameters: OscillationParameters
) -> Regenerated:
    """Return the density matrix of amplitudes of the two levels, of mass states."""
    s, c = parameters.sin2_theta12**0.5, (1.0 - parameters.sin2_theta12) ** 0.5
    first, second = c * one - s * two, s * one + c * two
    coherence = first * np.conj(second)
    return Regenerated(np.abs(first) ** 2, coherence.real, coherence.imag)
