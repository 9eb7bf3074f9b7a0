"""Shapes of single components at +1 and -1 sigma of a nuisance, from tables of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from bayesnu.errors import InputError
from bayesnu.experiments.backgrounds import Background, shape_of, size_of
from bayesnu.experiments.electron_detector import ElectronDetector
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.format import background as entries
from bayesnu.experiments.format.nuisances import DetectorNuisance, Nuisance
from bayesnu.experiments.observed import binned
from bayesnu.experiments.response import Fold, TemplateFold, Varied, shape
from bayesnu.files.entry import TableColumn
from bayesnu.files.tables import Table
from bayesnu.types import Array

ReadTable = Callable[[str], Table]

FORMS = ("counts", "rate", "spectrum")
"""What of a background a table can replace."""


def with_templates(
    path: Path,
    background: Background,
    entry: entries.Background,
    detector: ElectronDetector,
    nuisances: Mapping[str, DetectorNuisance],
    table: ReadTable,
) -> Background:
    """Return a background with the nuisances of its shape, sized by what sizes the nominal one.

    Raises
    ------
    InputError
        If a table does not cover the bins, or the background has no table to replace.
    """
    if not nuisances:
        return background
    key = f"backgrounds.{background.name}"
    raw = shape_of(path, key, entry, detector, table)[0][()]
    scale = size_of(path, key, entry, raw, detector)

    def at(name: str, end: str, changed: DetectorNuisance) -> Array:
        column: TableColumn = getattr(changed, end)
        where = f"nuisances.{name}.{end}"
        if changed.ratio:
            return background.counts * ratios(path, where, table, column, detector.edges)
        form = next((form for form in FORMS if getattr(entry, form) is not None), None)
        if form is None:
            raise InputError(
                path, where, found="lines, or a flat shape", expected="ratio = true: factors by bin"
            )
        other = entry.model_copy(update={form: column})
        return scale * shape_of(path, where, other, detector, table)[0][()]

    return replace(
        background,
        templates=tuple(
            varied(name, changed, partial(at, name, changed=changed))
            for name, changed in nuisances.items()
        ),
    )


def varied(name: str, entry: Nuisance, at: Callable[[str], Array]) -> Varied:
    """Return a nuisance from what counts are at its two ends, "up" and "down"."""
    return shape(name, at("up"), at("down"), multiply=entry.combine == "multiply")


def ratios(path: Path, key: str, table: ReadTable, column: TableColumn, edges: Array) -> Array:
    """Return factors on the counts of all bins: a table of factors has the experiment's bins."""
    source = table(column.table)
    factors = binned(path, key, source, column.column, edges)
    if len(source.column("low_keV")) != len(factors):
        raise InputError(
            path, key, found="bins other than the experiment's", expected="a factor for each bin"
        )
    return factors


def with_nuisances_of_source(
    experiment: Experiment, factors: Callable[[str, str, Nuisance], Array]
) -> Experiment:
    """Return an experiment that also knows the nuisances of its neutrinos' shape.

    Parameters
    ----------
    factors : callable
        (nuisance, "up" or "down", entry) -> factors on the counts of all bins.

    Raises
    ------
    InputError
        If a nuisance names a component that there is not, or cannot have this name.
    """
    label = experiment.source().label
    known = [label, *(background.name for background in experiment.backgrounds)]
    for name, entry in experiment.nuisances.items():
        key = f"nuisances.{name}"
        if name == "signal" or name.startswith("background_"):
            raise InputError(
                experiment.path, key, found="a name of another nuisance", expected="another one"
            )
        for component in entry.components:
            if component not in known:
                raise InputError(
                    experiment.path,
                    f"{key}.components",
                    found=repr(component),
                    expected=" | ".join(known),
                )
        if entry.kind == "template" and label in entry.components:
            up, down = (factors(name, end, entry) for end in ("up", "down"))

            def change(
                fold: Fold,
                name: str = name,
                entry: Nuisance = entry,
                up: Array = up,
                down: Array = down,
            ) -> Fold:
                return TemplateFold(fold, name, up, down, entry.combine == "multiply")

            responses = tuple(response.responding(change) for response in experiment.responses)
            experiment = replace(experiment, responses=responses)
    return experiment


def factors_by_energy(
    experiment: Experiment, table: ReadTable
) -> Callable[[str, str, Nuisance], Array]:
    """Return how factors on bins of energy are read."""

    def read(name: str, end: str, entry: Nuisance) -> Array:
        if not entry.ratio:
            raise InputError(
                experiment.path,
                f"nuisances.{name}",
                found="counts of neutrinos",
                expected="ratio = true",
            )
        where = f"nuisances.{name}.{end}"
        return ratios(experiment.path, where, table, getattr(entry, end), experiment.edges)

    return read
