"""P(selected, bin | recoil energy) of a run: from a table, or folded from what makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesnu.errors import InputError
from bayesnu.experiments.bin_table import BinTable, bin_columns, check_columns, read_bin_table
from bayesnu.experiments.detector import RecoilGrid
from bayesnu.experiments.format.nuclear_recoil import Run
from bayesnu.experiments.format.run_response import FoldedResponse, RecoilResponse
from bayesnu.experiments.light import Curve, GammaLight, PoissonLight, Seen, SmearedEnergy
from bayesnu.experiments.quenching import RECOILS_KEV, Quenched, read_quenching, rising
from bayesnu.experiments.run_bins import RunBins
from bayesnu.experiments.smearing import Gaussian
from bayesnu.files.tables import Table
from bayesnu.physics.targets.material import material
from bayesnu.types import Array

SEEN = 1e-10
"""Recoils that are seen with less than this chance are not."""

COARSE = 10
"""One of so many recoil energies is looked at for what can be seen."""


@dataclass(frozen=True, eq=False)
class Tabulated:
    """P(bin | energy) from a table."""

    table: BinTable
    exposure: float
    widest: float = np.inf

    @property
    def energy(self) -> Array:
        """Recoil energies of its rows, keV."""
        return self.table.energy

    def on(self, grid: RecoilGrid) -> Array:
        """Return it on a grid times the exposure, shape (bins, nodes)."""
        return self.exposure * self.table(grid.energy)


@dataclass(frozen=True, eq=False)
class Folded:
    """P(bin | energy) from quenching and what is seen of electrons.

    Attributes
    ----------
    which : ndarray of int, shape (bins,)
        Between which edges a bin is.
    energy : ndarray, shape (2,)
        Recoil energies that can be seen, keV.
    widest : float
        No cell of a grid may be wider, keV: the smearing must be resolved.
    """

    quenched: Quenched | None
    seen: Seen
    which: NDArray[np.int64]
    energy: Array
    exposure: float
    widest: float

    def on(self, grid: RecoilGrid) -> Array:
        """Return it on a grid times the exposure, shape (bins, nodes)."""
        inside = (grid.energy >= self.energy[0]) & (grid.energy <= self.energy[1])
        energy = np.where(inside, grid.energy, self.energy[0])
        chance = self.seen(energy if self.quenched is None else self.quenched(energy))
        return np.asarray(self.exposure * (chance * inside)[self.which])


OfRun = Tabulated | Folded


def of_run(
    bins: RunBins, name: str, entry: RecoilResponse | FoldedResponse
) -> tuple[OfRun, dict[str, tuple[OfRun, OfRun]]]:
    """Return the response of a run, and those at +1 and -1 sigma of its nuisances."""
    run, length = bins.file.runs[name], len(bins.observed[name])
    if isinstance(entry, FoldedResponse):
        return _folded(bins, name, entry)

    def read(source: str) -> Tabulated:
        return _tabulated(bins, bins.table(source), entry, run, length)

    varied: dict[str, tuple[OfRun, OfRun]] = {
        nuisance: (read(entry.up[nuisance]), read(entry.down[nuisance])) for nuisance in entry.up
    }
    return read(entry.table), varied


def _tabulated(
    bins: RunBins, source: Table, entry: RecoilResponse, run: Run, length: int
) -> Tabulated:
    names = bin_columns(source, entry.columns)
    if entry.bins is not None:
        names = [names[int(column)] for column in _which(bins, run, entry.bins, len(names))]
    check_columns(source.path, entry.columns, len(names), "observed bin", length)
    return Tabulated(read_bin_table(source, entry.energy, names), run.exposure_t_yr)


def _which(bins: RunBins, run: Run, column: str, number: int) -> NDArray[np.int64]:
    """Return which of the response's bins are those of a run's table of counts."""
    observed = bins.table(run.observed.table)
    return observed.column(column, minimum=0.0, maximum=number - 1.0).astype(np.int64)


def _folded(
    bins: RunBins, name: str, entry: FoldedResponse
) -> tuple[OfRun, dict[str, tuple[OfRun, OfRun]]]:
    run, length = bins.file.runs[name], len(bins.observed[name])
    edges = np.array(entry.edges)
    number = len(edges) - 1
    which = np.arange(number, dtype=np.int64)
    if entry.bins is not None:
        which = _which(bins, run, entry.bins, number)
    if len(which) != length:
        raise InputError(
            bins.path,
            f"runs.{name}.response.edges",
            found=f"{number} bins",
            expected=f"{length}, one for every observed bin",
        )
    light = entry.light_yield
    per_keV = 1.0 if light is None else light.photoelectrons_per_keV
    nominal: Quenched | None = None
    quenchings: dict[str, tuple[Quenched, Quenched]] = {}
    if entry.quenching is not None:
        target, last = material(bins.file.target), float(edges[-1]) / per_keV
        nominal, quenchings = read_quenching(bins.path, entry.quenching, target, last, bins.table)
    source, accepted = bins.table(entry.efficiency.table), entry.efficiency
    seen_as = accepted.seen or ("energy_keV" if light is None else "photoelectrons")
    points = source.column(seen_as, minimum=0.0, ascending=True)

    def of(quenched: Quenched | None, column: str) -> Folded:
        curve = points, source.column(column, minimum=0.0, maximum=1.0)
        seen = seen_with(entry, edges, curve)
        reach, widest = _reach(quenched, seen)
        return Folded(quenched, seen, which, reach, run.exposure_t_yr, widest)

    varied: dict[str, tuple[OfRun, OfRun]] = {
        nuisance: (of(up, accepted.column), of(down, accepted.column))
        for nuisance, (up, down) in quenchings.items()
    }
    for nuisance, up in accepted.up.items():
        varied[nuisance] = (of(nominal, up), of(nominal, accepted.down[nuisance]))
    return of(nominal, accepted.column), varied


def seen_with(
    entry: FoldedResponse, edges: Array, efficiency: Curve
) -> GammaLight | PoissonLight | SmearedEnergy:
    """Return what is seen of electrons with an efficiency."""
    light, resolution = entry.light_yield, entry.resolution
    if light is None:
        assert resolution is not None
        formula = resolution.coefficients, resolution.powers, resolution.in_quadrature
        return SmearedEnergy(edges, efficiency, Gaussian(*formula))
    if light.shape is None:
        return PoissonLight(edges, efficiency, light.photoelectrons_per_keV)
    return GammaLight(edges, efficiency, light.photoelectrons_per_keV, light.shape)


def _reach(quenched: Quenched | None, seen: Any) -> tuple[Array, float]:
    """Return the recoil energies that can be seen, and the widest cells of a grid, keV."""
    recoils = (RECOILS_KEV if quenched is None else rising(quenched))[::COARSE]
    energy = recoils if quenched is None else quenched(recoils)
    inside = np.flatnonzero(seen(energy).sum(axis=0) > SEEN)
    first, last = max(int(inside[0]) - 1, 0), min(int(inside[-1]) + 1, len(recoils) - 1)
    part = slice(first, last + 1)
    slopes = np.diff(energy[part]) / np.diff(recoils[part])
    resolved = seen.width(energy[part][1:]) / np.maximum(slopes, 1e-9)
    # The cells of a grid are a tenth of their energy, which mostly is enough.
    narrow = resolved < recoils[part][1:] / 10.0
    return recoils[[first, last]], float(resolved[narrow].min(initial=np.inf))
