"""Every table that a saved run has, listed once for all formats.

Published limits are not in the tables: they are not results of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bayesnu.output.names import file_name
from bayesnu.output.tables.comparison import comparison_table
from bayesnu.output.tables.fit_tables import tables_of_fit
from bayesnu.output.tables.scan_tables import (
    contour_tables,
    exclusion_table,
    profile_table,
    sensitivity_tables,
)
from bayesnu.output.tables.table import Table, with_held
from bayesnu.results.comparison import Comparison
from bayesnu.results.curve import Profile
from bayesnu.results.limit import Limit
from bayesnu.results.region import Contour
from bayesnu.results.sensitivity import Sensitivity
from bayesnu.saved.runs import SavedRun


def tables_of(run: SavedRun) -> Iterator[Table]:
    """Yield the tables of a run: of its limits, curves, regions, planes and sensitivities."""
    for fit in run.fits:
        if fit.limit is not None:
            yield from _held(tables_of_fit(fit, fit.limit), fit.limit)
    for name, curves in run.profiles.items():
        for curve in curves:
            table = profile_table(file_name(name or curve.parameter), curve)
            yield from _held([table], curve)
    for name, regions in run.contours.items():
        for region in regions:
            stem = file_name(name or "-".join(region.parameters))
            yield from _held(contour_tables(stem, region), region)
    for name, plane in run.exclusions.items():
        yield exclusion_table(file_name(name or plane.coupling), plane)
    for name, found in run.sensitivities.items():
        yield from _held(sensitivity_tables(file_name(name or found.parameter), found), found)
    for name, compared in run.comparisons.items():
        table = comparison_table(file_name(name or compared.parameter), compared)
        yield from _held([table], compared)


def _held(
    tables: Iterable[Table], result: Limit | Profile | Contour | Sensitivity | Comparison
) -> Iterator[Table]:
    for table in tables:
        yield with_held(table, result.fixed, result.fixed_units)
