"""A differential cross section as a polynomial in the inverse neutrino energy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Coefficients:
    """The cross section at fixed recoil energy T as a function of the neutrino energy E.

    dsigma/dT = c0 + c1 / E + c2 / E^2 + clog ln(E / MeV), so that a rate is the sum of the
    coefficients times the moments of the flux (`bayesnu.physics.sources.sun.flux_moments`).

    Attributes
    ----------
    c0, c1, c2 : float, ndarray or tensor
        In cm^2/keV times MeV^0, MeV^1, MeV^2; one value for each recoil energy.
    clog : float, ndarray or tensor
        In cm^2/keV. Only the equivalent-photon approximation has it.
    """

    c0: Any
    c1: Any
    c2: Any
    clog: Any = 0.0

    # NumPy must leave ``array * coefficients`` to __rmul__ instead of looping over elements.
    __array_ufunc__ = None

    def __add__(self, other: Coefficients) -> Coefficients:
        if not isinstance(other, Coefficients):
            return NotImplemented
        return Coefficients(
            self.c0 + other.c0, self.c1 + other.c1, self.c2 + other.c2, self.clog + other.clog
        )

    def __mul__(self, factor: Any) -> Coefficients:
        return Coefficients(
            self.c0 * factor, self.c1 * factor, self.c2 * factor, self.clog * factor
        )

    __rmul__ = __mul__

    def crossed(self, lever: Any) -> Coefficients:
        """Return the cross section with neutrino and antineutrino exchanged.

        Parameters
        ----------
        lever : float, ndarray or tensor
            MeV: the recoil energy T, or T + m4^2 / (2 m) where a lepton of mass m4 goes out of
            scattering on a mass m.

        Returns
        -------
        Coefficients
            By crossing symmetry the squared amplitude of antineutrinos is that of neutrinos with
            s and u exchanged, which at fixed T takes E to T - E. So E^2 dsigma/dT does, and
            elastic scattering on an electron has g_V + g_A and g_V - g_A exchanged. ln E, which
            only approximations have, stays.
        """
        return Coefficients(
            self.c0,
            -self.c1 - 2 * lever * self.c0,
            self.c2 + lever * (self.c1 + lever * self.c0),
            self.clog,
        )

    def at(self, energy: Any) -> Any:
        """Return dsigma/dT in cm^2/keV at the neutrino energy in MeV.

        The kinematic limit is not applied here: it is the lower limit of the flux integral.
        """
        value = self.c0 + self.c1 / energy + self.c2 / energy**2
        if isinstance(self.clog, float | int) and self.clog == 0:
            return value
        return value + self.clog * np.log(energy)

    def fold(self, moments: Any) -> Any:
        """Return the sum of coefficients times flux moments.

        Parameters
        ----------
        moments : array_like, shape (4, n)
            Moments for 1, 1/E, 1/E^2 and ln E, as of
            `bayesnu.physics.sources.sun.flux_moments.flux_moments`.
        """
        value = self.c0 * moments[0] + self.c1 * moments[1] + self.c2 * moments[2]
        if isinstance(self.clog, float | int) and self.clog == 0:
            return value
        return value + self.clog * moments[3]
