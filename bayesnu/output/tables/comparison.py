"""The table of a comparison: experiments beside their combination."""

from __future__ import annotations

from bayesnu.output.tables.table import Cell, Column, Notes, Statement, Table
from bayesnu.results.comparison import Comparison
from bayesnu.results.symbol import safe_symbol
from bayesnu.types import Interval


def comparison_table(stem: str, found: Comparison) -> Table:
    """Return best fits, pulls and intervals of each experiment and of all."""
    latex = safe_symbol(found.latex, found.parameter)

    def column(name: str, words: str, *values: Cell, unit: str = found.unit) -> Column:
        return Column(name, values, unit, words=words)

    def statement(name: str, words: str, *values: tuple[Interval, ...] | None) -> Statement:
        return Statement(name, words, found.parameter, found.unit, latex, values)

    parts = found.parts
    credible = [*(part.credible for part in parts), found.credible]
    statements = [
        statement("delta_chi2", "profile", *(p.intervals for p in parts), found.intervals),
        statement("without", "profile of the others", *(p.without for p in parts), None),
    ]
    if any(credible):
        kept = [None if one is None else one.intervals for one in credible]
        statements.append(statement("credible", "posterior", *kept))
    return Table(
        f"compare_{stem}",
        f"Experiments beside their combination: {found.parameter}",
        f"{100 * found.level:g}% intervals of {found.parameter} ({found.signal}). Parameter "
        f"goodness of fit: {found.parameter_goodness_of_fit}.",
        found.signal,
        (
            Column("experiment", (*(p.experiment for p in parts), "all"), axis=True),
            column("best_fit", "", *(p.best_fit for p in parts), found.best_fit),
            column("pull", "of the combination", *(p.pull for p in parts), None, unit=""),
            column(
                "chi2_share", "above its own smallest", *(p.share for p in parts), None, unit=""
            ),
        ),
        tuple(statements),
        notes=_notes(found),
        to_read=True,
    )


def _notes(found: Comparison) -> Notes:
    goodness, evidence = found.parameter_goodness_of_fit, found.evidence
    notes: dict[str, Cell] = {
        "level": found.level,
        "delta_chi2 of the parameter goodness of fit": goodness.delta_chi2,
        "dof": goodness.dof,
        "p-value": goodness.best_p,
    }
    if evidence is not None:
        notes |= {"ln R": evidence.log_ratio, "ln S": evidence.log_suspiciousness}
    return notes
