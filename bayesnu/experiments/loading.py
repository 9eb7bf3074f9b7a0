"""From ``models/*.toml`` to an `Experiment`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from bayesnu.experiments.beam_limit import read_effective_moment
from bayesnu.experiments.electron import read_electron
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.format.effective_moment import EffectiveMomentFile
from bayesnu.experiments.format.electron_recoil import EnergyFile
from bayesnu.experiments.format.nuclear_recoil import NuclearRecoilFile
from bayesnu.experiments.model_files import find, key_of, locate_table, read_entries, validate
from bayesnu.experiments.nuclear import read_nuclear
from bayesnu.experiments.observed import check_number, check_whole
from bayesnu.experiments.projection import project
from bayesnu.experiments.templates import (
    factors_by_energy,
    with_nuisances_of_source,
)
from bayesnu.files.tables import Table, read_table


def load(
    name: str | Path,
    *,
    refine_grid: int = 1,
    allow_outside: bool = False,
    exposure: float | None = None,
    scale: Mapping[str, float] | None = None,
) -> Experiment:
    """Load an experiment by name, or from a file anywhere on disk.

    Parameters
    ----------
    name : str or Path
        A name that `available` lists (``xenonnt-2022-er``, ``xenonnt-2022-er@khan-2022``) or
        the path of a TOML file.
    refine_grid : int
        Factor on the density of the recoil grid, to test convergence.
    allow_outside : bool
        Whether tables, and a file it extends, may stand outside the file's folder and the
        packaged ones.
    exposure : float, optional
        Another exposure, t yr; the experiment then has no data. See `project`.
    scale : mapping, optional
        Factors on backgrounds by name; the experiment then has no data.

    Returns
    -------
    Experiment

    Raises
    ------
    InputError
        One sentence: file, key, what was found, what is expected.
    """
    path = find(name)
    entries = repr(read_entries(path, allow_outside=allow_outside))
    found = _load(path, entries, refine_grid, allow_outside)
    if any(read_table(table.path) is not table for table in found.tables):
        # A table was edited since it was read.
        _load.cache_clear()
        found = _load(path, entries, refine_grid, allow_outside)
    if exposure is not None or scale:
        return project(found, exposure, scale)
    return found


@lru_cache(maxsize=32)
def _load(path: Path, _entries: str, refine_grid: int, allow_outside: bool) -> Experiment:
    entries = read_entries(path, allow_outside=allow_outside)
    file = validate(path, entries)
    tables: list[Table] = []

    def table(source: str) -> Table:
        key = key_of(entries, source)
        found = read_table(locate_table(path, source, key, allow_outside=allow_outside))
        tables.append(found)
        return found

    flux_tables = {name: table(name) for name in file.source.tables()}
    source = file.source.arriving(file.neutrinos, flux_tables)
    if isinstance(file, NuclearRecoilFile):
        data = read_nuclear(path, file, source, table, refine_grid)
        check_number(path, data.observed)
        check_whole(path, data.observed)
        experiment = Experiment(
            name=path.stem,
            path=path,
            file=file,
            edges=np.arange(len(data.observed) + 1.0),
            observed=data.observed,
            sigma=None,
            responses=data.responses,
            backgrounds=data.backgrounds,
            tables=tuple(tables),
            standard_model=data.standard_model,
            flux_tables=flux_tables,
            arrival=data.arrival,
        )
        return with_nuisances_of_source(experiment, data.factors)
    if isinstance(file, EffectiveMomentFile):
        return read_effective_moment(path, file, flux_tables)
    assert isinstance(file, EnergyFile)
    found = read_electron(path, file, source, table, refine_grid)
    off = None if found.source_off is None else found.source_off.observed
    for counts in (found.observed, off):
        if counts is not None:
            check_number(path, counts)
        if counts is not None and found.sigma is None:
            check_whole(path, counts)
    experiment = Experiment(
        name=path.stem,
        path=path,
        file=file,
        edges=found.edges,
        observed=found.observed,
        sigma=found.sigma,
        responses=found.responses,
        backgrounds=found.backgrounds,
        tables=tuple(tables),
        flux_tables=flux_tables,
        source_off=found.source_off,
    )
    factors = factors_by_energy(experiment, table)
    return replace(with_nuisances_of_source(experiment, factors), tables=tuple(tables))
