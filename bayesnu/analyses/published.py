"""The published limits (``data/published/limits.csv``), to be set beside ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bayesnu.files.tables import read_table
from bayesnu.results.published import Published
from bayesnu.types import Interval

SYNONYMS = {
    "mu_mutau": ("mu_mu", "mu_tau"),
    "q_e": ("q_ee",),
    "q_mu": ("q_mumu",),
    "q_tau": ("q_tautau",),
    "r2_e": ("r2_ee",),
    "r2_mu": ("r2_mumu",),
    "r2_tau": ("r2_tautau",),
    "abs_q_emu": ("q_emu", "q_etau"),
    "abs_q_mutau": ("q_mutau",),
    "abs_r2_emu": ("r2_emu", "r2_etau"),
    "abs_r2_mutau": ("r2_mutau",),
}
"""What the papers call a parameter, and which of ours it is."""

TEXTS = ("paper", "location", "experiment", "signal", "parameter", "unit", "fit", "note")
"""Columns of the table that are no numbers."""

COMBINED = frozenset({"xenonnt-2022-er", "lz-2022-er", "pandax4t-2022-er"})


@dataclass(frozen=True)
class PublishedRow:
    """One row of the table of published limits."""

    paper: str
    location: str
    experiment: str
    signal: str
    parameter: str
    unit: str
    level: float
    dof: int
    fit: str
    intervals: tuple[Interval, ...]
    """In `unit`."""
    note: str

    @property
    def experiments(self) -> frozenset[str]:
        """The experiments that the row combines."""
        if self.experiment == "combined":
            return COMBINED
        return frozenset(self.experiment.split(" + "))

    @property
    def parameters(self) -> tuple[str, ...]:
        """Our names of the parameter; more than one where a paper gives one limit for several."""
        return SYNONYMS.get(self.parameter, (self.parameter,))

    def intervals_in(self, unit: str) -> tuple[Interval, ...]:
        """Return the intervals in another unit, for example 1e-11 mu_B for 1e-12 mu_B."""
        return scaled(self.intervals, unit_factor(self.unit, unit))


def scaled(intervals: tuple[Interval, ...], factor: float) -> tuple[Interval, ...]:
    """Return intervals in another unit."""
    return tuple(
        (None if a is None else a * factor, None if b is None else b * factor) for a, b in intervals
    )


def unit_factor(from_unit: str, to_unit: str) -> float:
    """Return the number that turns values in one unit into another."""
    a, _, kind_a = from_unit.partition(" ")
    b, _, kind_b = to_unit.partition(" ")
    if kind_a != kind_b:
        raise ValueError(f"{from_unit} and {to_unit} are units of different things")
    return float(a) / float(b)


@lru_cache(maxsize=1)
def published_rows() -> tuple[PublishedRow, ...]:
    """Return all published limits."""
    table = read_table("published/limits.csv")
    columns = {name: table.text_column(name) for name in table.names}

    def end(name: str, row: int) -> float | None:
        return float(columns[name][row]) if columns[name][row] else None

    rows = []
    for row in range(len(table)):
        intervals = [(end("lower", row), end("upper", row))]
        if columns["lower2"][row] or columns["upper2"][row]:
            intervals.append((end("lower2", row), end("upper2", row)))
        texts = {name: columns[name][row] for name in TEXTS}
        level, dof = float(columns["level"][row]), int(columns["dof"][row])
        rows.append(PublishedRow(**texts, level=level, dof=dof, intervals=tuple(intervals)))
    return tuple(rows)


def beside(
    experiments: Sequence[str],
    signal: str,
    parameter: str,
    unit: str,
    fit: str,
    level: float,
    ours: tuple[Interval, ...] | None,
) -> tuple[Published, ...]:
    """Return the published limits on the same thing, converted to our unit.

    Parameters
    ----------
    experiments : sequence of str
        Names; of a variant the part before ``@`` counts.
    ours : tuple of Interval or None
        Our Delta chi2 intervals, for the ratio.
    """
    names = frozenset(name.partition("@")[0] for name in experiments)
    result = []
    for row in published_rows():
        same = (
            row.experiments == names
            and row.signal == signal
            and parameter in row.parameters
            and row.fit == fit
            and abs(row.level - level) < 1e-9
        )
        if same:
            theirs = row.intervals_in(unit)
            result.append(Published(row.paper, row.location, theirs, ratio(ours, theirs), row.note))
    return tuple(result)


def ratio(ours: tuple[Interval, ...] | None, theirs: tuple[Interval, ...]) -> float | None:
    """Return ours over theirs at the outermost upper end, or the lower one if there is none."""
    if ours is None:
        return None
    for pick, side in ((max, 1), (min, 0)):
        a = [interval[side] for interval in ours]
        b = [interval[side] for interval in theirs]
        if None not in a and None not in b:
            mine = pick(value for value in a if value is not None)
            other = pick(value for value in b if value is not None)
            if other:
                return mine / other
    return None
