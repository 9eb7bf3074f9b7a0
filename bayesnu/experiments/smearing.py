"""How reconstructed energies spread about the true one: a Gaussian, by formula or by table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bayesnu.errors import InputError
from bayesnu.experiments.schema import ElectronRecoilFile, Reconstruction, Resolution
from bayesnu.experiments.tables import Table

Array = NDArray[np.float64]

Smearing = Callable[[Array], tuple[Array, Array]]
"""True energy -> mean and width of the reconstructed one, all in keV."""

WIDTHS_IN_REACH = 6.0
"""True energies further from the last bin than this many widths are not seen in it."""

NARROWEST_KEV = 1e-6
"""Widths below are refused: no detector has them, and zero divides."""


def read_smearing(
    path: Path, file: ElectronRecoilFile, table: Callable[[str], Table], lowest: float, last: float
) -> tuple[Smearing | None, float, Array]:
    """Return the smearing of a file, the highest true energy seen, and where it has kinks.

    Parameters
    ----------
    path : Path
        Of the file, for messages.
    file : ElectronRecoilFile
    table : callable
        Source in the file -> Table.
    lowest : float
        Lowest true energy, keV.
    last : float
        End of the last bin in reconstructed energy, keV.

    Raises
    ------
    InputError
        If a width is not positive, or a table does not reach the last bin.
    """
    if file.reconstruction is not None:
        source = table(file.reconstruction.table)
        smearing, kinks = tabulated(source, file.reconstruction, last)
        where, key = source.path, file.reconstruction.width
    elif file.resolution is not None:
        smearing, kinks = gaussian(file.resolution), np.array([])
        where, key = path, "resolution"
    else:
        return None, last, np.array([])
    _check_width(where, key, smearing, np.array([last]))
    mean, width = (float(value[0]) for value in smearing(np.array([last])))
    reach = last + max(last - mean, 0.0) + WIDTHS_IN_REACH * width
    _check_width(where, key, smearing, np.geomspace(lowest, reach, 200))
    return smearing, reach, kinks


def gaussian(entry: Resolution) -> Smearing:
    """Return a smearing about the true energy, of width sum_k coefficients[k] E^powers[k]."""
    pairs = tuple(zip(entry.coefficients, entry.powers, strict=True))

    def smear(energy: Array) -> tuple[Array, Array]:
        width = np.zeros_like(energy)
        for coefficient, power in pairs:
            width = width + coefficient * energy**power
        return energy, width

    return smear


def tabulated(source: Table, entry: Reconstruction, last: float) -> tuple[Smearing, Array]:
    """Return a smearing whose mean and width are a table's, and the energies of its rows.

    Parameters
    ----------
    source : Table
    entry : Reconstruction
    last : float
        End of the last bin, keV; the table has to reach it.

    Notes
    -----
    Linear between the rows. Below the first row, where next to nothing is accepted, mean and
    width are held: what is seen there was seen because it fluctuated up to the threshold. Above
    the last row the width and the difference of mean and true energy are held.
    """
    energy = source.column("energy_keV", minimum=0.0, ascending=True)
    mean = source.column(entry.mean, minimum=0.0)
    width = source.column(entry.width, minimum=NARROWEST_KEV)
    if mean[-1] < last:
        raise InputError(
            source.path,
            entry.mean,
            found=f"{mean[-1]:g} keV in the last row",
            expected=f"rows up to the end of the last bin, {last:g} keV",
        )

    def smear(true: Array) -> tuple[Array, Array]:
        beyond = np.maximum(true - energy[-1], 0.0)
        return np.interp(true, energy, mean) + beyond, np.interp(true, energy, width)

    return smear, energy


def _check_width(where: Path, key: str, smearing: Smearing, energy: Array) -> None:
    """Refuse a width that is not positive, or wider than all energies."""
    sigma = smearing(energy)[1]
    wrong = (sigma < NARROWEST_KEV) | (sigma > max(float(energy[-1]), 10.0))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise InputError(
            where,
            key,
            found=f"sigma = {sigma[at]:.3g} keV at {energy[at]:.3g} keV",
            expected="a width between 0 and the energies",
        )
