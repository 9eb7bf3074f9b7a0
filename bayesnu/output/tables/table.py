"""A table as plain values: CSV, LaTeX, HEPData and JSON only print it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bayesnu.errors import InputError
from bayesnu.results.held import values_text
from bayesnu.types import Floats, Interval

Cell = float | int | str | None
"""None: there is no such number (no limit on this side, nothing was fitted)."""

Notes = Mapping[str, Cell]
"""What holds for all numbers of a column or of a table: experiments, level, dof, prior."""


@dataclass(frozen=True)
class Column:
    """Numbers or texts, one in each row."""

    name: str
    """As in the head of a CSV file."""
    values: tuple[Cell, ...]
    unit: str = ""
    quantity: str = ""
    """What the numbers are of, for a reader; default: the name."""
    words: str = ""
    """What is said about it."""
    latex: str = ""
    """Symbol of the quantity."""
    errors: Floats | None = None
    high: Floats | None = None
    """Upper edges of bins, where the values are the lower ones."""
    axis: bool = False
    """Whether the others are given against it."""
    notes: Notes = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The column's name for a reader."""
        return ", ".join(filter(None, (self.quantity or self.name, self.words)))


@dataclass(frozen=True)
class Statement:
    """A column of limits: in each row the intervals that one statement allows."""

    name: str
    """``delta_chi2``, ``calibrated_delta_chi2``, ``credible``."""
    words: str
    """The same for a reader."""
    parameter: str
    unit: str
    latex: str
    intervals: tuple[tuple[Interval, ...] | None, ...]
    """None where the statement was not made."""
    notes: Notes = field(default_factory=dict)
    converged: tuple[bool, ...] = ()
    """Of each row, for statements that rest on a posterior: whether it can be quoted."""
    errors: tuple[tuple[Interval, ...], ...] = ()
    """Of each row, the Monte Carlo errors of the ends; empty where they are not known."""


@dataclass(frozen=True)
class Table:
    """A table, or a part of one: tables of one name have the same columns."""

    name: str
    """Of its file, without a suffix."""
    title: str
    """One line."""
    caption: str
    """A sentence or two that stand alone."""
    signal: str
    columns: tuple[Column, ...]
    statements: tuple[Statement, ...] = ()
    notes: Notes = field(default_factory=dict)
    """What holds for the whole table."""
    keys: tuple[str, ...] = ()
    """Those notes that the parts of a table differ in."""
    observable: str = "LIMIT"
    """What kind of numbers it has, in HEPData's words."""
    to_read: bool = False
    """Whether it is short enough to be printed in a paper."""
    fixed: Mapping[str, float] = field(default_factory=dict)
    """Every value that was held."""
    fixed_units: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = {len(s.intervals) for s in self.statements}
        for column in self.columns:
            parts = (column.values, column.errors, column.high)
            rows |= {len(part) for part in parts if part is not None}
        if len(rows) > 1:  # results in a file that somebody has altered
            raise InputError(
                self.title, "rows", found=sorted(rows), expected="columns of one length"
            )

    @property
    def held(self) -> str:
        """Every value that was held, with its unit; empty if there is none."""
        return values_text(self.fixed, self.fixed_units)


def with_held(table: Table, fixed: Mapping[str, float], units: Mapping[str, str]) -> Table:
    """Return a table that says what was held."""
    if not fixed:
        return table
    caption = f"{table.caption} Held: {values_text(fixed, units)}."
    return replace(table, caption=caption, fixed=fixed, fixed_units=units)


def delta_chi2(values: Sequence[float]) -> Column:
    """Return the column of Delta chi2 against something."""
    latex = r"\Delta\chi^2"
    return Column("delta_chi2", tuple(values), quantity="Delta chi2", latex=latex)
