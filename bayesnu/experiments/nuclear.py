"""Read nuclear-recoil experiments: counts, backgrounds and responses in bins of any kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.arrival import arrival_shares
from bayesnu.experiments.backgrounds import Background, norm_prior
from bayesnu.experiments.detector import RecoilGrid, recoil_grid
from bayesnu.experiments.format.nuclear_recoil import BinnedBackground, NuclearRecoilFile
from bayesnu.experiments.format.nuisances import CountsNuisance, Nuisance
from bayesnu.experiments.response import Response, Terms, folded, yield_terms
from bayesnu.experiments.run_bins import ReadTable, RunBins
from bayesnu.experiments.run_response import Folded, OfRun, of_run
from bayesnu.experiments.templates import varied
from bayesnu.physics.cross_sections.kinematics import maximum_recoil
from bayesnu.physics.source import Source
from bayesnu.physics.targets.atom import edges
from bayesnu.physics.targets.material import material
from bayesnu.physics.targets.target import scatterers
from bayesnu.types import Array


@dataclass(frozen=True, eq=False)
class NuclearData:
    """What an experiment file of this channel holds.

    Attributes
    ----------
    observed : ndarray, shape (bins,)
    standard_model : ndarray, shape (bins,), or None
        Published Standard-Model counts to which the signal is scaled.
    responses : tuple of Response
        To nuclei, and to electrons where the file says so.
    arrival : dict of str to ndarray, shape (bins,)
        By component of the source, see `bayesnu.experiments.arrival`.
    """

    observed: Array
    standard_model: Array | None
    responses: tuple[Response, ...]
    backgrounds: tuple[Background, ...]
    arrival: dict[str, Array]
    factors: Callable[[str, str, Nuisance], Array]
    """(nuisance, "up" or "down", entry) -> factors on the neutrinos in all bins."""


def read_nuclear(
    path: Path,
    file: NuclearRecoilFile,
    source: Source,
    table: ReadTable,
    refine: int = 1,
) -> NuclearData:
    """Read the tables that the file names.

    Parameters
    ----------
    source : Source
        Whose lines the recoil grids resolve.

    Raises
    ------
    InputError
        If tables do not fit together, or electron recoils are wanted without a response.
    """
    check_electron_recoils(path, file)
    bins = RunBins(path, file, table)
    given = {n: run.standard_model for n, run in file.runs.items() if run.standard_model}
    published = bins.values("runs.RUN.standard_model", given)
    standard_model = bins.summed(published) if published else None
    responses = [_response(bins, "nuclei", source, refine)]
    if file.electron_recoils:
        responses.append(_response(bins, "electrons", source, refine))
    backgrounds = tuple(
        _background(bins, name, entry) for name, entry in file.backgrounds.items() if not entry.omit
    )
    return NuclearData(
        observed=bins.summed(bins.observed),
        standard_model=standard_model,
        responses=tuple(responses),
        backgrounds=backgrounds,
        arrival=arrival_shares(path, file, source.flux, table),
        factors=partial(_factors, bins, published),
    )


def _factors(
    bins: RunBins, published: Mapping[str, Array], name: str, end: str, entry: Nuisance
) -> Array:
    """Return the factors on the neutrinos in all bins: a table's, or ratios of published counts.

    Raises
    ------
    InputError
        If factors are given in bins that are summed, or counts and there are none to compare with.
    """
    key = f"nuisances.{name}"
    changed = bins.values(f"{key}.{end}.RUN", getattr(entry, end))
    if not entry.ratio:
        if not published:
            raise InputError(
                bins.path,
                key,
                found="counts of neutrinos, and no standard_model",
                expected="ratio = true",
            )
        nominal = bins.summed(published)
        safe = np.where(nominal > 0.0, nominal, 1.0)
        return np.where(nominal > 0.0, bins.summed({**published, **changed}) / safe, 1.0)
    if bins.grouped:
        raise InputError(bins.path, key, found="factors on bins that are summed", expected="none")
    ones = {run: np.ones(len(counts)) for run, counts in bins.observed.items()}
    return bins.summed({**ones, **changed})


def check_electron_recoils(path: Path, file: NuclearRecoilFile) -> None:
    """Refuse electron recoils where a run has no response to them.

    Raises
    ------
    InputError
        With the reason that the file gives.
    """
    missing = [name for name, run in file.runs.items() if run.electron_response is None]
    if file.electron_recoils and missing:
        reason = file.electron_recoils_missing
        raise InputError(
            path,
            "electron_recoils",
            found=f"true without an electron_response in {', '.join(missing)}"
            + (f" ({reason})" if reason else ""),
            expected="false, or an electron_response in every run",
        )


def _response(
    bins: RunBins,
    target: Literal["nuclei", "electrons"],
    source: Source,
    refine: int,
) -> Response:
    """Fold the runs' responses with exposure and quadrature weights on one recoil grid."""
    file = bins.file
    runs: dict[str, OfRun] = {}
    variations: dict[str, dict[str, tuple[OfRun, OfRun]]] = {}
    for name, run in file.runs.items():
        entry = run.response if target == "nuclei" else run.electron_response
        assert entry is not None
        runs[name], varied = of_run(bins, name, entry)
        for nuisance, pair in varied.items() if file.yield_nuisances else ():
            variations.setdefault(nuisance, {})[name] = pair
    varied_runs = (end for v in variations.values() for pair in v.values() for end in pair)
    every = [*runs.values(), *(one for one in varied_runs if isinstance(one, Folded))]
    knots = np.unique(np.concatenate([one.energy for one in every]))
    made_of = material(file.target)
    masses = [one.mass for one in scatterers(target, knots, file.neutrinos, made_of)]
    steps = [float(maximum_recoil(energy, m)) for energy in source.breaks for m in masses]
    if target == "electrons":
        steps += [float(edge) for element, _ in made_of.atoms for edge in edges(element.symbol)]
    grid = recoil_grid(
        max(knots[0], 1e-3),
        knots[-1],
        [*knots, *steps],
        refine=refine,
        widest=min(one.widest for one in every),
    )
    ends = {
        nuisance: (
            tuple(own[name][0] if name in own else one for name, one in runs.items()),
            tuple(own[name][1] if name in own else one for name, one in runs.items()),
        )
        for nuisance, own in variations.items()
    }
    return folded(target, grid, _Fold(bins.grouping, tuple(runs.values()), ends))


