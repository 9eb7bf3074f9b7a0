"""The bins of an experiment's runs: values of tables for each, and how they are grouped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.bin_table import bin_columns
from bayesnu.experiments.format.nuclear_recoil import NuclearRecoilFile
from bayesnu.experiments.format.nuclear_values import BinValues
from bayesnu.files.tables import Table
from bayesnu.types import Array

ReadTable = Callable[[str], Table]


@dataclass(frozen=True, eq=False)
class RunBins:
    """The bins of all runs of a file, to read values in them."""

    path: Path
    file: NuclearRecoilFile
    table: ReadTable

    @cached_property
    def observed(self) -> dict[str, Array]:
        """Counts of each run, in its own bins."""
        return {
            name: self._values(f"runs.{name}.observed", run.observed, name, None)
            for name, run in self.file.runs.items()
        }

    def values(self, key: str, entries: Mapping[str, BinValues]) -> dict[str, Array]:
        """Return the values of runs in their own bins.

        Parameters
        ----------
        key : str
            Where they stand in the file, with RUN for the name of a run.
        """
        return {
            name: self._values(key.replace("RUN", name), entry, name, len(self.observed[name]))
            for name, entry in entries.items()
        }

    def summed(self, values: Mapping[str, Array]) -> Array:
        """Return values of runs in the bins of the experiment; runs without any have zeros."""
        every = [values.get(name, np.zeros(len(own))) for name, own in self.observed.items()]
        return np.asarray(self.grouping @ np.concatenate(every))

    @property
    def grouped(self) -> bool:
        """Whether bins of the tables are summed."""
        rows, columns = self.grouping.shape
        return bool(rows < columns)

    @cached_property
    def grouping(self) -> Array:
        """The matrix that sums bins of the tables into bins of the experiment."""
        labels: list[tuple[str, float]] = []
        for name, run in self.file.runs.items():
            groups = np.arange(len(self.observed[name]), dtype=float)
            if self.file.group_by is not None:
                groups = self.table(run.observed.table).column(self.file.group_by)
            labels += [("" if self.file.merge_runs else name, float(group)) for group in groups]
        bins = list(dict.fromkeys(labels))
        if self.file.merge_runs and len(bins) * len(self.file.runs) > len(labels):
            raise InputError(
                self.path, "merge_runs", found="runs with different bins", expected="the same bins"
            )
        matrix = np.zeros((len(bins), len(labels)))
        matrix[[bins.index(label) for label in labels], np.arange(len(labels))] = 1.0
        return matrix

    def _values(self, key: str, entry: BinValues, run: str, length: int | None) -> Array:
        """Return the values of every bin of a run."""
        source = self.table(entry.table)
        if entry.column is not None:
            values = source.column(entry.column, minimum=0.0)
        else:
            rows = source.text_column(source.names[0])
            if entry.row not in rows:
                raise InputError(self.path, f"{key}.row", found=entry.row, expected=", ".join(rows))
            names = bin_columns(source, entry.columns)
            row = rows.index(entry.row)
            values = np.array([source.column(name, minimum=0.0)[row] for name in names])
        if length is not None and len(values) != length:
            raise InputError(
                self.path, key, found=f"{len(values)} bins", expected=f"{length} bins, as observed"
            )
        return values * self.file.runs[run].exposure_t_yr if entry.per_t_yr else values
