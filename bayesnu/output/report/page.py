"""One HTML page about a saved run that needs nothing else: no network, no scripts, no fonts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesnu.errors import InputError
from bayesnu.files.whole import write_text
from bayesnu.output.plots.pictures import pictures_of_fit, pictures_of_scans
from bayesnu.output.report import tables
from bayesnu.output.report.html_math import symbol, unit_html
from bayesnu.output.report.images import Image, image_of
from bayesnu.output.report.impact_tables import ImpactTables, impact_tables
from bayesnu.results.diagnostics import Diagnostics
from bayesnu.results.interval_text import intervals_text, number, p_text
from bayesnu.saved.citations import of_run
from bayesnu.saved.experiments import experiments_of
from bayesnu.saved.runs import SavedFit, SavedRun, saved_run

if TYPE_CHECKING:
    from jinja2 import Environment

    from bayesnu.analyses.limit import LimitRun

TEMPLATES = Path(__file__).parent / "templates"

TRUST = {
    "official": "a collaboration's release",
    "vector": "read from a vector figure",
    "digitised": "read off a plot",
    "derived": "computed",
    "recalled": "from memory of a paper: check it",
    "user": "given by the user",
}


@dataclass(frozen=True)
class Section:
    """What a report says about one fit."""

    anchor: str
    title: str
    fit: SavedFit
    images: tuple[Image, ...]
    parameters: list[tables.ParameterRow]
    goodness: list[tables.GoodnessRow]
    impacts: ImpactTables | None
    """None where they were not saved."""
    diagnostics: Diagnostics | None
    verdict: str


def write_report(run: SavedRun | LimitRun, path: str | Path) -> Path:
    """Write the report of a limit or a saved run.

    Raises
    ------
    InputError
        If the run holds nothing to report.
    """
    return write_text(Path(path), report_html(saved_run(run)))


def report_html(run: SavedRun) -> str:
    """Return the report of a saved run as HTML; every text from a file is escaped."""
    if not (run.fits or run.has_scans):
        raise InputError(run.path, "results", found="none", expected="at least one")
    sections = [_section(fit, f"fit-{n}") for n, fit in enumerate(run.fits, 1)]
    rows = [row for s in sections for row in tables.headlines(s.fit, s.anchor)]
    bibliography, by_hand = _cited(run)
    page = _environment().get_template("report.html.j2")
    return page.render(
        run=run,
        title=run.title,
        headlines=rows,
        fine=all(row.converged for row in rows) and (run.info is None or run.info.fine),
        failed=[step for step in run.info.steps if step.error] if run.info is not None else [],
        missing=run.info.wanted - len(run.info.steps) if run.info is not None else 0,
        experiments=experiments_of(run),
        trust=TRUST,
        sections=sections,
        scans=[image_of(picture) for picture in pictures_of_scans(run)],
        made=list(_made(run)),
        bibliography=bibliography,
        by_hand=by_hand,
    )


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        grouped=tables.grouped,
        intervals=intervals_text,
        number=number,
        p_text=p_text,
        symbol=symbol,
        unit=unit_html,
    )
    return environment


def _section(fit: SavedFit, anchor: str) -> Section:
    found = fit.diagnostics
    words = ""
    if found is not None:
        words = tables.verdict(found)
    elif fit.has_posterior:
        words = "Sampling was cut off: there are draws, but no diagnostics."
    kind = "Posterior" if fit.limit is None else "Limit"
    saved = fit.record.impacts if fit.record is not None else None
    names = ", ".join(fit.signal_parameters() if fit.limit is None else (fit.parameter,))
    return Section(
        anchor=anchor,
        title=f"{kind}: {names}",
        fit=fit,
        images=tuple(image_of(picture) for picture in pictures_of_fit(fit)),
        parameters=tables.parameter_rows(fit, found),
        goodness=tables.goodness_rows(fit, found),
        impacts=None if saved is None else impact_tables(saved),
        diagnostics=found,
        verdict=words,
    )


def _made(run: SavedRun) -> Iterator[tuple[str, str]]:
    """Yield what is known about how the run was made: (what, value)."""
    records = [fit.record for fit in run.fits if fit.record is not None]
    if run.info is not None:
        info = run.info
        yield "command", info.command
        yield "started", info.started
        yield "finished", info.finished or "not yet"
        yield "run file, SHA-256", info.run_file_hash
        yield "seed", str(info.seed)
        yield "sampling", _pairs(info.settings)
        yield "versions", _pairs(info.versions)
    elif records:
        record = records[0]
        yield "command", record.command
        yield "made", record.created
        yield "sampling", _pairs(record.settings) or "none (profile only)"
        yield "versions", _pairs(record.versions)
    else:
        trees = [fit.tree for fit in run.fits if fit.tree is not None]
        for key, value in trees[0].attrs.items() if trees else ():
            yield str(key).replace("_", " "), str(value)
    if any(record.asimov for record in records):
        yield "data", "expected counts (Asimov)"


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items())


def _cited(run: SavedRun) -> tuple[dict[str, list[str]], list[str]]:
    """Return BibTeX entries by group, and sources that have none."""
    found = of_run(run)
    groups = {name: [e.bibtex() for e in entries] for name, entries in found.groups.items()}
    return groups, list(found.unknown)
