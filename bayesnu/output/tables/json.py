"""All results of a run in one JSON file, and its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bayesnu.files.json_text import plain_json
from bayesnu.files.whole import write_text
from bayesnu.output.tables.table import Table
from bayesnu.saved.runs import SavedRun


def write(run: SavedRun, tables: Sequence[Table], folder: Path) -> list[Path]:
    """Write results.json."""
    return [write_text(folder / "results.json", plain_json(to_dict(run, tables)))]


def to_dict(run: SavedRun, tables: Sequence[Table]) -> dict[str, object]:
    """Return all results of a run as plain values."""
    records = [fit.record for fit in run.fits if fit.record is not None]
    return {
        "title": run.title,
        "run": None if run.info is None else run.info.to_dict(),
        "limits": [fit.limit.to_dict() for fit in run.fits if fit.limit is not None],
        "curves": [found.curve.to_dict() for found in records if found.curve is not None],
        "profiles": [curve.to_dict() for curves in run.profiles.values() for curve in curves],
        "contours": [region.to_dict() for found in run.contours.values() for region in found],
        "exclusions": [plane.to_dict() for plane in run.exclusions.values()],
        "sensitivities": [found.to_dict() for found in run.sensitivities.values()],
        "comparisons": [found.to_dict() for found in run.comparisons.values()],
        "tables": [asdict(table) for table in tables],
    }
