"""How reconstructed energies spread about the true one: a Gaussian, by formula or by table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.format.electron_recoil import EnergyFile, Reconstruction
from bayesnu.files.tables import Table
from bayesnu.types import Array

Smearing = Callable[[Array], tuple[Array, Array]]
"""True energy -> mean and width of the reconstructed one, all in keV."""

WIDTHS_IN_REACH = 6.0
"""True energies further from the last bin than this many widths are not seen in it."""

NARROWEST_KEV = 1e-6
"""Widths below are refused: no detector has them, and zero divides."""


def read_smearing(
    path: Path, file: EnergyFile, table: Callable[[str], Table], lowest: float, last: float
) -> tuple[Smearing | None, float, Array]:
    """Return the smearing of a file, the highest true energy seen, and where it has kinks.

    Parameters
    ----------
    path : Path
        Of the file, for messages.
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
    smearing: Smearing
    kinks = np.array([])
    where, key = path, "resolution"
    if file.reconstruction is not None:
        source = table(file.reconstruction.table)
        smearing = found = _read_table(source, file.reconstruction, last)
        where, key, kinks = source.path, file.reconstruction.width, found.energy
    elif file.resolution is not None:
        smearing = Gaussian(
            file.resolution.coefficients, file.resolution.powers, file.resolution.in_quadrature
        )
    else:
        return None, last, kinks
    _check_width(where, key, smearing, np.array([last]))
    mean, width = (float(value[0]) for value in smearing(np.array([last])))
    reach = last + max(last - mean, 0.0) + WIDTHS_IN_REACH * width
    _check_width(where, key, smearing, np.geomspace(lowest, reach, 200))
    return smearing, reach, kinks


@dataclass(frozen=True)
class Gaussian:
    """About the true energy, of width sum_k coefficients[k] E^powers[k], or a sum of squares."""

    coefficients: tuple[float, ...]
    powers: tuple[float, ...]
    in_quadrature: bool = False

    def __call__(self, energy: Array) -> tuple[Array, Array]:
        """Return mean and width at true energies."""
        width = np.zeros_like(energy)
        for coefficient, power in zip(self.coefficients, self.powers, strict=True):
            part = coefficient * energy**power
            width = width + (part**2 if self.in_quadrature else part)
        return energy, np.sqrt(width) if self.in_quadrature else width


@dataclass(frozen=True)
class Moved:
    """Another smearing, of which all that is reconstructed is scaled, then shifted, and widened."""

    smearing: Smearing
    scale: float = 1.0
    shift: float = 0.0
    widen: float = 1.0

    def __call__(self, energy: Array) -> tuple[Array, Array]:
        """Return mean and width at true energies."""
        mean, width = self.smearing(energy)
        return mean * self.scale + self.shift, width * self.scale * self.widen


@dataclass(frozen=True, eq=False)
class Tabulated:
    """Mean and width by true energy, in rows.

    Linear between the rows. Below the first row, where next to nothing is accepted, mean and
    width are held: what is seen there was seen because it fluctuated up to the threshold. Above
    the last row the width and the difference of mean and true energy are held.
    """

    energy: Array
    mean: Array
    width: Array

    def __call__(self, energy: Array) -> tuple[Array, Array]:
        """Return mean and width at true energies."""
        beyond = np.maximum(energy - self.energy[-1], 0.0)
        mean = np.interp(energy, self.energy, self.mean) + beyond
        return mean, np.interp(energy, self.energy, self.width)


def _read_table(source: Table, entry: Reconstruction, last: float) -> Tabulated:
    """Return the smearing of a table, which has to reach the end of the last bin, keV."""
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
    return Tabulated(energy, mean, width)


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
