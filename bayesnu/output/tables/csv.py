"""Results as CSV: one table of limits, one file a curve, units in the headers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from bayesnu.files.whole import write_text
from bayesnu.output.names import file_name
from bayesnu.output.tables.exported import curve_of, density_of, limits_of, stem_of
from bayesnu.results.limit import Limit
from bayesnu.saved.runs import SavedRun
from bayesnu.types import Interval

LIMIT_COLUMNS = (
    "experiments",
    "signal",
    "parameter",
    "unit",
    "fit",
    "level",
    "statement",
    "dof",
    "prior",
    "interval",
    "lower",
    "upper",
    "converged",
    "held",
)


FORMULA = ("=", "+", "-", "@")
"""A text that begins so is computed by spreadsheets; after an apostrophe it is shown."""


def write_csv(run: SavedRun, folder: Path) -> list[Path]:
    """Write limits.csv, and a file for each curve, posterior density, region and plane.

    Published limits are not in the tables: they are not results of the run.
    """
    written: list[Path] = []

    def table(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        written.append(write_text(folder / f"{name}.csv", csv_text(header, rows)))

    limits = limits_of(run)
    if limits:
        table("limits", LIMIT_COLUMNS, (row for _, limit in limits for row in limit_rows(limit)))
    for fit, limit in limits:
        head, curve, density = f"{limit.parameter} [{limit.unit}]", curve_of(fit), density_of(fit)
        if curve is not None:
            rows = zip(curve.x, curve.y, strict=True)
            table(f"delta_chi2_{stem_of(fit)}", (head, "delta_chi2"), rows)
        if density is not None:
            table(
                f"posterior_{stem_of(fit)}",
                (f"low {head}", f"high {head}", f"density [1 / ({limit.unit})]"),
                zip(density.edges[:-1], density.edges[1:], density.height, strict=True),
            )
    for name, curves in run.profiles.items():
        one = curves[0]
        table(
            f"profile_{file_name(name or one.parameter)}",
            ("experiments", f"{one.parameter} [{one.unit}]", "delta_chi2"),
            ((c.label, x, y) for c in curves for x, y in zip(c.values, c.delta_chi2, strict=True)),
        )
    for name, regions in run.contours.items():
        first = regions[0]
        axes = [f"{p} [{u}]" for p, u in zip(first.parameters, first.units, strict=True)]
        stem = file_name(name or "-".join(first.parameters))
        table(
            f"contour_map_{stem}",
            ("experiments", *axes, "delta_chi2"),
            (
                (r.label, x, y, value)
                for r in regions
                for y, row in zip(r.y, r.delta_chi2, strict=True)
                for x, value in zip(r.x, row, strict=True)
            ),
        )
        table(
            f"contour_lines_{stem}",
            ("experiments", "level", "threshold", "line", *axes),
            (
                (r.label, level, entry.cut, number, *point)
                for r in regions
                for level, entry in zip(r.levels, r.contours, strict=True)
                for number, line in enumerate(entry.lines)
                for point in line
            ),
        )
    for name, plane in run.exclusions.items():
        coupling = f"{plane.coupling} [{plane.unit}]"
        table(
            f"exclusion_{file_name(name or plane.coupling)}",
            (f"{plane.mass} [{plane.mass_unit}]", f"upper {coupling}", f"credible {coupling}"),
            zip(plane.masses, plane.upper, plane.credible, strict=True),
        )
    for name, found in run.sensitivities.items():
        head = f"{found.parameter} [{found.unit}]"
        table(
            f"sensitivity_{file_name(name or found.parameter)}",
            ("exposure [t yr]", "statement", f"lower {head}", f"upper {head}"),
            (
                (point.exposure, statement, low, high)
                for point in found.points
                for statement, one_limit in (
                    ("delta_chi2", point.frequentist),
                    ("credible", point.bayesian),
                )
                if one_limit is not None
                for low, high in one_limit.intervals
            ),
        )
    return written


def limit_rows(limit: Limit) -> list[tuple[object, ...]]:
    """Return one row for each interval of each statement."""
    rows: list[tuple[object, ...]] = []
    head = (
        " + ".join(limit.experiments),
        limit.signal,
        limit.parameter,
        limit.unit,
        limit.fit,
        limit.level,
    )

    def add(
        statement: str, dof: object, prior: str, intervals: Sequence[Interval], converged: object
    ) -> None:
        for number, (low, high) in enumerate(intervals, 1):
            rows.append((*head, statement, dof, prior, number, low, high, converged, limit.held))

    if limit.frequentist is not None:
        add("delta_chi2", limit.frequentist.dof, "", limit.frequentist.intervals, "")
    if limit.calibrated is not None:
        add("calibrated_delta_chi2", 1, "", limit.calibrated.intervals, "")
    if limit.bayesian is not None:
        b = limit.bayesian
        add("credible", "", b.prior, b.intervals, str(b.fine).lower())
    return rows


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV; what is not there (no limit on this side) is an empty cell."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([_cell(name) for name in header])
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return buffer.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        line = value if value.isprintable() else " ".join(value.split())
        return f"'{line}" if line.startswith(FORMULA) else line
    return f"{float(value):.8g}" if isinstance(value, float) else str(value)
