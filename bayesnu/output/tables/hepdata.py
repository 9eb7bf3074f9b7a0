"""A HEPData submission: ``submission.yaml`` and one YAML file for each table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bayesnu.errors import InputError
from bayesnu.files.whole import write_text
from bayesnu.output.names import file_name
from bayesnu.output.tables.table import Cell, Notes, Statement, Table
from bayesnu.saved.runs import SavedRun

LICENCE = {
    "name": "CC0-1.0",
    "url": "https://creativecommons.org/publicdomain/zero/1.0/",
    "description": "Public domain dedication: the licence under which HEPData publishes tables.",
}

REACTIONS = {
    "electron-recoil": "NU E- --> NU E-",
    "nuclear-recoil": "NU XE --> NU XE",
    "quenched-recoil": "NU NUCLEUS --> NU NUCLEUS",
}
"""HEPData's way to write elastic scattering, by the channel of an experiment."""

LONGEST_NAME = 64
"""Of a table, as the schema of submissions has it."""

IN_THE_HEAD = ("parameter", "unit")
"""Notes that the head of every variable has anyway."""


def write(run: SavedRun, tables: Sequence[Table], folder: Path) -> list[Path]:
    """Write a submission.

    Raises
    ------
    InputError
        If PyYAML (the extra ``hepdata``) is not installed.
    """
    try:
        import yaml  # type: ignore[import-untyped]
    except ImportError:
        raise InputError(
            "--format hepdata", "PyYAML", found="not installed", expected="bayesnu[hepdata]"
        ) from None
    style: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": 100}
    documents: list[dict[str, Any]] = [{"comment": _comment(run)}]
    reactions, written = _reactions(run), []
    for name, table in zip(_names(tables), tables, strict=True):
        file = f"{file_name(name)}.yaml"
        phrases = ["solar neutrinos", "neutrino electromagnetic properties"]
        keywords = {
            "reactions": reactions,
            "observables": [table.observable],
            "phrases": [*phrases, table.signal.replace("-", " ")],
        }
        documents.append(
            {
                "name": name,
                "description": f"{table.caption} '-': no number.",
                "keywords": [{"name": key, "values": list(v)} for key, v in keywords.items()],
                "data_file": file,
                "data_license": dict(LICENCE),
            }
        )
        written.append(write_text(folder / file, yaml.safe_dump(variables(table), **style)))
    text = yaml.safe_dump_all(documents, **style)
    return [write_text(folder / "submission.yaml", text), *written]


def variables(table: Table) -> dict[str, list[dict[str, Any]]]:
    """Return the variables of a table as HEPData writes them; empty ones are left out."""
    independent, dependent = [], []
    for column in table.columns:
        if not column.axis and all(value is None for value in column.values):
            continue
        if column.axis:
            entry = _variable(column.title, column.unit, column.values)
            if column.high is not None:
                pairs = zip(column.values, column.high, strict=True)
                entry["values"] = [{"low": low, "high": high} for low, high in pairs]
            independent.append(entry)
            continue
        entry = _variable(
            column.title, column.unit, column.values, _qualifiers(table, column.notes)
        )
        if column.errors is not None:
            for value, error in zip(entry["values"], column.errors, strict=True):
                value["errors"] = [{"symerror": error, "label": "stat"}]
        dependent.append(entry)
    if not dependent and not table.statements:  # a line in a plane
        dependent.append(independent.pop() | {"qualifiers": _qualifiers(table)})
    if table.statements and not table.columns:
        rows = max(len(s.intervals[0] or ()) for s in table.statements)
        independent.append(_variable("interval", "", tuple(range(1, rows + 1))))
        lists = {
            s.name: [ends or (None, None) for ends in _padded(s, rows)] for s in table.statements
        }
    else:
        # The outermost ends, where there are several intervals.
        lists = {
            s.name: [(i[0][0], i[-1][1]) if i else (None, None) for i in s.intervals]
            for s in table.statements
        }
    for s in table.statements:
        for side, word in enumerate(("lower", "upper")):
            ends = tuple(pair[side] for pair in lists[s.name])
            if any(end is not None for end in ends):
                head = f"{s.parameter}, {s.words}, {word} end"
                state = {"converged": str(all(s.converged)).lower()} if s.converged else {}
                said = _qualifiers(table, s.notes, state)
                dependent.append(_variable(head, s.unit, ends, said))
    return {"independent_variables": independent, "dependent_variables": dependent}


def _padded(statement: Statement, rows: int) -> list[Any]:
    found = list(statement.intervals[0] or ())
    return [*found, *[(None, None)] * (rows - len(found))]


def _variable(
    name: str, unit: str, values: Sequence[Cell], qualifiers: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    entry: dict[str, Any] = {"header": {"name": name, **({"units": unit} if unit else {})}}
    if qualifiers:
        entry["qualifiers"] = list(qualifiers)
    entry["values"] = [{"value": "-" if value is None else value} for value in values]
    return entry


def _qualifiers(table: Table, *notes: Notes) -> list[dict[str, Any]]:
    """Return what a variable's numbers hold for; every value that was held is one of them."""
    found: list[dict[str, Any]] = []
    for key, value in (item for part in (table.notes, *notes) for item in part.items()):
        if key == "level":
            found.append({"name": key, "value": round(100 * float(value or 0), 6), "units": "%"})
        elif key == "quantile of toys":
            found.append({"name": key, "value": value, "units": "%"})
        elif key not in IN_THE_HEAD:
            found.append({"name": key, "value": value})
    for name, number in table.fixed.items():
        unit = table.fixed_units.get(name, "")
        found.append({"name": name, "value": number, **({"units": unit} if unit else {})})
    return found


def _reactions(run: SavedRun) -> list[str]:
    """Return the reactions of the run's experiments; all where the channel is not saved."""
    channels = {
        experiment.facts.get("channel", "").partition(" ")[0]
        for fit in run.fits
        if fit.record is not None
        for experiment in fit.record.experiments
    }
    return [text for key, text in REACTIONS.items() if key in channels] or [*REACTIONS.values()]


def _comment(run: SavedRun) -> str:
    text = run.info.description if run.info is not None and run.info.description else ""
    return " ".join(f"{run.title}. {text} Made with bayesnu.".split())


def _names(tables: Sequence[Table]) -> list[str]:
    """Return the tables' titles, short enough and all different."""
    seen: dict[str, int] = {}
    names = []
    for table in tables:
        name = table.title[: LONGEST_NAME - 5]
        seen[name] = seen.get(name, 0) + 1
        names.append(name + (f" ({seen[name]})" if seen[name] > 1 else ""))
    return names
