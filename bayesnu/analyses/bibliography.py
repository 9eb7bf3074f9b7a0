"""What a computation rests on, as citations."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.loading import load
from bayesnu.files.tables import packaged_folder, read_table
from bayesnu.inference.samplers import SAMPLERS
from bayesnu.physics.signals import NUCLEAR_CHANNELS, Signal, signal_by_tag

FIELDS = ("author", "collaboration", "title", "journal", "volume", "number", "pages", "year")
"""In the order in which they are printed; `doi`, `eprint` and `url` follow."""

SPECTRA = {
    "pp": "pp", "hep": "hep", "b8": "b8_winter", "n13": "n13", "o15": "o15", "f17": "f17",
}  # fmt: skip
"""Which table of ``data/solar`` holds a component's spectrum; 7Be and pep are lines."""

GROUPS = ("data", "formulas", "software")
"""Of a bibliography."""

LINES = {"be7": "PRD 49 (1994) 3923", "pep": "PRC 56 (1997) 3391"}


@dataclass(frozen=True)
class Citation:
    """An entry of ``models/citations.toml``."""

    key: str
    fields: dict[str, str]
    names: tuple[str, ...]
    """Short names under which the package refers to it, the key included."""
    source: str = ""
    """How data tables name it, where they do not give its arXiv number."""

    @property
    def eprint(self) -> str:
        """ArXiv number, or an empty string."""
        return self.fields.get("eprint", "")

    def bibtex(self) -> str:
        """Return the entry in BibTeX."""
        kind = self.fields.get("type") or ("article" if "journal" in self.fields else "misc")
        entries = [(name, self.fields[name]) for name in FIELDS if name in self.fields]
        if "doi" in self.fields:
            entries.append(("doi", self.fields["doi"]))
        if self.eprint:
            entries += [("eprint", self.eprint), ("archivePrefix", "arXiv")]
        if "url" in self.fields:
            entries.append(("url", self.fields["url"]))
        body = ",\n".join(f"  {name} = {{{value}}}" for name, value in entries)
        return f"@{kind}{{{self.key},\n{body}\n}}"


