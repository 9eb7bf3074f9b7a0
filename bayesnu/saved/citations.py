"""What a result has to cite: data, formulas and software, as BibTeX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bayesnu.analyses.bibliography import GROUPS, Bibliography, Citation, citations, of_names
from bayesnu.saved.runs import SavedRun


def of_run(run: SavedRun) -> Bibliography:
    """Return what the results of a saved run have to cite.

    What a limit cites is in its record; of a posterior or a scan without one it is found again
    from the names of experiments and signal.
    """
    groups: dict[str, dict[str, Citation]] = {"data": {}, "formulas": {}, "software": {}}
    unknown: dict[str, None] = {}

    def add(found: Bibliography) -> None:
        for name, entries in found.groups.items():
            group = groups.setdefault(name, {})
            for entry in entries:
                group.setdefault(entry.key, entry)
        unknown.update(dict.fromkeys(found.unknown))

    for fit in run.fits:
        if fit.record is not None:
            add(_recorded(fit.record.citations))
        else:
            backend = "kernel" if fit.tree is None else str(fit.tree.attrs.get("backend", "kernel"))
            posterior = fit.has_posterior
            add(of_names(fit.experiments, fit.signal, posterior=posterior, backend=backend))
    for names, signal in run.scanned():
        add(of_names(names, signal))
    for expected in run.sensitivities.values():
        sampled = any(point.bayesian is not None for point in expected.points)
        add(of_names((expected.experiment,), expected.signal, posterior=sampled))
    for compared in run.comparisons.values():
        sampled = compared.evidence is not None
        add(of_names(compared.experiments, compared.signal, posterior=sampled))
    data = groups["data"]
    return Bibliography(
        {
            name: tuple(e for key, e in entries.items() if name == "data" or key not in data)
            for name, entries in groups.items()
        },
        tuple(unknown),
    )


def _recorded(saved: Mapping[str, Sequence[str]]) -> Bibliography:
    """Return the entries that a record names; keys that are unknown are to be cited by hand."""
    known = citations()
    missing = [key for group in GROUPS for key in saved.get(group, ()) if key not in known]
    return Bibliography(
        {
            group: tuple(known[key] for key in saved.get(group, ()) if key in known)
            for group in GROUPS
        },
        (*saved.get("without_entry", ()), *missing),
    )
