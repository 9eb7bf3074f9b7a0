"""The analyses of the papers: ``models/papers/*.toml`` and a loop over their published rows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field, ValidationError

from bayesnu.errors import InputError
from bayesnu.experiment import load
from bayesnu.inference.posterior import Settings, sample
from bayesnu.inference.profile import Progress, profile, threshold
from bayesnu.likelihood import Likelihood
from bayesnu.model_files import read_entries
from bayesnu.published import PublishedRow, published_rows, ratio, unit_factor
from bayesnu.results import CredibleLimit, FrequentistLimit, Interval, intervals_text
from bayesnu.scans import likelihood_of
from bayesnu.schema import Entry
from bayesnu.tables import packaged_folder

Method = Literal["profile", "posterior", "both"]

WORTH_A_NOTE = 0.10
"""A ratio further from one than this is explained."""


class Rule(Entry):
    """What some rows of a paper need; the first rule that matches a row applies."""

    location: str | None = None
    signal: str | None = None
    parameters: tuple[str, ...] = Field((), description="published names; none: all")
    experiments: tuple[str, ...] = ()
    free: tuple[str, ...] = Field((), description="free beside the parameter of interest")
    fixed: dict[str, float] = Field({}, description="values of other parameters, a mass")
    derived: str = Field("", description="an effective moment that fundamental ones imply")
    note: str = ""

    def matches(self, row: PublishedRow) -> bool:
        """Whether the rule applies to a row."""
        return (
            self.location in (None, row.location)
            and self.signal in (None, row.signal)
            and (not self.parameters or row.parameter in self.parameters)
        )


class FigureEntry(Entry):
    """A figure of a paper."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]+$")
    kind: Literal["profiles", "contours", "exclusion", "spectrum"]
    signal: str = ""
    parameters: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    fixed: dict[str, float] = Field({}, description="parameters held; of a spectrum: drawn")
    groups: dict[str, tuple[str, ...]] = Field(description="label and files of each curve")
    level: float = 0.9
    dof: int = 1
    points: int = 31
    mass: str | None = None
    masses: tuple[float, float] | None = None
    caption: str = ""


class Paper(Entry):
    """The analysis of one paper."""

    title: str
    arxiv: str
    method: str
    experiments: dict[str, tuple[str, ...]]
    rules: tuple[Rule, ...] = ()
    figures: tuple[FigureEntry, ...] = ()


