"""Do one step of a run file: compute it, and write its numbers into its folder."""

from __future__ import annotations

from pathlib import Path

from bayesnu.files.json_text import json_text
from bayesnu.files.whole import write_text
from bayesnu.run_file import fits, scan_steps
from bayesnu.run_file.inputs import Context, Done
from bayesnu.run_file.schema import (
    ContourStep,
    ExclusionStep,
    LimitStep,
    ProfileStep,
    SampleStep,
    SensitivityStep,
    Step,
)
from bayesnu.types import Progress


def do_step(context: Context, step: Step, folder: Path, progress: Progress) -> Done:
    """Compute a step and write its numbers into a folder."""
    if isinstance(step, LimitStep):
        return fits.limit_step(context, step, folder, progress)
    if isinstance(step, SampleStep):
        return fits.sample_step(context, step, folder, progress)
    if isinstance(step, SensitivityStep):
        found = scan_steps.expected_limits(context, step, progress)
    elif isinstance(step, ProfileStep):
        found = Done(scan_steps.profiles(context, step, progress))
    elif isinstance(step, ContourStep):
        found = Done(scan_steps.contours(context, step, progress))
    else:
        assert isinstance(step, ExclusionStep)
        found = Done([scan_steps.exclusion_plane(context, step, progress)])
    kind = type(step).__name__.removesuffix("Step").lower()
    write_text(folder / f"{kind}.json", json_text(found.numbers))
    return found
