"""From an electron's energy to bins of what is seen: photoelectrons, or energy with a resolution.

A `Seen` is the probability of each bin, with the efficiency by what is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammaln, xlogy

from bayesnu.experiments.detector import efficiency_after_smearing, linear_pieces
from bayesnu.experiments.smearing import Smearing
from bayesnu.types import Array

Seen = Callable[[Array], Array]
"""Electron-equivalent energies in keV, (n,) -> P(selected, bin), (bins, n)."""

Curve = tuple[Array, Array]
"""Of an efficiency: linear between points, zero below the first, constant above the last."""


@dataclass(frozen=True, eq=False)
class GammaLight:
    """Photoelectrons of a gamma distribution.

    Attributes
    ----------
    edges : ndarray, shape (bins + 1,)
        Photoelectrons.
    yield_per_keV : float
    shape : (float, float)
        The distribution's shape is shape[0] + shape[1] E / keV.
    """

    edges: Array
    efficiency: Curve
    yield_per_keV: float
    shape: tuple[float, float]

    def width(self, energy: Array) -> Array:
        """Return the standard deviation in units of energy."""
        return energy / np.sqrt(self.shape[0] + self.shape[1] * energy)

    def __call__(self, energy: Array) -> Array:
        """Return the integrals over the bins, in closed form between points of the efficiency.

        Of e0 + s n times the density: e0 P(a, n / b) + s a b P(a + 1, n / b), with shape a, scale b
        and the regularised incomplete gamma function P.
        """
        points, at, rise = linear_pieces(self.edges, *self.efficiency)
        slope = rise[:, None]
        shape = self.shape[0] + self.shape[1] * energy
        mean = self.yield_per_keV * energy
        scaled = points[:, None] * (shape / mean)
        rising = np.diff(gammainc(shape + 1.0, scaled), axis=0)
        flat = np.diff(gammainc(shape, scaled), axis=0)
        pieces = (at[:-1, None] - slope * points[:-1, None]) * flat + slope * mean * rising
        return np.asarray(np.add.reduceat(pieces, np.searchsorted(points, self.edges[:-1])))


@dataclass(frozen=True, eq=False)
class PoissonLight:
    """Whole numbers of photoelectrons: a bin holds its lower edge and not its upper one."""

    edges: Array
    efficiency: Curve
    yield_per_keV: float

    def width(self, energy: Array) -> Array:
        """Return the standard deviation in units of energy."""
        return np.sqrt(energy / self.yield_per_keV)

    def __call__(self, energy: Array) -> Array:
        """Return the sums over the bins."""
        n = np.arange(np.ceil(self.edges[0]), np.ceil(self.edges[-1]))
        mean = self.yield_per_keV * energy
        accepted = np.interp(n, *self.efficiency, left=0.0)[:, None]
        chance = accepted * np.exp(xlogy(n[:, None], mean) - mean - gammaln(n[:, None] + 1.0))
        which = np.searchsorted(self.edges, n, side="right") - 1
        inside = which == np.arange(len(self.edges) - 1)[:, None]
        return np.asarray(inside @ chance, dtype=float)


@dataclass(frozen=True, eq=False)
class SmearedEnergy:
    """Energy that spreads like a Gaussian."""

    edges: Array
    efficiency: Curve
    smearing: Smearing

    def width(self, energy: Array) -> Array:
        """Return the standard deviation, keV."""
        return self.smearing(energy)[1]

    def __call__(self, energy: Array) -> Array:
        """Return the integrals over the bins, in closed form."""
        return efficiency_after_smearing(self.edges, *self.efficiency, *self.smearing(energy))