@dataclass(frozen=True)
class Bibliography:
    """What to cite, by subject."""

    groups: dict[str, tuple[Citation, ...]]
    """``data``, ``formulas``, ``software``; every entry stands once."""
    unknown: tuple[str, ...]
    """Sources of tables that have no entry: to be cited by hand."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            **{
                name: [{"key": entry.key, **entry.fields} for entry in entries]
                for name, entries in self.groups.items()
            },
            "without_entry": list(self.unknown),
        }

    def __str__(self) -> str:
        parts = []
        for name, entries in self.groups.items():
            if entries:
                parts.append(f"% {name}")
                parts += [entry.bibtex() for entry in entries]
        # One line each: what follows a line break would be no comment.
        unknown = [" ".join(source.split()) for source in self.unknown]
        parts += [f"% data without an entry, cite by hand: {source}" for source in unknown]
        return "\n\n".join(parts)


@lru_cache(maxsize=1)
def citations() -> dict[str, Citation]:
    """Return all entries by key."""
    path = packaged_folder("models") / "citations.toml"
    result = {}
    for key, raw in tomllib.loads(path.read_text(encoding="utf-8")).items():
        names = (key, *raw.pop("names", ()))
        source = raw.pop("source", "")
        result[key] = Citation(
            key, {name: str(value) for name, value in raw.items()}, names, source
        )
    return result


def by_name(name: str) -> Citation | None:
    """Return an entry by its key or a short name."""
    return next((entry for entry in citations().values() if name in entry.names), None)


def in_text(text: str) -> tuple[Citation, ...]:
    """Return the entries that a source names, by arXiv number or by journal."""
    return tuple(
        entry
        for entry in citations().values()
        if (entry.eprint and re.search(rf"\b{re.escape(entry.eprint)}\b", text))
        or (entry.source and entry.source in text)
    )


def bibliography(
    experiments: Sequence[Experiment],
    signal: Signal | None = None,
    *,
    posterior: bool = True,
    backend: str = "kernel",
) -> Bibliography:
    """Return what a result on these experiments and this signal has to cite.

    Parameters
    ----------
    posterior : bool
        Whether a posterior was sampled.
    backend : str
        The sampler, a name in `bayesnu.inference.samplers.SAMPLERS`.
    """
    data: dict[str, Citation] = {}
    formulas: dict[str, Citation] = {}
    unknown: dict[str, None] = {}
    for experiment in experiments:
        file = experiment.file
        named = [entry for key in file.citation if (entry := by_name(key)) is not None]
        _add(data, [*named, *in_text(f"arXiv:{file.arxiv}")])
        for source, derived in _sources(experiment):
            found = in_text(source)
            _add(data, found)
            if not found and not derived:
                unknown[source] = None
        treatment = by_name(experiment.name.partition("@")[2])
        _add(formulas, [treatment] if treatment else [])
        if getattr(file.neutrinos, "form_factor", "") == "klein-nystrand" and (
            file.channel in NUCLEAR_CHANNELS
        ):
            _add(formulas, _named("klein-nystrand"))
    if signal is not None:
        _add(formulas, _named(signal.reference.partition(" ")[0]))
        if signal.propagates:
            _add(data, in_text(read_table("solar/hydrogen.csv").meta["source"]))
    used = ["bayesnu", "numpy", "scipy", "matplotlib"]
    if posterior:
        if backend in SAMPLERS:
            used += SAMPLERS[backend].software
        else:  # sampled elsewhere, with a sampler of one's own
            unknown[f"the sampler {backend}"] = None
        used += ["arviz", "xarray", "corner"]
    software: dict[str, Citation] = {}
    _add(software, [entry for name in used for entry in _named(name)])
    return Bibliography(
        {
            "data": tuple(data.values()),
            "formulas": tuple(e for key, e in formulas.items() if key not in data),
            "software": tuple(software.values()),
        },
        tuple(unknown),
    )


def of_names(
    names: Sequence[str], signal: str, *, posterior: bool = False, backend: str = "kernel"
) -> Bibliography:
    """Return what to cite for experiments given by name; a user's own may not be found."""
    loaded, missing = [], []
    for name in names:
        try:
            loaded.append(load(name))
        except InputError:
            missing.append(f"the data of {name}")
    channel = loaded[0].recoils if loaded else "electron-recoil"
    try:
        model = signal_by_tag(signal, channel)
    except InputError:
        model = None
    found = bibliography(loaded, model, posterior=posterior, backend=backend)
    return Bibliography(found.groups, (*found.unknown, *missing))


def _sources(experiment: Experiment) -> list[tuple[str, bool]]:
    """Return the sources of all tables, sun and atom included, and whether they are derived."""
    neutrinos = experiment.file.neutrinos
    sources = [
        (table.meta.get("source", str(table.path)), table.trust == "derived")
        for table in experiment.tables
    ]
    if experiment.file.channel == "effective-moment":
        return sources
    components = neutrinos.components if experiment.sees_sun else ()
    names = ["solar/fluxes.csv"] if components else []
    names += [f"solar/spectrum_{SPECTRA[c]}.csv" for c in components if c in SPECTRA]
    xenon = experiment.material.formula == "Xe"
    if experiment.file.channel == "electron-recoil" and neutrinos.atomic != "free" and xenon:
        names.append("xenon-atom/effective_electrons.csv")
        if neutrinos.atomic == "rrpa":
            names.append("xenon-atom/rrpa_ratio.csv")
    if not xenon:
        names += ["elements/elements.csv", "elements/isotopes.csv"]
    sources += [(read_table(name).meta["source"], False) for name in names]
    return sources + [(LINES[c], False) for c in components if c in LINES]


def _named(name: str) -> list[Citation]:
    entry = by_name(name)
    return [entry] if entry is not None else []


def _add(group: dict[str, Citation], entries: Iterable[Citation]) -> None:
    for entry in entries:
        group.setdefault(entry.key, entry)
