"""Read nuclear-recoil experiments: counts, backgrounds and responses in bins of any kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.arrival import arrival_shares
from bayesnu.experiments.backgrounds import Background, norm_prior
from bayesnu.experiments.detector import RecoilGrid, recoil_grid
from bayesnu.experiments.format.nuclear_recoil import (
    BinnedBackground,
    NuclearRecoilFile,
    RecoilResponse,
    Run,
)
from bayesnu.experiments.response import Response, Terms, folded, yield_terms
from bayesnu.experiments.run_bins import ReadTable, RunBins, bin_columns
from bayesnu.files.tables import Table
from bayesnu.physics.cross_sections.kinematics import maximum_recoil
from bayesnu.physics.source import Source
from bayesnu.physics.targets.atom import edges
from bayesnu.physics.targets.material import material
from bayesnu.physics.targets.target import scatterers
from bayesnu.types import Array


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
    arrival : dict of str to ndarray, shape (bins,)
        By component of the source, see `bayesnu.experiments.arrival`.
    """

    observed: Array
    standard_model: Array | None
    responses: tuple[Response, ...]
    backgrounds: tuple[Background, ...]
    arrival: dict[str, Array]


def read_nuclear(
    path: Path,
    file: NuclearRecoilFile,
    source: Source,
    table: ReadTable,
    refine: int = 1,
) -> NuclearData:
    """Read the tables that the file names.

    Parameters
    ----------
    source : Source
        Whose lines the recoil grids resolve.

    Raises
    ------
    InputError
        If tables do not fit together, or electron recoils are wanted without a response.
    """
    check_electron_recoils(path, file)
    bins = RunBins(path, file, table)
    published = {n: run.standard_model for n, run in file.runs.items() if run.standard_model}
    standard_model = None
    if len(published) == len(file.runs):
        standard_model = bins.summed("runs.RUN.standard_model", published)
    responses = [_response(bins, "nuclei", source, standard_model, refine)]
    if file.electron_recoils:
        responses.append(_response(bins, "electrons", source, standard_model, refine))
    backgrounds = tuple(
        _background(bins, name, entry) for name, entry in file.backgrounds.items() if not entry.omit
    )
    arrival = arrival_shares(path, file, source.flux, table)
    observed = bins.grouping @ np.concatenate(list(bins.observed.values()))
    return NuclearData(observed, standard_model, tuple(responses), backgrounds, arrival)


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


def _response(
    bins: RunBins,
    target: Literal["nuclei", "electrons"],
    source: Source,
    standard_model: Array | None,
    refine: int,
) -> Response:
    """Fold the runs' tables with exposure and quadrature weights on one recoil grid."""
    file, table, raw = bins.file, bins.table, bins.observed
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
    made_of = material(file.target)
    masses = [one.mass for one in scatterers(target, knots, file.neutrinos, made_of)]
    steps = [float(maximum_recoil(energy, m)) for energy in source.breaks for m in masses]
    if target == "electrons":
        steps += [float(edge) for element, _ in made_of.atoms for edge in edges(element.symbol)]
    grid = recoil_grid(max(knots[0], 1e-3), knots[-1], [*knots, *steps], refine=refine)

    def tables(choose: Callable[[RecoilResponse], str]) -> tuple[_RunTable, ...]:
        return tuple(
            _run_table(table(choose(entry)), entry, len(raw[name]), file.runs[name], table)
            for name, entry in entries.items()
        )

    variations: dict[str, tuple[tuple[_RunTable, ...], tuple[_RunTable, ...]]] = {}
    if file.yield_nuisances:
        for nuisance in dict.fromkeys(name for entry in entries.values() for name in entry.up):
            variations[nuisance] = (
                tables(lambda entry, n=nuisance: entry.up.get(n, entry.table)),  # type: ignore[misc]
                tables(lambda entry, n=nuisance: entry.down.get(n, entry.table)),  # type: ignore[misc]
            )
    nominal = tables(lambda entry: entry.table)
    ratios = {} if standard_model is None else _ratios(bins, standard_model)
    return folded(target, grid, _Fold(bins.grouping, nominal, variations, ratios))


def _ratios(bins: RunBins, standard_model: Array) -> dict[str, tuple[Array, Array]]:
    """Return the published counts at plus and minus one sigma over those at the expectation."""
    runs = bins.file.runs
    safe = np.where(standard_model > 0.0, standard_model, 1.0)

    def ratio(which: str, nuisance: str) -> Array:
        key = f"standard_model_{which}"
        entries = {
            name: getattr(run, key).get(nuisance, run.standard_model) for name, run in runs.items()
        }
        varied = bins.summed(f"runs.RUN.{key}.{nuisance}", entries)
        return np.where(standard_model > 0.0, varied / safe, 1.0)

    names = dict.fromkeys(name for run in runs.values() for name in run.standard_model_up)
    return {name: (ratio("up", name), ratio("down", name)) for name in names}


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
    ratios: dict[str, tuple[Array, Array]]

    def __call__(self, grid: RecoilGrid) -> Terms:
        nominal = self._stacked(self.nominal, grid)
        varied = {
            name: (self._stacked(up, grid), self._stacked(down, grid))
            for name, (up, down) in self.variations.items()
        }
        varied |= {
            name: (up[:, None] * nominal, down[:, None] * nominal)
            for name, (up, down) in self.ratios.items()
        }
        return yield_terms(nominal, varied)

    def _stacked(self, runs: tuple[_RunTable, ...], grid: RecoilGrid) -> Array:
        stacked = np.concatenate([run.on(grid) for run in runs])
        return np.asarray(self.grouping @ stacked * grid.weight)


def _run_table(
    source: Table, entry: RecoilResponse, bins: int, run: Run, table: ReadTable
) -> _RunTable:
    """Read P(bin | energy) of a run."""
    names = bin_columns(source, entry.columns)
    if entry.bins is not None:
        observed = table(run.observed.table)
        which = observed.column(entry.bins, minimum=0.0, maximum=len(names) - 1.0)
        names = [names[int(column)] for column in which]
    if len(names) != bins:
        raise InputError(
            source.path,
            "columns",
            found=f"{len(names)} columns that start with {entry.columns!r}",
            expected=f"{bins}, one for every observed bin",
        )
    energy = source.column(entry.energy, minimum=0.0, ascending=True)
    columns = [source.column(name, minimum=0.0, maximum=1.0) for name in names]
    return _RunTable(energy, np.array(columns), run.exposure_t_yr)


def _background(bins: RunBins, name: str, entry: BinnedBackground) -> Background:
    key = f"backgrounds.{name}"
    counts = bins.summed(f"{key}.counts.RUN", entry.counts)
    varied = {
        nuisance: (
            bins.summed(f"{key}.up.{nuisance}.RUN", entry.up[nuisance]),
            bins.summed(f"{key}.down.{nuisance}.RUN", entry.down[nuisance]),
        )
        for nuisance in entry.up
    }
    prior = norm_prior(bins.path, key, entry.prior, float(counts.sum()))
    trust = bins.table(next(iter(entry.counts.values())).table).trust
    terms = yield_terms(counts, varied)
    return Background(name, entry.label or name, terms, None, prior, entry.shared, (), trust)
