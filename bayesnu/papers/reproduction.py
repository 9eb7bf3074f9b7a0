"""A paper's published limits, recomputed row by row."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from bayesnu.analyses.published import PublishedRow, ratio, scaled, unit_factor
from bayesnu.errors import InputError
from bayesnu.inference.profile import profile
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.threshold import threshold
from bayesnu.papers.fits import Fits
from bayesnu.papers.paper import Paper, Rule, load_paper, rows_of
from bayesnu.results.aligned import aligned
from bayesnu.results.interval_text import intervals_text
from bayesnu.results.limit import CredibleLimit, FrequentistLimit
from bayesnu.results.published import Published
from bayesnu.types import Interval, Progress

Method = Literal["profile", "posterior", "both"]

WORTH_A_NOTE = 0.10
"""A ratio further from one than this is explained."""


@dataclass(frozen=True)
class Reproduced:
    """One published row beside what the package finds."""

    paper: str
    """As published, down to the unit."""
    location: str
    signal: str
    parameter: str
    unit: str
    experiments: tuple[str, ...]
    """Files that were fitted."""
    fitted: str
    """Our name of the parameter."""
    free: tuple[str, ...]
    """Signal parameters that were free beside it."""
    level: float
    dof: int
    published: tuple[Interval, ...]
    frequentist: FrequentistLimit | None
    """In the published unit."""
    bayesian: CredibleLimit | None
    """In the published unit."""
    ratio: float | None
    """Ours over published."""
    note: str
    seconds: float = field(compare=False, default=0.0)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as ``bayesnu reproduce --json`` prints it."""
        result = asdict(self)
        result["experiments"] = list(self.experiments)
        theirs = Published(self.paper, self.location, self.published, self.ratio)
        result["published"] = [theirs.to_dict()]
        return result


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

    Yields
    ------
    Reproduced
        In the order of the table of published limits.
    """
    if method not in ("profile", "posterior", "both"):
        raise InputError("--method", "method", found=method, expected="profile|posterior|both")
    paper = load_paper(name)
    rows = rows_of(name, location)
    fits = Fits(settings or Settings())
    for number, row in enumerate(rows):
        if progress:
            progress(number / len(rows), f"{row.location} {row.parameter}")
        yield _reproduce_row(paper, row, method, fits)


def _reproduce_row(paper: Paper, row: PublishedRow, method: Method, fits: Fits) -> Reproduced:
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
        from bayesnu.analyses.beams.limits import derived_limits

        ours, credible, unit = derived_limits(
            files, rule.derived, row.level, row.dof, method, fits.settings
        )
    else:
        likelihood = fits.likelihood(files, row.signal, free, rule.fixed)
        unit = likelihood.parameters[likelihood.index(fitted)].unit
        ours = credible = None
        if method != "posterior":
            cut = threshold(row.level, row.dof)
            curve = profile(likelihood, fitted, cut=cut)
            ours = curve.limit(row.dof, cut)
        if method != "profile":
            credible = fits.credible(likelihood, fitted, row.level)
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
        note="; ".join(filter(None, (rule.note, row.note, *_reasons(paper, rule, row, found)))),
        seconds=time.perf_counter() - started,
    )


def _reasons(paper: Paper, rule: Rule, row: PublishedRow, ratio: float | None) -> list[str]:
    """Return why a row differs, where it does; that no reason was found is said too."""
    if not differs(ratio):
        return []
    known = [reason.why for reason in paper.reasons if reason.matches(row)]
    return known or ([] if rule.note else ["reason not found"])


def differs(ratio: float | None) -> bool:
    """Whether a ratio is so far from one that it needs an explanation."""
    return ratio is not None and abs(ratio - 1.0) > WORTH_A_NOTE


def _scaled(result: Any, factor: float) -> Any:
    """Return a limit in another unit."""
    if result is None:
        return None
    changes: dict[str, Any] = {
        key: scaled(getattr(result, key), factor)
        for key in ("intervals", "intervals_error")
        if hasattr(result, key)
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
            credible = row.bayesian.text()
            if row.bayesian.state:
                credible += f" {row.bayesian.state}"
        explain = row.ratio is None or differs(row.ratio)
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
    return "\n".join(aligned(cells))
