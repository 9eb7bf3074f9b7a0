"""Spectra of neutrinos and their moments above a threshold, whatever the source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from bayesnu.types import Array

Function = Callable[[Array], Array]
"""Of neutrino energies in MeV, of any shape."""

LOWEST_ENERGY_MEV = 1e-3
"""Neutrinos below are ignored: they hold less than 1e-7 of any flux and recoil below 0.01 eV."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)


class Spectrum(Protocol):
    """The flux of one state, by neutrino energy.

    Attributes
    ----------
    breaks : tuple of float
        MeV: where it has a line, or ends at once. Recoils have a jump or a kink where those of
        such a neutrino end.
    lines : tuple of float
        MeV: where it has a line.
    """

    @property
    def breaks(self) -> tuple[float, ...]: ...

    @property
    def lines(self) -> tuple[float, ...]: ...

    def moments(self, threshold: Array) -> Array:
        """Return the integrals above thresholds of 1, 1/E, 1/E^2 and ln E, shape (4, n)."""
        ...


@dataclass(frozen=True, eq=False)
class Continuous:
    """A spectrum that is smooth between knots, and zero outside of them.

    Attributes
    ----------
    knots : ndarray, shape (n,)
        MeV, ascending.
    density : callable
        Per MeV; evaluated inside of the cells between knots alone.
    breaks : tuple of float
        Those of the knots at which it ends at once.
    """

    knots: Array
    density: Function
    breaks: tuple[float, ...] = ()
    lines: tuple[float, ...] = ()

    def moments(self, threshold: Array) -> Array:
        """Return the moments: a part of one cell, and the sum of the cells above it."""
        knots = np.maximum(self.knots, LOWEST_ENERGY_MEV)
        start = np.clip(threshold, knots[0], knots[-1])
        cell = np.clip(np.searchsorted(knots, start, side="right") - 1, 0, len(knots) - 2)
        partial = cell_moments(self.density, start, knots[cell + 1])
        return np.asarray(partial + self._above[:, cell + 1])

    @cached_property
    def _above(self) -> Array:
        knots = np.maximum(self.knots, LOWEST_ENERGY_MEV)
        return moments_above(cell_moments(self.density, knots[:-1], knots[1:]))


@dataclass(frozen=True, eq=False)
class Lines:
    """Neutrinos of sharp energies.

    Attributes
    ----------
    energy : ndarray, shape (n,)
        MeV.
    flux : ndarray, shape (n,)
    """

    energy: Array
    flux: Array

    @property
    def lines(self) -> tuple[float, ...]:
        """All of it."""
        return tuple(self.energy.tolist())

    breaks = lines

    def moments(self, threshold: Array) -> Array:
        """Return the moments: all of a line, or nothing."""
        return line_moments(self.energy, self.flux, threshold)


def cell_moments(
    density: Function, low: Array, high: Array, weight: Function | None = None
) -> Array:
    """Integrate density times weight over cells, times 1, 1/E, 1/E^2 and ln E.

    Parameters
    ----------
    density : callable
        Of energies of shape (cells, 12), one row a cell.
    low, high : ndarray, shape (cells,)
        MeV.
    weight : callable, optional
        As `density`, or with one more axis, of several weights.

    Returns
    -------
    ndarray, shape (4, cells), or (4, cells, weights)
        By Gauss-Legendre quadrature in ln E, to 1e-11 for what is smooth in the cell.
    """
    half = 0.5 * np.log(high / low)
    logarithm = (np.log(low) + half)[:, None] + half[:, None] * _NODES
    energy = np.exp(logarithm)
    # dE = E d(ln E)
    share = density(energy) * energy * (half[:, None] * _WEIGHTS)
    inverse = 1.0 / energy
    if weight is not None:
        found = weight(energy)
        if found.ndim > energy.ndim:
            share, inverse, logarithm = (a[..., None] for a in (share, inverse, logarithm))
        share = share * found
    return np.stack(
        [
            share.sum(axis=1),
            (share * inverse).sum(axis=1),
            (share * inverse**2).sum(axis=1),
            (share * logarithm).sum(axis=1),
        ]
    )


def moments_above(cells: Array) -> Array:
    """Return the sums of cells above each of their edges, shape (4, cells + 1, ...)."""
    above = np.zeros((4, cells.shape[1] + 1, *cells.shape[2:]))
    above[:, :-1] = np.cumsum(cells[:, ::-1], axis=1)[:, ::-1]
    return above


def line_moments(energy: Array, flux: Array, threshold: Array) -> Array:
    """Return the moments of lines, of flux (lines, ...), above thresholds, shape (4, n, ...)."""
    powers = np.stack([np.ones_like(energy), 1 / energy, energy**-2.0, np.log(energy)])
    reached = (energy[:, None] >= threshold[None, :]).astype(float)
    return np.asarray(np.einsum("pl,l...,ln->pn...", powers, flux, reached))
