"""A saved run of a limit that is still in memory."""

from __future__ import annotations

from pathlib import Path

from bayesnu.analyses.limit import LimitRun
from bayesnu.analyses.record import record_of
from bayesnu.saved.runs import SavedFit, SavedRun


def saved_run(run: LimitRun | SavedRun) -> SavedRun:
    """Return a limit as a saved run that is in no folder yet; a saved run as it is."""
    if isinstance(run, SavedRun):
        return run
    fit = SavedFit("", run.limit, record_of(run), None, run.posterior)
    return SavedRun(Path(run.limit.parameter), None, (fit,))
