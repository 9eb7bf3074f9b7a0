"""What an experiment is, as it is printed, saved and reported."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass, field

from bayesnu.results.aligned import aligned
from bayesnu.results.expectation import Expectation


@dataclass(frozen=True)
class Source:
    """A table behind an experiment: where it comes from and how far to trust it."""

    table: str
    trust: str
    source: str
    note: str = ""


@dataclass(frozen=True)
class BackgroundFacts:
    """A background: its events at their expectation, the prior of its norm, in words."""

    name: str
    events: str
    prior: str
    trust: str


@dataclass(frozen=True)
class NuisanceFacts:
    """A nuisance that the file states: what it changes, what is known of it, and from where.

    Attributes
    ----------
    effect : str
        Change of the 90% limit on mu_eff with it one sigma off, before anything is known of it
        from the data; empty where there is no such limit.
    """

    name: str
    kind: str
    prior: str
    source: str
    effect: str = ""


@dataclass(frozen=True, eq=False)
class Description:
    """What there is to say about an experiment."""

    name: str
    title: str
    digest: str
    """Of its file and tables."""
    facts: dict[str, str]
    sources: tuple[Source, ...]
    notes: tuple[str, ...] = ()
    """Assumptions."""
    backgrounds: tuple[BackgroundFacts, ...] = ()
    nuisances: tuple[NuisanceFacts, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    """Readable names of the components."""
    expectation: Expectation | None = None
    """With the Standard Model and all nuisances at their expectation; not kept in a record."""

    def to_dict(self) -> dict[str, object]:
        """Return it as plain values, as ``bayesnu show --json`` prints it."""
        return {
            "experiment": self.name,
            "title": self.title,
            "facts": self.facts,
            "backgrounds": [asdict(background) for background in self.backgrounds],
            "nuisances": [asdict(nuisance) for nuisance in self.nuisances],
            "sources": [asdict(source) for source in self.sources],
            "notes": list(self.notes),
            **({} if self.expectation is None else self.expectation.to_dict()),
        }

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.title}"]
        width = max(len(name) for name in self.facts)
        lines += [f"  {name.ljust(width)}  {text}" for name, text in self.facts.items()]
        lines.append("backgrounds (events at their expectation, prior of the norm, trust)")
        rows = [(b.name, b.events, b.prior, b.trust) for b in self.backgrounds]
        lines += [f"  {line}" for line in aligned(rows)] or ["  none"]
        if self.nuisances:
            lines.append("nuisances of the detector and of shapes (what, prior, effect on mu_eff)")
            stated = [(n.name, n.kind, n.prior, n.effect) for n in self.nuisances]
            lines += [f"  {line}" for line in aligned(stated)]
            for n in self.nuisances:
                text = f"{n.name}: {n.source or 'no source given'}"
                lines += textwrap.wrap(text, 92, initial_indent="    ", subsequent_indent="    ")
        lines.append("sources")
        for s in self.sources:
            lines.append(f"  {s.table}  [{s.trust}]  {s.source}")
            if s.note:
                lines += textwrap.wrap(s.note, 92, initial_indent="    ", subsequent_indent="    ")
        if self.notes:
            lines.append("assumptions")
            for note in self.notes:
                lines += textwrap.wrap(note, 94, initial_indent="  - ", subsequent_indent="    ")
        return "\n".join(lines)
