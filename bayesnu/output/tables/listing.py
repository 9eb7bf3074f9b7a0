"""Every table that a saved run has, listed once for all formats.

Published limits are not in the tables: they are not results of the run.
"""

from __future__ import annotations

from collections.abc import Iterator

from bayesnu.output.names import file_name
from bayesnu.output.tables.fit_tables import tables_of_fit
from bayesnu.output.tables.scan_tables import (
    contour_tables,
    exclusion_table,
    profile_table,
    sensitivity_tables,
)
from bayesnu.output.tables.table import Table
from bayesnu.saved.runs import SavedRun


def tables_of(run: SavedRun) -> Iterator[Table]:
    """Yield the tables of a run: of its limits, curves, regions, planes and sensitivities."""
    for fit in run.fits:
        if fit.limit is not None:
            yield from tables_of_fit(fit, fit.limit)
    for name, curves in run.profiles.items():
        for curve in curves:
            yield profile_table(file_name(name or curve.parameter), curve)
    for name, regions in run.contours.items():
        for region in regions:
            yield from contour_tables(file_name(name or "-".join(region.parameters)), region)
    for name, plane in run.exclusions.items():
        yield exclusion_table(file_name(name or plane.coupling), plane)
    for name, found in run.sensitivities.items():
        yield from sensitivity_tables(file_name(name or found.parameter), found)
