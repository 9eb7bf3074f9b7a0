"""What the experiments of a saved run are."""

from __future__ import annotations

from collections.abc import Iterator

from bayesnu.analyses.record import facts_of
from bayesnu.errors import InputError
from bayesnu.experiments.loading import load
from bayesnu.results.description import Description
from bayesnu.saved.belonging import inputs_of
from bayesnu.saved.runs import SavedFit, SavedRun


def experiments_of(run: SavedRun) -> list[Description]:
    """Return every experiment of a run once: as recorded, or found again by its name alone."""
    return list(_once(run))


def _once(run: SavedRun) -> Iterator[Description]:
    seen: set[str] = set()
    for fit in run.fits:
        recorded = {e.name: e for e in fit.record.experiments} if fit.record is not None else {}
        for name in fit.experiments:
            if name in seen:
                continue
            seen.add(name)
            yield recorded.get(name) or _packaged(name, fit)
    expected = [(s.experiment,) for s in run.sensitivities.values()]
    for names in [*(names for names, _ in run.scanned()), *expected]:
        for name in (n for n in names if n not in seen):
            seen.add(name)
            yield _packaged(name, None)


def _packaged(name: str, fit: SavedFit | None) -> Description:
    """Return the facts of a packaged experiment, if it is still the one that was fitted."""
    digests = {}
    if fit is not None and fit.tree is not None:
        digests = inputs_of(fit.tree.attrs)
    nothing = Description(name, name, digests.get(name, ""), {}, ())
    try:
        experiment = load(name) if not name.endswith(".toml") else None
    except InputError:
        return nothing
    if experiment is None or digests.get(name, experiment.digest) != experiment.digest:
        return nothing
    return facts_of(experiment)
