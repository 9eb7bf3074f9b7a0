"""Tables as CSV: one file a table, units in the headers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bayesnu.files.whole import write_text
from bayesnu.output.tables.table import Cell, Table
from bayesnu.saved.runs import SavedRun

FORMULA = ("=", "+", "-", "@")
"""A text that begins so is computed by spreadsheets; after an apostrophe it is shown."""


def write(run: SavedRun, tables: Sequence[Table], folder: Path) -> list[Path]:
    """Write a file for each table; parts of one table stand below each other."""
    parts: dict[str, list[Table]] = {}
    for table in tables:
        parts.setdefault(table.name, []).append(table)
    return [write_text(folder / f"{name}.csv", text_of(found)) for name, found in parts.items()]


def text_of(parts: Sequence[Table]) -> str:
    """Return the parts of a table as CSV; what is not there is an empty cell."""
    return csv_text(_head(parts[0]), (row for table in parts for row in _rows(table)))


def _head(table: Table) -> list[str]:
    head = list(table.keys)
    for column in table.columns:
        name = f"{column.name} [{column.unit}]" if column.unit else column.name
        head += [name] if column.high is None else [f"low {name}", f"high {name}"]
        head += [f"error {name}"] if column.errors is not None else []
    if table.statements:
        one = table.statements[0]
        # Where the parts have several units, they are in a column of their own.
        of = "" if "unit" in table.keys else f" {one.parameter} [{one.unit}]"
        head += ["statement", "dof", "prior", "interval", f"lower{of}", f"upper{of}"]
        head += ["converged", "held"]
    return head


def _rows(table: Table) -> Iterator[list[Cell]]:
    """Yield the rows of a table; statements stand below each other, a row for each interval."""
    keys = [table.notes[key] for key in table.keys]
    lists: list[Sequence[Cell]] = []
    for column in table.columns:
        lists += [values for values in (column.values, column.high, column.errors) if values]
    if not table.statements:
        for cells in zip(*lists, strict=True):
            yield [*keys, *cells]
        return
    for number in range(len(table.statements[0].intervals)):
        here = [values[number] for values in lists]
        for s in table.statements:
            said = [s.notes.get("dof"), s.notes.get("prior")]
            for place, ends in enumerate(s.intervals[number] or (), 1):
                state = str(s.converged[number]).lower() if s.converged else None
                yield [*keys, *here, s.name, *said, place, *ends, state, table.held]


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return lines of CSV."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([_cell(name) for name in header])
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return buffer.getvalue()


def _cell(value: Cell) -> Cell:
    if isinstance(value, str):
        line = value if value.isprintable() else " ".join(value.split())
        return f"'{line}" if line.startswith(FORMULA) else line
    return f"{value:.8g}" if isinstance(value, float) else value
