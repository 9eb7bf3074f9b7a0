"""Read electron-recoil experiments: efficiency, resolution, counts and backgrounds in energy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.backgrounds import WIDEST_CELL_KEV, FoldedBackground, fold_background
from bayesnu.experiments.detector import RecoilGrid, recoil_grid, response_matrix
from bayesnu.experiments.format.electron_recoil import Efficiency, ElectronRecoilFile
from bayesnu.experiments.observed import bin_edges, gaussian_errors, read_observed
from bayesnu.experiments.response import Response, Terms, folded
from bayesnu.experiments.smearing import Smearing, read_smearing
from bayesnu.files.tables import Table
from bayesnu.physics.constants import ELECTRON_MASS_KEV
from bayesnu.physics.cross_sections.kinematics import maximum_recoil
from bayesnu.physics.sources.sun.spectra import COMPONENTS, line_energies
from bayesnu.physics.targets.atom import edges as atomic_edges
from bayesnu.types import Array

LOWEST_RECOIL_KEV = 0.0122
"""Below the last atomic edge (12.1 eV) no electron of xenon can be ionised."""


@dataclass(frozen=True, eq=False)
class ElectronData:
    """What the file of an electron-recoil experiment leads to.

    Attributes
    ----------
    edges : ndarray, shape (bins + 1,)
        Reconstructed energy, keV.
    observed : ndarray, shape (bins,) or None
    sigma : ndarray, shape (bins,) or None
        Gaussian errors; None for a Poisson likelihood.
    response : Response
    backgrounds : tuple of FoldedBackground
    """

    edges: Array
    observed: Array | None
    sigma: Array | None
    response: Response
    backgrounds: tuple[FoldedBackground, ...]


@dataclass(frozen=True, eq=False)
class _Respond:
    """The response at given recoil energies, weights included, shape (bins, nodes)."""

    edges: Array
    exposure: float
    efficiency: tuple[Array, Array]
    efficiency_energy: str
    smearing: Smearing | None
    lowest_recoil: float

    def __call__(self, grid: RecoilGrid) -> Array:
        response = response_matrix(
            grid,
            self.edges,
            self.exposure,
            efficiency=self.efficiency,
            efficiency_energy=self.efficiency_energy,
            smearing=self.smearing,
        )
        return response * (grid.energy > self.lowest_recoil)

    def terms(self, grid: RecoilGrid) -> Terms:
        """Return the one term of a response without nuisances."""
        return {(): self(grid)}


def read_electron(
    path: Path, file: ElectronRecoilFile, table: Callable[[str], Table], refine_grid: int = 1
) -> ElectronData:
    """Read tables and fold backgrounds.

    Parameters
    ----------
    path : Path
        Of the file, for messages.
    file : ElectronRecoilFile
    table : callable
        Source in the file -> Table.
    refine_grid : int
        Factor on the density of the recoil grid.

    Raises
    ------
    InputError
        If a table or an entry is wrong.
    """
    edges = bin_edges(file.bins)
    efficiency = read_efficiency(table(file.efficiency.table), file.efficiency)
    smearing, reach, rows = read_smearing(path, file, table, LOWEST_RECOIL_KEV, float(edges[-1]))
    kinks = [*edges, *rows, file.lowest_recoil_keV]
    if smearing is None or file.efficiency.energy == "true":
        kinks += list(efficiency[0])

    respond = _Respond(
        edges,
        file.exposure_t_yr,
        efficiency,
        file.efficiency.energy,
        smearing,
        file.lowest_recoil_keV,
    )
    steps = [*atomic_edges(), *_line_end_points(), *kinks]
    grid = recoil_grid(LOWEST_RECOIL_KEV, reach, steps, refine=refine_grid, widest=WIDEST_CELL_KEV)
    observed = read_observed(path, file.observed, edges, table)
    backgrounds = tuple(
        fold_background(
            path,
            name,
            entry,
            np.array(kinks),
            edges,
            (LOWEST_RECOIL_KEV, reach),
            respond,
            file.exposure_t_yr,
            table,
            refine_grid,
        )
        for name, entry in file.backgrounds.items()
        if not entry.omit
    )
    sigma = None
    if file.likelihood == "gaussian":
        if observed is None:
            raise InputError(path, "likelihood", found="gaussian without data", expected="poisson")
        sigma = gaussian_errors(observed, file.errors)
    response = folded("electrons", grid, respond.terms)
    return ElectronData(edges, observed, sigma, response, backgrounds)


def _line_end_points() -> list[float]:
    lines = [energy for component in COMPONENTS for energy in line_energies(component)]
    return [float(maximum_recoil(energy, ELECTRON_MASS_KEV)) for energy in lines]


def read_efficiency(table: Table, entry: Efficiency) -> tuple[Array, Array]:
    """Return energies and efficiencies; refuses values outside [0, 1]."""
    energy = table.column("energy_keV", minimum=0.0, ascending=True) + entry.shift_keV
    efficiency = table.column(entry.column, minimum=0.0, maximum=1.0) * entry.scale
    if efficiency.max() > 1.0:
        raise InputError(
            table.path, "efficiency.scale", found=f"{entry.scale:g}", expected="at most 1 in all"
        )
    if entry.hold_above_keV is not None:
        at = float(np.interp(entry.hold_above_keV, energy, efficiency))
        below = energy < entry.hold_above_keV
        energy = np.append(energy[below], entry.hold_above_keV)
        efficiency = np.append(efficiency[below], at)
    return energy, efficiency
