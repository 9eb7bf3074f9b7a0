"""Moments of the neutrino flux above a threshold: all that a recoil spectrum needs of the sun.

For a spectrum phi(E) with weight w(E) they are the integrals from E_min on of
phi w {1, 1/E, 1/E^2, ln(E/MeV)}.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayesnu.physics.sources.sun.spectra import (
    DEFAULT_OPTIONS,
    ContinuousSpectrum,
    LineSpectrum,
    SpectrumOptions,
    spectrum,
)

Weight = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""A weight w(E) of the spectrum by neutrino energy in MeV, such as P_ee(E)."""

LOWEST_ENERGY_MEV = 1e-3
"""Neutrinos below are ignored: they hold less than 1e-7 of any flux and recoil below 0.01 eV."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)


def flux_moments(
    component: str,
    minimum_energy: ArrayLike,
    survival: Weight | None = None,
    options: SpectrumOptions = DEFAULT_OPTIONS,
) -> NDArray[np.float64]:
    """Return moments of a unit-normalised spectrum above thresholds.

    Parameters
    ----------
    component : str
        One of `~bayesnu.physics.sources.sun.spectra.COMPONENTS`.
    minimum_energy : array_like, shape (n,)
        Lower limits in MeV, in any order.
    survival : callable, optional
        Weight w(E) of an array of energies in MeV; one if left out. Cell integrals are kept
        for as long as the same callable is used. Several weights at once are a last axis.
    options : SpectrumOptions
        Which spectra.

    Returns
    -------
    ndarray, shape (4, n), or (4, n, weights)
        Moments for 1, 1/E, 1/E^2 (in MeV^-n) and ln(E/MeV).

    Notes
    -----
    Every cell of the piecewise-linear table is integrated by Gauss-Legendre quadrature in
    ln E, which is accurate to 1e-11; sums over full cells are precomputed.
    """
    threshold = np.atleast_1d(np.asarray(minimum_energy, dtype=float))
    found = spectrum(component, options)
    if isinstance(found, LineSpectrum):
        return _line_moments(found, threshold, survival)
    above = _cumulative(component, survival, options)
    lowest = max(found.energy[0], LOWEST_ENERGY_MEV)
    start = np.clip(threshold, lowest, found.energy[-1])
    cell = np.clip(np.searchsorted(found.energy, start, side="right") - 1, 0, len(found.energy) - 2)
    partial = _integrate(found, cell, start, found.energy[cell + 1], survival)
    return np.asarray(partial + above[:, cell + 1])


@lru_cache(maxsize=256)
def _cumulative(
    component: str, survival: Weight | None, options: SpectrumOptions
) -> NDArray[np.float64]:
    """Return integrals above each table energy, shape (4, table length)."""
    found = spectrum(component, options)
    assert isinstance(found, ContinuousSpectrum)
    cell = np.arange(len(found.energy) - 1)
    low = np.maximum(found.energy[:-1], LOWEST_ENERGY_MEV)
    high = np.maximum(found.energy[1:], LOWEST_ENERGY_MEV)
    cells = _integrate(found, cell, low, high, survival)
    above = np.zeros((4, len(found.energy), *cells.shape[2:]))
    above[:, :-1] = np.cumsum(cells[:, ::-1], axis=1)[:, ::-1]
    return above


def _integrate(
    table: ContinuousSpectrum,
    cell: NDArray[np.intp],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    survival: Weight | None,
) -> NDArray[np.float64]:
    """Integrate within single cells of the table, shape (4, cells)."""
    left, width = table.energy[cell], table.energy[cell + 1] - table.energy[cell]
    rise = table.density[cell + 1] - table.density[cell]
    # A cell without width is a jump of the density and integrates to nothing.
    slope = np.divide(rise, width, out=np.zeros_like(width), where=width > 0)
    half = 0.5 * np.log(high / low)
    logarithm = (np.log(low) + half)[:, None] + half[:, None] * _NODES
    energy = np.exp(logarithm)
    density = table.density[cell][:, None] + slope[:, None] * (energy - left[:, None])
    # dE = E d(ln E)
    weight = density * energy * (half[:, None] * _WEIGHTS)
    inverse = 1.0 / energy
    if survival is not None:
        chances = survival(energy)
        if chances.ndim > energy.ndim:
            weight, inverse, logarithm = (a[..., None] for a in (weight, inverse, logarithm))
        weight = weight * chances
    return np.stack(
        [
            weight.sum(axis=1),
            (weight * inverse).sum(axis=1),
            (weight * inverse**2).sum(axis=1),
            (weight * logarithm).sum(axis=1),
        ]
    )


def _line_moments(
    lines: LineSpectrum, threshold: NDArray[np.float64], survival: Weight | None
) -> NDArray[np.float64]:
    weight = lines.weight if survival is None else (lines.weight * survival(lines.energy).T).T
    powers = np.stack(
        [np.ones_like(lines.energy), 1 / lines.energy, lines.energy**-2.0, np.log(lines.energy)]
    )
    reached = (lines.energy[:, None] >= threshold[None, :]).astype(float)
    return np.asarray(np.einsum("pl,l...,ln->pn...", powers, weight, reached))


def flux_density(
    component: str, energy: NDArray[np.float64], options: SpectrumOptions = DEFAULT_OPTIONS
) -> NDArray[np.float64]:
    """Return the unit-normalised spectrum outside of lines, MeV^-1: what moments lose by."""
    found = spectrum(component, options)
    if isinstance(found, LineSpectrum):
        return np.zeros_like(energy)
    inside = (energy >= max(found.energy[0], LOWEST_ENERGY_MEV)) & (energy < found.energy[-1])
    return np.where(inside, np.interp(energy, found.energy, found.density), 0.0)
