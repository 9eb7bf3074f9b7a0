"""Read electron-recoil experiments: efficiency, resolution, counts and backgrounds in energy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.backgrounds import Background, read_background
from bayesnu.experiments.efficiency import read_efficiency
from bayesnu.experiments.electron_detector import ElectronDetector
from bayesnu.experiments.format.electron_recoil import ElectronRecoilFile
from bayesnu.experiments.moves import with_nuisances
from bayesnu.experiments.observed import bin_edges, gaussian_errors, read_observed
from bayesnu.experiments.response import Response
from bayesnu.experiments.smearing import read_smearing
from bayesnu.experiments.templates import with_templates
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
    """

    edges: Array
    observed: Array | None
    sigma: Array | None
    response: Response
    backgrounds: tuple[Background, ...]


def read_electron(
    path: Path, file: ElectronRecoilFile, table: Callable[[str], Table], refine_grid: int = 1
) -> ElectronData:
    """Read the tables that the file names.

    Parameters
    ----------
    path : Path
        Of the file, for messages.
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

    detector = ElectronDetector(
        edges=edges,
        exposure=file.exposure_t_yr,
        efficiency=efficiency,
        efficiency_energy=file.efficiency.energy,
        smearing=smearing,
        lowest_recoil=file.lowest_recoil_keV,
        reach=(LOWEST_RECOIL_KEV, reach),
        kinks=np.array(kinks),
        refine=refine_grid,
    )
    detector = with_nuisances(detector, file, table)
    observed = read_observed(path, file.observed, edges, table)
    backgrounds = tuple(
        with_templates(
            path,
            read_background(path, name, entry, detector, table),
            entry,
            detector,
            file.templates(name),
            table,
        )
        for name, entry in file.backgrounds.items()
        if not entry.omit
    )
    sigma = None
    if file.likelihood == "gaussian":
        if observed is None:
            raise InputError(path, "likelihood", found="gaussian without data", expected="poisson")
        sigma = gaussian_errors(observed, file.errors)
    response = detector.response(detector.grid([*atomic_edges(), *_line_end_points()]))
    return ElectronData(edges, observed, sigma, response, backgrounds)


def _line_end_points() -> list[float]:
    lines = [energy for component in COMPONENTS for energy in line_energies(component)]
    return [float(maximum_recoil(energy, ELECTRON_MASS_KEV)) for energy in lines]
