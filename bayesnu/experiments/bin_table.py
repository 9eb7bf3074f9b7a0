"""P(seen in a bin | true energy) in rows: what a simulation, or a calibration, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.format.electron_recoil import TabulatedResponse
from bayesnu.files.tables import Table
from bayesnu.types import Array

NOTHING = 1e-6
"""Recoils that are seen with less than this chance, in all bins together, are not."""

PRINTED = 1e-4
"""By so much the chances of a row may be above one in sum: a table has a few digits."""


@dataclass(frozen=True, eq=False)
class BinTable:
    """Chances by bin, columns of shape (bins, rows); linear between rows and zero outside."""

    energy: Array
    columns: Array

    def __call__(self, energy: Array) -> Array:
        """Return the chances at true energies, shape (bins, energies)."""
        rows = [np.interp(energy, self.energy, c, left=0.0, right=0.0) for c in self.columns]
        return np.array(rows)


def read_bin_table(source: Table, energy: str, names: Sequence[str]) -> BinTable:
    """Return the chances of a table's columns."""
    return BinTable(
        source.column(energy, minimum=0.0, ascending=True),
        np.array([source.column(name, minimum=0.0, maximum=1.0) for name in names]),
    )


def bin_columns(source: Table, prefix: str) -> list[str]:
    """Return the columns whose names start with a prefix."""
    names = [name for name in source.names if name.startswith(prefix)]
    if not names:
        raise InputError(
            source.path,
            "columns",
            found=", ".join(source.names)[:80],
            expected=f"columns that start with {prefix!r}",
        )
    return names


def check_columns(path: Path, prefix: str, found: int, bins: str, expected: int) -> None:
    """Refuse a table that has not one column for every bin."""
    if found != expected:
        raise InputError(
            path,
            "columns",
            found=f"{found} columns that start with {prefix!r}",
            expected=f"{expected}, one for every {bins}",
        )


def read_response(source: Table, entry: TabulatedResponse, bins: int, lowest: float) -> BinTable:
    """Return the response of an experiment with bins in reconstructed energy.

    Parameters
    ----------
    lowest : float
        Recoils of less energy are not seen, keV, whatever the table says.

    Raises
    ------
    InputError
        If a column, a row or a chance is wrong, or the table ends where something is seen.
    """
    names = bin_columns(source, entry.columns)
    check_columns(source.path, entry.columns, len(names), "bin", bins)
    table = read_bin_table(source, entry.energy, names)
    total = table.columns.sum(axis=0)
    if total.max() > 1.0 + PRINTED:
        row = int(np.argmax(total))
        raise _refuse(source, row, f"{total[row]:.6g} in sum", "probabilities of at most 1 in all")
    if not (total[table.energy > lowest] > NOTHING).any():
        raise InputError(
            source.path,
            entry.columns,
            found=f"nothing seen above {lowest:g} keV",
            expected="probabilities above zero",
        )
    # Nothing is held beyond: a recoil of any energy would be seen in the last bin.
    for row, outside in ((0, "below"), (-1, "above")):
        if total[row] > NOTHING and not (row == 0 and table.energy[0] <= lowest):
            raise _refuse(
                source,
                row % len(total),
                f"{total[row]:.3g} in sum at {table.energy[row]:g} keV",
                f"zeros, for {outside} it nothing is seen",
            )
    return table


def _refuse(source: Table, row: int, found: str, expected: str) -> InputError:
    return InputError(source.path, f"row {row + 1}", found=found, expected=expected)
