"""Write the results of a saved run as tables for others: CSV, LaTeX, HEPData, JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from bayesnu.errors import InputError
from bayesnu.files.json_text import plain_json
from bayesnu.files.whole import write_text
from bayesnu.output.tables.csv import write_csv
from bayesnu.output.tables.exported import curve_of
from bayesnu.output.tables.hepdata import write_hepdata
from bayesnu.output.tables.latex import write_latex
from bayesnu.results.record import Curve
from bayesnu.saved.runs import SavedRun

if TYPE_CHECKING:
    from bayesnu.analyses.limit import LimitRun

Format = Literal["csv", "latex", "hepdata", "json"]


def export_run(run: SavedRun | LimitRun, kind: str, folder: str | Path) -> list[Path]:
    """Write the results of a limit or a saved run in one format.

    Parameters
    ----------
    run : SavedRun or LimitRun
        Of `read_run` or `limit_run`.
    kind : {"csv", "latex", "hepdata", "json"}
    folder : str or Path

    Returns
    -------
    list of Path
        What has been written.

    Raises
    ------
    InputError
        If the format is unknown, or the run holds nothing to export.
    """
    from bayesnu.saved.of_run import saved_run

    folder = Path(folder)
    if kind not in get_args(Format):
        raise InputError(
            "--format", "format", found=repr(kind), expected=" | ".join(get_args(Format))
        )
    run = saved_run(run)
    scans = run.profiles or run.contours or run.exclusions or run.sensitivities
    if not (scans or any(fit.limit is not None for fit in run.fits)):
        raise InputError(
            run.path, "results", found="no limits and no scans", expected="a limit or a run"
        )
    if kind == "csv":
        return write_csv(run, folder)
    if kind == "latex":
        return write_latex(run, folder)
    if kind == "hepdata":
        return write_hepdata(run, folder)
    return [write_text(folder / "results.json", plain_json(to_dict(run)))]


def to_dict(run: SavedRun) -> dict[str, object]:
    """Return all results of a run as plain values."""
    return {
        "title": run.title,
        "run": None if run.info is None else run.info.to_dict(),
        "limits": [fit.limit.to_dict() for fit in run.fits if fit.limit is not None],
        "curves": [
            {"experiments": list(fit.experiments), "signal": fit.signal, **vars_of(curve)}
            for fit in run.fits
            if (curve := curve_of(fit)) is not None
        ],
        "profiles": [curve.to_dict() for curves in run.profiles.values() for curve in curves],
        "contours": [region.to_dict() for found in run.contours.values() for region in found],
        "exclusions": [plane.to_dict() for plane in run.exclusions.values()],
        "sensitivities": [found.to_dict() for found in run.sensitivities.values()],
    }


def vars_of(curve: Curve) -> dict[str, object]:
    """Return a curve as plain values."""
    return {
        "parameter": curve.parameter,
        "unit": curve.unit,
        "values": list(curve.x),
        "delta_chi2": list(curve.y),
    }
