"""The files of a limit: numbers, record, posterior, pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bayesnu.limits import LimitRun
from bayesnu.output.files import write_text
from bayesnu.output.json_text import json_text, plain_json
from bayesnu.record import RECORD, Record


def write_limit(run: LimitRun, record: Record, folder: Path) -> list[Path]:
    """Write limit.json, record.json and posterior.nc; a posterior of an earlier run goes.

    Returns
    -------
    list of Path
    """
    from bayesnu.inference.storage import write_posterior

    earlier = (folder / "limit.json").is_file()
    written = [
        write_text(folder / "limit.json", json_text([run.limit.to_dict()])),
        write_text(folder / RECORD, plain_json(record.to_dict())),
    ]
    if run.posterior is not None:
        written.append(write_posterior(run.posterior, folder / "posterior.nc"))
    elif earlier:
        (folder / "posterior.nc").unlink(missing_ok=True)
    return written


def draw_limit_files(
    run: LimitRun, folder: Path, progress: Callable[[float, str], None]
) -> list[Path]:
    """Draw what a limit allows: spectra, profile, calibrated cuts, corner plot."""
    from bayesnu.output import plots, style

    progress(0.1, "drawing")
    written = [
        style.save(plots.spectrum(run, name), folder / f"spectrum_{name}.png")
        for name in run.limit.experiments
    ]
    progress(0.5, "drawing")
    written.append(style.save(plots.profile_with_posterior(run), folder / "profile.png"))
    if run.limit.calibrated is not None:
        from bayesnu.output.campaign_plots import calibrated_cuts

        written.append(style.save(calibrated_cuts(run), folder / "calibrated.png"))
    if run.posterior is not None:
        written.append(style.save(plots.corner_plot(run), folder / "corner.png"))
    progress(1.0, "drawing")
    return written
