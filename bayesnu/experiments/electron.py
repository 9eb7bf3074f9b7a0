"""Read electron-recoil experiments: efficiency, resolution, counts and backgrounds in energy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.backgrounds import WIDEST_CELL_KEV, FoldedBackground, fold_background
from bayesnu.experiments.detector import RecoilGrid, recoil_grid, resolution_width, response_matrix
from bayesnu.experiments.format.electron_recoil import Efficiency, ElectronRecoilFile
from bayesnu.experiments.observed import bin_edges, gaussian_errors, read_observed
from bayesnu.experiments.response import Response
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
    width = (
        resolution_width(file.resolution.coefficients, file.resolution.powers)
        if file.resolution
        else None
    )
    reach = float(edges[-1])
    if width is not None:
        _check_width(path, width, edges[-1:])
        reach += 6.0 * float(width(edges[-1:])[0])
        _check_width(path, width, np.geomspace(LOWEST_RECOIL_KEV, reach, 200))
    kinks = [*edges, file.lowest_recoil_keV]
    if width is None or file.efficiency.energy == "true":
        kinks += list(efficiency[0])

    def respond(at: RecoilGrid) -> Array:
        response = response_matrix(
            at,
            edges,
            file.exposure_t_yr,
            efficiency=efficiency,
            efficiency_energy=file.efficiency.energy,
            width=width,
        )
        return response * (at.energy > file.lowest_recoil_keV)

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
    response = Response("electrons", grid, {(): respond(grid)})
    return ElectronData(edges, observed, sigma, response, backgrounds)


def _check_width(path: Path, width: Callable[[Array], Array], energy: Array) -> None:
    """Refuse a resolution that is not positive, or wider than all energies."""
    sigma = width(energy)
    wrong = (sigma < 1e-6) | (sigma > max(float(energy[-1]), 10.0))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise InputError(
            path,
            "resolution",
            found=f"sigma = {sigma[at]:.3g} keV at {energy[at]:.3g} keV",
            expected="a width between 0 and the energies",
        )


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
