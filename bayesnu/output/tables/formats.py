"""The formats that results are exported in. The choices of all faces come from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

FORMATS = {
    "csv": "bayesnu.output.tables.csv",
    "latex": "bayesnu.output.tables.latex",
    "hepdata": "bayesnu.output.tables.hepdata",
    "json": "bayesnu.output.tables.json",
}
"""By name, the module whose ``write(run, tables, folder)`` prints the tables of a run."""

if TYPE_CHECKING:
    FormatName = str
else:
    FormatName = Literal[tuple(FORMATS)]
"""One of their names, for what is checked when it is read."""