@dataclass(frozen=True, eq=False)
class _Fold:
    """The runs' responses with quadrature weights, on any grid."""

    grouping: Array
    nominal: tuple[OfRun, ...]
    variations: dict[str, tuple[tuple[OfRun, ...], tuple[OfRun, ...]]]

    def __call__(self, grid: RecoilGrid) -> Terms:
        nominal = self._stacked(self.nominal, grid)
        varied = {
            name: (self._stacked(up, grid), self._stacked(down, grid))
            for name, (up, down) in self.variations.items()
        }
        return yield_terms({(): nominal}, varied)

    def _stacked(self, runs: tuple[OfRun, ...], grid: RecoilGrid) -> Array:
        stacked = np.concatenate([run.on(grid) for run in runs])
        return np.asarray(self.grouping @ stacked * grid.weight)


def _background(bins: RunBins, name: str, entry: BinnedBackground) -> Background:
    key = f"backgrounds.{name}"
    raw = bins.values(f"{key}.counts.RUN", entry.counts)
    counts = bins.summed(raw)

    def at(nuisance: str, changed: CountsNuisance, end: str) -> Array:
        new = bins.values(f"nuisances.{nuisance}.{end}.RUN", getattr(changed, end))
        if changed.ratio:
            new = {run: raw[run] * factors for run, factors in new.items() if run in raw}
        return bins.summed({**raw, **new})

    templates = tuple(
        varied(nuisance, changed, partial(at, nuisance, changed))
        for nuisance, changed in bins.file.templates(name).items()
    )
    prior = norm_prior(bins.path, key, entry.prior, float(counts.sum()))
    trust = bins.table(next(iter(entry.counts.values())).table).trust
    label = entry.label or name
    return Background(name, label, {(): counts}, None, prior, entry.shared, (), trust, templates)
