"""The files of a limit: numbers, record, posterior, pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bayesnu.files.json_text import plain_json
from bayesnu.files.whole import check_writable, write_text
from bayesnu.output.earlier import clear_earlier
from bayesnu.output.names import file_name
from bayesnu.results.draws import Columns
from bayesnu.results.record import RECORD, Record
from bayesnu.saved.belonging import digests_of

if TYPE_CHECKING:
    import xarray as xr

    from bayesnu.analyses.limit import LimitRun
    from bayesnu.saved.runs import SavedRun


def write_limit(record: Record, posterior: xr.DataTree | None, folder: Path) -> list[Path]:
    """Write posterior.nc, record.json and limit.json, which names both by their digests.

    The posterior comes first: where it has no space, an earlier limit stays as it was. What that
    left in the folder goes: its posterior, pictures, report and exports.
    """
    from bayesnu.inference.storage import write_posterior

    drawn = [] if posterior is None else [write_posterior(posterior, folder / "posterior.nc")]
    if (folder / "limit.json").is_file():
        clear_earlier(folder)
        if posterior is None:
            (folder / "posterior.nc").unlink(missing_ok=True)
    beside = [write_text(folder / RECORD, plain_json(record.to_dict())), *drawn]
    numbers = {"results": [record.limit.to_dict()], "files": digests_of(beside)}
    return [write_text(folder / "limit.json", plain_json(numbers)), *beside]


def save_run(
    run: LimitRun, folder: str | Path, *, command: str = "", asimov: bool = False
) -> SavedRun:
    """Save a limit into a folder, as `bayesnu limit --out` does, and return it as it was saved.

    Parameters
    ----------
    folder : str or Path
        Gets limit.json, record.json and, with draws, posterior.nc; `read_run`, `bayesnu report`,
        `plot` and `export` read it.
    command : str
        What made it, to be printed in reports.
    asimov : bool
        Whether the data are expected counts.
    """
    from bayesnu.analyses.record import record_of
    from bayesnu.saved.runs import read_run

    folder = Path(folder)
    check_writable(folder)
    write_limit(record_of(run, command=command, asimov=asimov), run.posterior, folder)
    return read_run(folder)


def draw_limit_files(record: Record, columns: Columns, folder: Path) -> list[Path]:
    """Draw what a limit allows: spectra, profile, calibrated cuts, impacts, corner plot."""
    from bayesnu.output.plots import limit as plots
    from bayesnu.output.plots import style

    limit = record.limit
    draws = columns[limit.parameter].values if columns else None

    written = [
        style.save(
            plots.draw_spectrum(saved), folder / f"{file_name(f'spectrum_{saved.experiment}')}.png"
        )
        for saved in record.spectra
    ]
    profile = plots.draw_limit(limit, record.latex, record.curve, draws)
    written.append(style.save(profile, folder / "profile.png"))
    if limit.calibrated is not None and record.curve is not None:
        from bayesnu.output.plots.campaigns import calibrated_cuts

        figure = calibrated_cuts(limit, record.latex, record.curve)
        written.append(style.save(figure, folder / "calibrated.png"))
    if record.impacts is not None:
        from bayesnu.output.plots.impacts import draw_impacts

        written.append(style.save(draw_impacts(record.impacts), folder / "impacts.png"))
    if columns:
        ends = () if limit.bayesian is None else limit.bayesian.intervals
        figure = plots.draw_corner(
            columns, limit.parameter, limit.experiments, intervals=ends, level=limit.level
        )
        written.append(style.save(figure, folder / "corner.png"))
    return written
