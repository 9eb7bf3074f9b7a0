"""Efficiency curves: the probability that a recoil is detected and selected."""

from __future__ import annotations

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.format.electron_recoil import Efficiency
from bayesnu.files.entry import TableColumn
from bayesnu.files.tables import Table
from bayesnu.types import Array

Curve = tuple[Array, Array]
"""Energy, keV, and efficiency: linear between the points, zero below the first one."""


def read_efficiency(table: Table, entry: Efficiency, column: TableColumn | None = None) -> Curve:
    """Return energies and efficiencies; refuses values outside [0, 1].

    Parameters
    ----------
    column : TableColumn, optional
        Another curve, which is scaled, shifted and held like the entry's own.
    """
    name = entry.column if column is None else column.column
    axis = "energy_keV" if column is None else column.energy
    energy = table.column(axis, minimum=0.0, ascending=True) + entry.shift_keV
    efficiency = table.column(name, minimum=0.0, maximum=1.0) * entry.scale
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
