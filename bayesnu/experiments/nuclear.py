"""Read nuclear-recoil experiments: counts, backgrounds and responses in bins of any kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.backgrounds import Background, norm_prior
from bayesnu.experiments.detector import RecoilGrid, recoil_grid
from bayesnu.experiments.format.nuclear_recoil import (
    BinnedBackground,
    NuclearRecoilFile,
    RecoilResponse,
)
from bayesnu.experiments.format.nuclear_values import BinValues
from bayesnu.experiments.format.nuisances import CountsNuisance, Nuisance
from bayesnu.experiments.response import Response, Terms, folded, shape, yield_terms
from bayesnu.files.tables import Table
from bayesnu.types import Array

ReadTable = Callable[[str], Table]


@dataclass(frozen=True, eq=False)
class NuclearData:
    """What an experiment file of this channel holds.

    Attributes
    ----------
    observed : ndarray, shape (bins,)
    standard_model : ndarray, shape (bins,), or None
        Published Standard-Model counts to which the signal is scaled.
    responses : tuple of Response
        To nuclei, and to electrons where the file says so.
    """

    observed: Array
    standard_model: Array | None
    responses: tuple[Response, ...]
    backgrounds: tuple[Background, ...]
    factors: Callable[[str, str, Nuisance], Array]
    """(nuisance, "up" or "down", entry) -> factors on the neutrinos in all bins."""


def read_nuclear(
    path: Path, file: NuclearRecoilFile, table: ReadTable, refine: int = 1
) -> NuclearData:
    """Read the tables that the file names.

    Raises
    ------
    InputError
        If tables do not fit together, or electron recoils are wanted without a response.
    """
    check_electron_recoils(path, file)
    raw = {
        name: _values(path, f"runs.{name}.observed", run.observed, run.exposure_t_yr, table)
        for name, run in file.runs.items()
    }
    grouping = _grouping(path, file, raw, table)
    standard_model = None
    if all(run.standard_model is not None for run in file.runs.values()):
        expected = {
            name: _values(
                path,
                f"runs.{name}.standard_model",
                run.standard_model,
                run.exposure_t_yr,
                table,
                len(raw[name]),
            )
            for name, run in file.runs.items()
            if run.standard_model is not None
        }
        standard_model = grouping @ _stack(expected)
    responses = [_response(path, file, "nuclei", raw, grouping, table, refine)]
    if file.electron_recoils:
        responses.append(_response(path, file, "electrons", raw, grouping, table, refine))
    backgrounds = tuple(
        _background(path, file, name, entry, raw, grouping, table)
        for name, entry in file.backgrounds.items()
        if not entry.omit
    )

    def factors(name: str, end: str, entry: Nuisance) -> Array:
        if len(grouping) < grouping.shape[1]:
            raise InputError(
                path, f"nuisances.{name}", found="factors on bins that are summed", expected="none"
            )
        ones = {run: np.ones(len(counts)) for run, counts in raw.items()}
        changed = _changed(path, f"nuisances.{name}.{end}", file, getattr(entry, end), ones, table)
        return np.asarray(grouping @ _stack(ones | changed))

    observed = grouping @ _stack(raw)
    return NuclearData(observed, standard_model, tuple(responses), backgrounds, factors)


def _changed(
    path: Path,
    key: str,
    file: NuclearRecoilFile,
    given: Mapping[str, BinValues],
    nominal: Mapping[str, Array],
    table: ReadTable,
) -> dict[str, Array]:
    """Return the values of the runs that a nuisance changes."""
    return {
        run: _values(
            path, f"{key}.{run}", entry, file.runs[run].exposure_t_yr, table, len(nominal[run])
        )
        for run, entry in given.items()
    }


def check_electron_recoils(path: Path, file: NuclearRecoilFile) -> None:
    """Refuse electron recoils where a run has no response to them.

    Raises
    ------
    InputError
        With the reason that the file gives.
    """
    missing = [name for name, run in file.runs.items() if run.electron_response is None]
    if file.electron_recoils and missing:
        reason = file.electron_recoils_missing
        raise InputError(
            path,
            "electron_recoils",
            found=f"true without an electron_response in {', '.join(missing)}"
            + (f" ({reason})" if reason else ""),
            expected="false, or an electron_response in every run",
        )


def _values(
    path: Path,
    key: str,
    entry: BinValues,
    exposure: float,
    table: ReadTable,
    length: int | None = None,
) -> Array:
    """Return the values of every bin of a run."""
    source = table(entry.table)
    if entry.column is not None:
        values = source.column(entry.column, minimum=0.0)
    else:
        rows = source.text_column(source.names[0])
        if entry.row not in rows:
            raise InputError(path, f"{key}.row", found=entry.row, expected=", ".join(rows))
        names = _bin_columns(source, entry.columns)
        row = rows.index(entry.row)
        values = np.array([source.column(name, minimum=0.0)[row] for name in names])
    if length is not None and len(values) != length:
        raise InputError(
            path, key, found=f"{len(values)} bins", expected=f"{length} bins, as observed"
        )
    return values * exposure if entry.per_t_yr else values


def _bin_columns(source: Table, prefix: str) -> list[str]:
    names = [name for name in source.names if name.startswith(prefix)]
    if not names:
        raise InputError(
            source.path,
            "columns",
            found=", ".join(source.names)[:80],
            expected=f"columns that start with {prefix!r}",
        )
    return names


def _stack(by_run: dict[str, Array]) -> Array:
    return np.concatenate(list(by_run.values()))


def _grouping(
    path: Path, file: NuclearRecoilFile, raw: dict[str, Array], table: ReadTable
) -> Array:
    """Return the matrix that sums bins of the tables into bins of the experiment."""
    labels: list[tuple[str, float]] = []
    for name, run in file.runs.items():
        groups = np.arange(len(raw[name]), dtype=float)
        if file.group_by is not None:
            groups = table(run.observed.table).column(file.group_by)
        labels += [("" if file.merge_runs else name, float(group)) for group in groups]
    bins = list(dict.fromkeys(labels))
    if file.merge_runs and len(bins) * len(file.runs) > len(labels):
        raise InputError(
            path, "merge_runs", found="runs with different bins", expected="the same bins"
        )
    matrix = np.zeros((len(bins), len(labels)))
    matrix[[bins.index(label) for label in labels], np.arange(len(labels))] = 1.0
    return matrix


def _response(
    path: Path,
    file: NuclearRecoilFile,
    target: Literal["nuclei", "electrons"],
    raw: dict[str, Array],
    grouping: Array,
    table: ReadTable,
    refine: int,
) -> Response:
    """Fold the runs' tables with exposure and quadrature weights on one recoil grid."""
    entries: dict[str, RecoilResponse] = {}
    for name, run in file.runs.items():
        entry = run.response if target == "nuclei" else run.electron_response
        assert entry is not None
        entries[name] = entry
    knots = np.unique(
        np.concatenate(
            [table(e.table).column(e.energy, minimum=0.0, ascending=True) for e in entries.values()]
        )
    )
    grid = recoil_grid(max(knots[0], 1e-3), knots[-1], knots, refine=refine)

    def tables(choose: Callable[[RecoilResponse], str]) -> tuple[_RunTable, ...]:
        return tuple(
            _run_table(table(choose(entry)), entry, len(raw[name]), file.runs[name].exposure_t_yr)
            for name, entry in entries.items()
        )

    variations: dict[str, tuple[tuple[_RunTable, ...], tuple[_RunTable, ...]]] = {}
    if file.yield_nuisances:
        for nuisance in dict.fromkeys(name for entry in entries.values() for name in entry.up):
            variations[nuisance] = (
                tables(lambda entry, n=nuisance: entry.up.get(n, entry.table)),  # type: ignore[misc]
                tables(lambda entry, n=nuisance: entry.down.get(n, entry.table)),  # type: ignore[misc]
            )
    return folded(target, grid, _Fold(grouping, tables(lambda entry: entry.table), variations))