@dataclass(frozen=True)
class Reproduced:
    """One published row beside what the package finds.

    Attributes
    ----------
    paper, location, signal, parameter, unit : str
        As published.
    experiments : tuple of str
        Files that were fitted.
    fitted : str
        Our name of the parameter.
    free : tuple of str
        Signal parameters that were free beside it.
    level : float
    dof : int
    published : tuple of Interval
    frequentist : FrequentistLimit or None
        In the published unit.
    bayesian : CredibleLimit or None
        In the published unit.
    ratio : float or None
        Ours over published.
    note : str
    seconds : float
    """

    paper: str
    location: str
    signal: str
    parameter: str
    unit: str
    experiments: tuple[str, ...]
    fitted: str
    free: tuple[str, ...]
    level: float
    dof: int
    published: tuple[Interval, ...]
    frequentist: FrequentistLimit | None
    bayesian: CredibleLimit | None
    ratio: float | None
    note: str
    seconds: float = field(compare=False, default=0.0)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as ``bayesnu reproduce --json`` prints it."""
        from dataclasses import asdict

        result = asdict(self)
        result["experiments"] = list(self.experiments)
        result["published"] = [list(interval) for interval in self.published]
        return result


def available_papers() -> list[str]:
    """Return the names of the papers."""
    return sorted(path.stem for path in (packaged_folder("models") / "papers").glob("*.toml"))


def load_paper(name: str) -> Paper:
    """Return the analysis of a paper.

    Raises
    ------
    InputError
        If there is no such paper.
    """
    if name not in available_papers():
        raise InputError("paper", "name", found=repr(name), expected=" | ".join(available_papers()))
    path = packaged_folder("models") / "papers" / f"{name}.toml"
    try:
        return Paper.model_validate(read_entries(path))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise InputError(path, key, found=repr(first["input"]), expected=first["msg"]) from None


def rows_of(name: str, location: str | None = None) -> list[PublishedRow]:
    """Return the published rows of a paper.

    Raises
    ------
    InputError
        If the paper has no such location.
    """
    rows = [row for row in published_rows() if row.paper == name]
    if location is None:
        return rows
    chosen = [row for row in rows if row.location == location]
    if not chosen:
        there = ", ".join(dict.fromkeys(row.location for row in rows))
        raise InputError("--location", name, found=repr(location), expected=there)
    return chosen


def reproduce(
    name: str,
    *,
    location: str | None = None,
    method: Method = "profile",
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Iterator[Reproduced]:
    """Recompute a paper's limits, row by row.

    Parameters
    ----------
    name : str
        Of `available_papers`.
    location : str, optional
        One table or equation.
    method : {"profile", "posterior", "both"}
    settings : Settings, optional
        How to sample.
    progress : callable, optional
        Called with the fraction done and a word.

    Yields
    ------
    Reproduced
        In the order of the table of published limits.
    """
    if method not in ("profile", "posterior", "both"):
        raise InputError("--method", "method", found=method, expected="profile|posterior|both")
    paper = load_paper(name)
    rows = rows_of(name, location)
    bench = _Bench(settings or Settings())
    for number, row in enumerate(rows):
        if progress:
            progress(number / len(rows), f"{row.location} {row.parameter}")
        yield _reproduce_row(paper, row, method, bench)


def _reproduce_row(paper: Paper, row: PublishedRow, method: Method, bench: _Bench) -> Reproduced:
    started = time.perf_counter()
    rule = next((rule for rule in paper.rules if rule.matches(row)), Rule())
    files = rule.experiments or paper.experiments.get(row.experiment, ())
    if not files:
        raise InputError(
            f"models/papers/{row.paper}.toml",
            "experiments",
            found=f"nothing for {row.experiment}",
            expected="the files to fit",
        )
    fitted = row.parameters[0]
    free = tuple(dict.fromkeys((fitted, *rule.free)))
    if rule.derived:
        from bayesnu.moments.reproduce import derived_limits

        ours, credible, unit = derived_limits(
            files, rule.derived, row.level, row.dof, method, bench.settings
        )
    else:
        likelihood = bench.likelihood(files, row.signal, free, rule.fixed)
        unit = likelihood.parameters[likelihood.index(fitted)].unit
        ours = credible = None
        if method != "posterior":
            cut = threshold(row.level, row.dof)
            curve = profile(likelihood, fitted, cut=cut)
            ours = FrequentistLimit(
                row.dof, cut, curve.best_fit, curve.chi2_min, curve.intervals(cut)
            )
        if method != "profile":
            credible = bench.credible(likelihood, fitted, row.level)
    factor = unit_factor(unit, row.unit)
    ours, credible = _scaled(ours, factor), _scaled(credible, factor)
    found = ratio(ours.intervals if ours else None, row.intervals)
    return Reproduced(
        paper=row.paper,
        location=row.location,
        signal=row.signal,
        parameter=row.parameter,
        unit=row.unit,
        experiments=files,
        fitted=fitted,
        free=tuple(name for name in free if name != fitted),
        level=row.level,
        dof=row.dof,
        published=row.intervals,
        frequentist=ours,
        bayesian=credible,
        ratio=found,
        note="; ".join(note for note in (rule.note, row.note) if note),
        seconds=time.perf_counter() - started,
    )


class _Bench:
    """Keeps likelihoods and posteriors that several rows share."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._likelihoods: dict[tuple[Any, ...], Likelihood] = {}
        self._posteriors: dict[int, Any] = {}

    def likelihood(
        self,
        files: tuple[str, ...],
        signal: str,
        free: tuple[str, ...],
        fixed: Mapping[str, float],
    ) -> Likelihood:
        key = (files, signal, frozenset(free), tuple(sorted(fixed.items())))
        if key not in self._likelihoods:
            experiments = [load(name) for name in files]
            observed = {}
            if any(experiment.observed is None for experiment in experiments):
                from bayesnu.asimov_data import asimov

                observed = asimov(experiments, signal)
            self._likelihoods[key] = likelihood_of(
                experiments, signal, sorted(free), fixed=fixed, observed=observed
            )
        return self._likelihoods[key]

    def credible(self, likelihood: Likelihood, parameter: str, level: float) -> CredibleLimit:
        from bayesnu.inference.credible import credible_limit

        key = id(likelihood)
        if key not in self._posteriors:
            self._posteriors[key] = sample(likelihood, self.settings)
        meta = likelihood.parameters[likelihood.index(parameter)]
        return credible_limit(self._posteriors[key], meta, level, likelihood)


def _scaled(result: Any, factor: float) -> Any:
    """Return a limit in another unit."""
    from dataclasses import replace

    if result is None:
        return None
    changes: dict[str, Any] = {
        "intervals": tuple(
            (None if a is None else a * factor, None if b is None else b * factor)
            for a, b in result.intervals
        )
    }
    for key in ("best_fit", "mean", "sd"):
        if hasattr(result, key):
            changes[key] = getattr(result, key) * factor
    return replace(result, **changes)


def table_text(rows: list[Reproduced]) -> str:
    """Return rows as an aligned table."""
    head = ("location", "experiment", "parameter", "unit", "published", "Delta chi2", "ratio")
    cells = [(*head, "credible", "note")]
    for row in rows:
        experiment = "combined" if len(row.experiments) > 1 else row.experiments[0]
        credible = "-"
        if row.bayesian is not None:
            credible = intervals_text(row.bayesian.intervals)
            if not row.bayesian.converged:
                credible += " NOT CONVERGED"
        explain = row.ratio is None or abs(row.ratio - 1.0) > WORTH_A_NOTE
        cells.append(
            (
                row.location,
                experiment,
                row.parameter,
                row.unit,
                intervals_text(row.published),
                intervals_text(row.frequentist.intervals) if row.frequentist else "-",
                f"{row.ratio:.2f}" if row.ratio is not None else "-",
                credible,
                row.note if explain else "",
            )
        )
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]) - 1)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) for cell, width in zip(line, [*widths, 0], strict=True)
        ).rstrip()
        for line in cells
    )
