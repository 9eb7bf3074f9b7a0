"""Read experiments in energy: efficiency, resolution, quenching, counts and backgrounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.backgrounds import Background, read_background
from bayesnu.experiments.bin_table import read_response
from bayesnu.experiments.efficiency import read_efficiency
from bayesnu.experiments.electron_detector import ElectronDetector
from bayesnu.experiments.experiment import SourceOff
from bayesnu.experiments.format.electron_recoil import EnergyFile
from bayesnu.experiments.format.quenched_recoil import QuenchedRecoilFile
from bayesnu.experiments.moves import with_nuisances
from bayesnu.experiments.observed import (
    bin_edges,
    counts_of,
    excess_of,
    gaussian_errors,
    read_observed,
    read_sigma,
)
from bayesnu.experiments.quenching import quenched_response
from bayesnu.experiments.response import Response
from bayesnu.experiments.smearing import read_smearing
from bayesnu.experiments.source_off import free_bins, read_source_off
from bayesnu.experiments.templates import with_templates
from bayesnu.files.tables import Table
from bayesnu.physics.constants import ELECTRON_MASS_KEV
from bayesnu.physics.cross_sections.kinematics import maximum_recoil
from bayesnu.physics.source import Source
from bayesnu.physics.targets.atom import edges
from bayesnu.physics.targets.material import Material, material
from bayesnu.types import Array

ALL_OF_THEM = (np.zeros(1), np.ones(1))
"""An efficiency of one, where a table has it already."""


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
    responses: tuple[Response, ...]
    backgrounds: tuple[Background, ...]
    source_off: SourceOff | None


def read_electron(
    path: Path,
    file: EnergyFile,
    source: Source,
    table: Callable[[str], Table],
    refine_grid: int = 1,
) -> ElectronData:
    """Read the tables that the file names.

    Parameters
    ----------
    path : Path
        Of the file, for messages.
    source : Source
        Whose lines the recoil grid resolves.
    table : callable
        Source in the file -> Table.
    refine_grid : int
        Factor on the density of the recoil grid.

    Raises
    ------
    InputError
        If a table or an entry is wrong.
    """
    detector = replace(_detector(path, file, table), refine=refine_grid)
    detector = with_nuisances(detector, file, table)
    bins, target = detector.edges, detector.target
    own_errors = file.errors == "table"
    values = excess_of if own_errors else counts_of
    observed = read_observed(path, file.observed, bins, table, values)
    off = read_source_off(path, file, bins, table)
    backgrounds = tuple(
        free_bins(path, name, entry, off)
        if entry.free_bins
        else with_templates(
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
        sigma = (
            read_sigma(path, file.observed, bins, table)
            if own_errors
            else gaussian_errors(observed, file.errors)
        )
    steps = [edge for element, _ in target.atoms for edge in edges(element.symbol)]
    ends = [float(maximum_recoil(energy, ELECTRON_MASS_KEV)) for energy in source.breaks]
    electrons = detector.response(detector.grid([*steps, *ends]))
    if not isinstance(file, QuenchedRecoilFile):
        return ElectronData(bins, observed, sigma, (electrons,), backgrounds, off)
    seen: tuple[Response, ...] = (quenched_response(path, file, detector, source, table),)
    seen += (electrons,) if file.electron_recoils else ()
    return ElectronData(bins, observed, sigma, seen, backgrounds, off)


def _detector(path: Path, file: EnergyFile, table: Callable[[str], Table]) -> ElectronDetector:
    """Return the detector of a file as it is expected to be."""
    bins, target = bin_edges(file.bins), material(file.target)
    lowest = lowest_recoil(target)
    detector = ElectronDetector(
        edges=bins,
        exposure=file.exposure_t_yr,
        efficiency=ALL_OF_THEM,
        efficiency_energy="true",
        smearing=None,
        target=target,
        lowest_recoil=file.lowest_recoil_keV,
        reach=(lowest, float(bins[-1])),
        kinks=np.array([*bins, file.lowest_recoil_keV]),
    )
    if file.response is not None:
        cut = max(lowest, file.lowest_recoil_keV)
        seen = read_response(table(file.response.table), file.response, len(bins) - 1, cut)
        kinks = np.concatenate([detector.kinks, seen.energy])
        return replace(detector, table=seen, reach=(lowest, float(seen.energy[-1])), kinks=kinks)
    assert file.efficiency is not None
    efficiency = read_efficiency(table(file.efficiency.table), file.efficiency)
    smearing, reach, rows = read_smearing(path, file, table, lowest, float(bins[-1]))
    kinked = smearing is None or file.efficiency.energy == "true"
    points = efficiency[0] if kinked else np.array([])
    return replace(
        detector,
        efficiency=efficiency,
        efficiency_energy=file.efficiency.energy,
        smearing=smearing,
        reach=(lowest, reach),
        kinks=np.concatenate([detector.kinks, rows, points]),
    )


def lowest_recoil(target: Material) -> float:
    """Return where recoil grids begin, in keV: the next 0.1 eV above the lowest edge.

    Below the last edge of xenon, 12.1 eV, none of its electrons can be ionised.
    """
    lowest = min(float(edges(element.symbol)[0]) for element, _ in target.atoms)
    return (math.floor(round(lowest * 1e4, 6)) + 1) / 1e4