@dataclass(frozen=True, eq=False)
class _RunTable:
    """P(bin | energy) of a run, columns of shape (bins, rows); zero outside the table."""

    energy: Array
    columns: Array
    exposure: float

    def on(self, grid: RecoilGrid) -> Array:
        """Return it on a grid times the exposure, shape (bins, nodes)."""
        rows = [np.interp(grid.energy, self.energy, c, left=0.0, right=0.0) for c in self.columns]
        return self.exposure * np.array(rows)


@dataclass(frozen=True, eq=False)
class _Fold:
    """The runs' tables with quadrature weights, on any grid."""

    grouping: Array
    nominal: tuple[_RunTable, ...]
    variations: dict[str, tuple[tuple[_RunTable, ...], tuple[_RunTable, ...]]]

    def __call__(self, grid: RecoilGrid) -> Terms:
        varied = {
            name: (self._stacked(up, grid), self._stacked(down, grid))
            for name, (up, down) in self.variations.items()
        }
        return yield_terms(self._stacked(self.nominal, grid), varied)

    def _stacked(self, runs: tuple[_RunTable, ...], grid: RecoilGrid) -> Array:
        stacked = np.concatenate([run.on(grid) for run in runs])
        return np.asarray(self.grouping @ stacked * grid.weight)


def _run_table(source: Table, entry: RecoilResponse, bins: int, exposure: float) -> _RunTable:
    """Read P(bin | energy) of a run."""
    names = _bin_columns(source, entry.columns)
    if len(names) != bins:
        raise InputError(
            source.path,
            "columns",
            found=f"{len(names)} columns that start with {entry.columns!r}",
            expected=f"{bins}, one for every observed bin",
        )
    energy = source.column(entry.energy, minimum=0.0, ascending=True)
    columns = [source.column(name, minimum=0.0, maximum=1.0) for name in names]
    return _RunTable(energy, np.array(columns), exposure)


def _background(
    path: Path,
    file: NuclearRecoilFile,
    name: str,
    entry: BinnedBackground,
    raw: dict[str, Array],
    grouping: Array,
    table: ReadTable,
) -> Background:
    key = f"backgrounds.{name}"
    parts = {
        run: _values(
            path,
            f"{key}.counts.{run}",
            entry.counts[run],
            file.runs[run].exposure_t_yr,
            table,
            len(raw[run]),
        )
        if run in entry.counts
        else np.zeros(len(raw[run]))
        for run in file.runs
    }
    counts = grouping @ _stack(parts)

    def at(nuisance: str, end: str, changed: CountsNuisance) -> Array:
        where = f"nuisances.{nuisance}.{end}"
        new = _changed(path, where, file, getattr(changed, end), parts, table)
        if changed.ratio:
            new = {run: parts[run] * factors for run, factors in new.items()}
        return np.asarray(grouping @ _stack(parts | new))

    templates = tuple(
        shape(
            nuisance,
            at(nuisance, "up", changed),
            at(nuisance, "down", changed),
            multiply=changed.combine == "multiply",
        )
        for nuisance, changed in file.templates(name).items()
    )
    prior = norm_prior(path, key, entry.prior, float(counts.sum()))
    trust = table(next(iter(entry.counts.values())).table).trust
    label = entry.label or name
    return Background(name, label, {(): counts}, None, prior, entry.shared, (), trust, templates)
