"""What each nuisance does to a limit, and what is left if it were known, as rows of a report."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from bayesnu.output.report.tables import plain, short_prior
from bayesnu.results.impacts import Impacts, Known, NuisanceImpact
from bayesnu.results.interval_text import intervals_text, number


@dataclass(frozen=True)
class ImpactRow:
    """A nuisance, texts ready to be printed."""

    name: str
    label: Markup | str
    group: str
    prior: str
    fit: str
    pull: str
    constraint: str
    up: str
    down: str


@dataclass(frozen=True)
class KnownRow:
    """The interval with a group of nuisances known exactly."""

    group: str
    interval: str
    change: str


@dataclass(frozen=True)
class ImpactTables:
    """All that `bayesnu impacts` prints."""

    found: Impacts
    rows: list[ImpactRow]
    """The largest impact first."""
    known: list[KnownRow]
    correlated: list[tuple[Markup | str, Markup | str, str]]


def impact_tables(found: Impacts) -> ImpactTables:
    """Return impacts as they stand in a report."""
    as_it_is = KnownRow("nothing", intervals_text((found.interval,)), "–")
    names = found.experiments
    return ImpactTables(
        found,
        [_row(n, found) for n in found.nuisances],
        [as_it_is, *(_known(known) for known in found.known)],
        [(plain(a, names), plain(b, names), f"{value:+.2f}") for a, b, value in found.correlated],
    )


def _row(n: NuisanceImpact, found: Impacts) -> ImpactRow:
    return ImpactRow(
        name=n.name,
        label=plain(n.name, found.experiments),
        group=n.group,
        prior=short_prior(n.prior, n.name),
        fit=f"{number(n.fit)} ± {n.error:.2g}",
        pull="free" if n.pull is None else f"{n.pull:+z.2f}",
        constraint="–" if n.constraint is None else f"{n.constraint:.2f}",
        up=_signed(n.impact_up),
        down=_signed(n.impact_down),
    )


def _known(known: Known) -> KnownRow:
    every = known.group == "all"
    group = "all nuisances: what is left is statistical" if every else known.group
    change = "–" if known.change is None else f"{known.change:+z.1%}"
    return KnownRow(group, intervals_text((known.interval,)), change)


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2g}"
