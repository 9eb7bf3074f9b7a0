"""What an electron-recoil detector makes of recoils, and the grids to describe them on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bayesnu.experiments.bin_table import BinTable
from bayesnu.experiments.detector import RecoilGrid, recoil_grid, response_matrix
from bayesnu.experiments.response import Response, Terms, folded, shape
from bayesnu.experiments.smearing import Smearing
from bayesnu.physics.targets.material import Material
from bayesnu.types import Array

WIDEST_CELL_KEV = 2.0
"""Cells of a recoil grid are not wider: the resolution must be resolved."""


@dataclass(frozen=True, eq=False)
class ElectronDetector:
    """Efficiency, resolution (or a table), exposure and bins, to respond to any recoils.

    Signal and backgrounds have recoil grids of their own, with cell edges where they have kinks;
    the response to both is this one.

    Attributes
    ----------
    edges : ndarray, shape (bins + 1,)
        Reconstructed energy, keV.
    exposure : float
        t yr.
    efficiency : (ndarray, ndarray)
        Energy, keV, and efficiency.
    efficiency_energy : {"true", "reconstructed"}
        Which energy it is a function of.
    smearing : Smearing or None
    table : BinTable or None
        Instead of a smearing; the efficiency is then a factor on it.
    target : Material
    lowest_recoil : float
        Recoils up to here are not seen, keV.
    reach : (float, float)
        True recoil energies that can be seen in the bins, keV.
    kinks : ndarray
        Recoil energies at which the response has a kink, keV.
    refine : int
        Factor on the density of grids, to test convergence.
    variations : tuple of Variation
        The detector at +1 and -1 sigma of each nuisance.
    """

    edges: Array
    exposure: float
    efficiency: tuple[Array, Array]
    efficiency_energy: str
    smearing: Smearing | None
    target: Material
    lowest_recoil: float
    reach: tuple[float, float]
    kinks: Array
    refine: int = 1
    variations: tuple[Variation, ...] = ()
    table: BinTable | None = None

    def grid(self, steps: Iterable[float] = ()) -> RecoilGrid:
        """Return a recoil grid that also has cell edges at the steps of a spectrum, keV."""
        steps = [*steps, *self.kinks]
        return self.grid_of(*self.reach, steps, WIDEST_CELL_KEV)

    def grid_of(self, low: float, high: float, steps: Iterable[float], widest: float) -> RecoilGrid:
        """Return a grid of other recoil energies, keV."""
        return recoil_grid(low, high, steps, refine=self.refine, widest=widest)

    def response(self, grid: RecoilGrid) -> Response:
        """Return the response on a grid."""
        return folded("electrons", grid, self.fold)

    def fold(self, grid: RecoilGrid) -> Terms:
        """Return the response with the terms of the detector's nuisances."""
        terms: Terms = {(): self.matrix(grid)}
        for name, *ends, multiply in self.variations:
            up, down = (
                end * terms[()] if isinstance(end, float) else end.matrix(grid) for end in ends
            )
            terms = shape(name, up, down, multiply=multiply).on(terms)
        return terms

    def matrix(self, grid: RecoilGrid) -> Array:
        """Return the response of this detector as it stands, shape (bins, nodes), t yr keV."""
        if self.table is not None:
            efficiency = np.interp(grid.energy, *self.efficiency, left=0.0)
            matrix = self.exposure * self.table(grid.energy) * (grid.weight * efficiency)
        else:
            matrix = response_matrix(
                grid,
                self.edges,
                self.exposure,
                efficiency=self.efficiency,
                efficiency_energy=self.efficiency_energy,
                smearing=self.smearing,
            )
        return np.asarray(matrix * (grid.energy > self.lowest_recoil))


class Variation(NamedTuple):
    """A nuisance: the detector at +1 and -1 sigma, and how it goes together with others.

    A number stands for a detector that sees so many times as much.
    """

    name: str
    up: ElectronDetector | float
    down: ElectronDetector | float
    multiply: bool
