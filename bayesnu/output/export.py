"""Write the results of a saved run as tables for others: CSV, LaTeX, HEPData, JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from bayesnu.errors import InputError
from bayesnu.output.files import write_text
from bayesnu.output.json_text import plain_json
from bayesnu.output.names import file_name
from bayesnu.record import Curve
from bayesnu.results import Limit
from bayesnu.saved_runs import SavedFit, SavedRun

Array = NDArray[np.float64]
Format = Literal["csv", "latex", "hepdata", "json"]

DENSITY_BINS = 60


@dataclass(frozen=True)
class Density:
    """A histogram of draws, normalised to one.

    Attributes
    ----------
    edges : ndarray, shape (bins + 1,)
    height : ndarray, shape (bins,)
        Per unit of the parameter.
    """

    edges: Array
    height: Array


def export_run(run: SavedRun, kind: str, folder: Path) -> list[Path]:
    """Write the results of a run in one format.

    Parameters
    ----------
    run : SavedRun
    kind : {"csv", "latex", "hepdata", "json"}
    folder : Path

    Returns
    -------
    list of Path
        What has been written.

    Raises
    ------
    InputError
        If the format is unknown, or the run holds nothing to export.
    """
    if kind not in get_args(Format):
        raise InputError(
            "--format", "format", found=repr(kind), expected=" | ".join(get_args(Format))
        )
    scans = run.profiles or run.contours or run.exclusions or run.sensitivities
    if not (scans or any(fit.limit is not None for fit in run.fits)):
        raise InputError(
            run.path, "results", found="no limits and no scans", expected="a limit or a run"
        )
    if kind == "csv":
        from bayesnu.output.csv_tables import write_csv

        return write_csv(run, folder)
    if kind == "latex":
        from bayesnu.output.latex import write_latex

        return write_latex(run, folder)
    if kind == "hepdata":
        from bayesnu.output.hepdata import write_hepdata

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


def curve_of(fit: SavedFit) -> Curve | None:
    """Return the Delta chi2 curve of a limit."""
    return fit.record.curve if fit.record is not None else None


def density_of(fit: SavedFit) -> Density | None:
    """Return the histogram of the draws of the parameter of interest, None without a posterior."""
    draws = fit.draws()
    if draws is None:
        return None
    height, edges = np.histogram(draws, bins=DENSITY_BINS, density=True)
    return Density(edges, height)


def limits_of(run: SavedRun) -> list[tuple[SavedFit, Limit]]:
    """Return the fits that have a limit, with it."""
    return [(fit, fit.limit) for fit in run.fits if fit.limit is not None]


def stem_of(fit: SavedFit) -> str:
    """Return a name for the files of a fit."""
    return file_name(fit.name.partition("-")[2] or fit.parameter)
