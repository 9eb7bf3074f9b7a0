"""Write the results of a saved run as tables for others."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bayesnu.errors import InputError
from bayesnu.output.tables.formats import FORMATS
from bayesnu.output.tables.listing import tables_of
from bayesnu.saved.runs import SavedRun, saved_run

if TYPE_CHECKING:
    from bayesnu.analyses.limit import LimitRun


def export_run(run: SavedRun | LimitRun, kind: str, folder: str | Path) -> list[Path]:
    """Write the results of a limit or a saved run in one format.

    Parameters
    ----------
    kind : str
        One of `bayesnu.output.tables.formats.FORMATS`: csv, latex, hepdata, json.

    Raises
    ------
    InputError
        If the format is unknown, or the run holds nothing to export.
    """
    if kind not in FORMATS:
        raise InputError("--format", "format", found=repr(kind), expected=" | ".join(FORMATS))
    run, folder = saved_run(run), Path(folder)
    tables = list(tables_of(run))
    if not tables:
        raise InputError(
            run.path, "results", found="no limits and no scans", expected="a limit or a run"
        )
    printer = importlib.import_module(FORMATS[kind])
    return cast(list[Path], printer.write(run, tables, folder))
