"""Backgrounds of an experiment: recoils that hit its detector, or counts per bin; their priors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.activities import decays_per_t_yr
from bayesnu.experiments.detector import RecoilGrid, integrate_curve
from bayesnu.experiments.electron_detector import ElectronDetector
from bayesnu.experiments.format import background as entries
from bayesnu.experiments.observed import binned
from bayesnu.experiments.response import Fold, ScaledFold, Terms, Varied
from bayesnu.files.entry import TableColumn
from bayesnu.files.tables import TRUST_LABELS, Table
from bayesnu.likelihood import priors
from bayesnu.types import Array

ReadTable = Callable[[str], Table]

DIP = 0.01
"""A curve read off a figure is exact to about this, in units of its largest bin: by so much it
may lie below what is subtracted from it."""


@dataclass(frozen=True, eq=False)
class Recoils:
    """A spectrum of true recoil energies on a grid of its own, and how they become counts.

    Attributes
    ----------
    grid : RecoilGrid
        With cell edges where the spectrum, or the response, has kinks.
    density : ndarray, shape (nodes,)
        Events / (t yr keV).
    fold : callable
        The experiment's own response, on any grid.
    """

    grid: RecoilGrid
    density: Array
    fold: Fold = field(repr=False)

    def terms(self) -> Terms:
        """Return the counts per bin by response factors; () are the nominal ones."""
        return {factors: matrix @ self.density for factors, matrix in self.fold(self.grid).items()}


@dataclass(frozen=True, eq=False)
class Background:
    """A background with its norm's prior.

    Attributes
    ----------
    terms : dict of Factors to ndarray, shape (bins,)
        Expected events at norm 1 by response factors, as those of the signal.
    recoils : Recoils or None
        What `terms` are folded from; None where the file gives counts, or a curve after
        efficiency and resolution, which no nuisance of the response can move.
    prior : Prior or None
        Prior of the norm (relative to `counts`); None for a fixed background.
    shared : str or None
        Name of the nuisance if it is shared between experiments.
    subtract : tuple of str
        What `counts` still contains and has to be taken off.
    trust : str
        Trust label of the table behind the shape, or behind the size if that is trusted less.
    templates : tuple of Varied
        Counts at +1 and -1 sigma of nuisances of the shape.
    free_bins : bool
        Whether every bin has a norm of its own.
    needs_source : bool
        Whether it is not there without the source.
    """

    name: str
    label: str
    terms: Terms
    recoils: Recoils | None
    prior: priors.Prior | None
    shared: str | None
    subtract: tuple[str, ...]
    trust: str
    templates: tuple[Varied, ...] = ()
    free_bins: bool = False
    needs_source: bool = False

    @property
    def counts(self) -> Array:
        """Expected events at norm 1, all nuisances at their expectation, shape (bins,)."""
        return self.terms[()]

    def responding(self, change: Callable[[Fold], Fold]) -> Background:
        """Return the background with another response to its recoils."""
        if self.recoils is None or (fold := change(self.recoils.fold)) is self.recoils.fold:
            return self
        recoils = replace(self.recoils, fold=fold)
        return replace(self, recoils=recoils, terms=recoils.terms())

    @property
    def varied(self) -> Terms:
        """The terms, with those of nuisances of the shape."""
        terms = self.terms
        for template in self.templates:
            terms = template.on(terms)
        return terms

    def scaled(self, factor: float, exposure: float = 1.0) -> Background:
        """Return a background of another size and exposure, both relative to now."""
        recoils = self.recoils
        if recoils is not None:
            fold = ScaledFold(recoils.fold, exposure) if exposure != 1.0 else recoils.fold
            recoils = Recoils(recoils.grid, recoils.density * factor, fold)
        total = exposure * factor
        terms = {factors: counts * total for factors, counts in self.terms.items()}
        templates = tuple(t.scaled(total) for t in self.templates)
        return replace(self, recoils=recoils, terms=terms, templates=templates)


def read_background(
    path: Path,
    name: str,
    entry: entries.Background,
    detector: ElectronDetector,
    table: ReadTable,
) -> Background:
    """Read a background of an electron-recoil experiment: its shape, its size and its prior.

    Parameters
    ----------
    path, name : Path, str
        Where the entry stands, for messages.
    table : callable
        Reads a table.

    Raises
    ------
    InputError
        If the shape cannot be read or sized.
    """
    key, label = f"backgrounds.{name}", entry.label or name
    terms, recoils, trust = shape_of(path, key, entry, detector, table)
    scale = size_of(path, key, entry, terms[()], detector)
    size = float(terms[()].sum()) * scale if entry.events is None else entry.events
    prior = norm_prior(path, key, entry.prior, size)
    if entry.size_from is not None:
        trust = max(trust, table(entry.size_from).trust, key=TRUST_LABELS.index)
    found = Background(name, label, terms, recoils, prior, entry.shared, entry.subtract, trust)
    return replace(found.scaled(scale), needs_source=entry.needs_source)


def shape_of(
    path: Path, key: str, entry: entries.Background, detector: ElectronDetector, table: ReadTable
) -> tuple[Terms, Recoils | None, str]:
    """Return the counts of a shape before it is sized, its recoils, and its table's trust."""
    edges = detector.edges
    if entry.counts is not None:
        source = table(entry.counts.table)
        counts = binned(path, f"{key}.counts", source, entry.counts.column, edges)
        return {(): counts}, None, source.trust
    if entry.rate is not None:
        source = table(entry.rate.table)
        energy = source.column(entry.rate.energy, minimum=0.0, ascending=True)
        rate = source.column(entry.rate.column, minimum=0.0)
        curve = integrate_curve(energy * entry.energy_scale, rate, edges)
        return {(): detector.exposure * curve}, None, source.trust
    trust = "derived"
    if entry.lines is not None:
        grid = _lines(entry.lines, entry.energy_scale, detector.reach)
        density = np.ones_like(grid.energy)
    elif entry.flat:
        grid = detector.grid()
        density = np.ones_like(grid.energy)
    else:
        assert entry.spectrum is not None
        source = table(entry.spectrum.table)
        spectrum, corners = _spectrum(source, entry, entry.spectrum)
        grid = detector.grid(corners)
        density = spectrum(grid.energy)
        trust = source.trust
    recoils = Recoils(grid, density, detector.fold)
    return recoils.terms(), recoils, trust


def size_of(
    path: Path, key: str, entry: entries.Background, counts: Array, detector: ElectronDetector
) -> float:
    """Return the factor that brings a shape to its size."""
    scale = 1.0
    if entry.decays_per_t_yr is not None:
        scale *= entry.decays_per_t_yr
    if entry.activity is not None:
        scale *= decays_per_t_yr(entry.activity, detector.target)
    if entry.rate_per_t_yr_keV is not None:
        scale *= entry.rate_per_t_yr_keV
    if entry.events is not None:
        inside = np.ones(len(counts), dtype=bool)
        if entry.window_keV is not None:
            low, high = entry.window_keV
            inside = (detector.edges[:-1] >= low - 1e-9) & (detector.edges[1:] <= high + 1e-9)
        total = counts[inside].sum()
        if total <= 1e-30 * detector.exposure:
            raise InputError(
                path, f"{key}.window_keV", found="no events in it", expected="a shape inside"
            )
        scale *= entry.events / total
    return float(scale)


def subtracted(path: Path, background: Background, left: Array) -> Array:
    """Return what is left of a curve after subtractions, zero where it dips by a rounding.

    Raises
    ------
    InputError
        If the curve is below what is subtracted from it by more than `DIP` of its largest bin.
    """
    lowest = int(np.argmin(left))
    if left[lowest] < -DIP * float(background.counts.max()):
        raise InputError(
            path,
            f"backgrounds.{background.name}.subtract",
            found=f"{background.counts[lowest]:.4g} events in bin {lowest + 1}, "
            f"{-left[lowest]:.3g} less than {' + '.join(background.subtract)}",
            expected="a curve that contains what is subtracted from it",
        )
    return np.maximum(left, 0.0)


def norm_prior(
    path: Path, key: str, entry: entries.BackgroundPrior, size: float
) -> priors.Prior | None:
    """Return the prior of a norm relative to `size` events: widths are always relative."""
    if entry.type == "fixed":
        return None
    if entry.type == "free":
        return priors.flat(0.0, np.inf)
    if size <= 0:
        raise InputError(path, f"{key}.events", found=f"{size:g}", expected="more than 0")
    if entry.type == "flat":
        assert entry.events is not None
        return priors.flat(entry.events[0] / size, entry.events[1] / size)
    relative = entry.relative_sigma
    if relative is None:
        assert entry.sigma_events is not None
        relative = entry.sigma_events / size
    return priors.gaussian(1.0, relative, low=0.0)


def _spectrum(
    source: Table, entry: entries.Background, column: TableColumn
) -> tuple[Callable[[Array], Array], Array]:
    """Return the density as a function of true energy, normalised over the table, and its kinks."""
    density = source.column(column.column, minimum=0.0)
    if "low_keV" in source.names:
        low = source.column("low_keV", minimum=0.0, ascending=True)
        high = source.column("high_keV", ascending=True)
        norm = float((density * (high - low)).sum())
        # Bins hold their value from the first edge on, and nothing below it.
        energy = np.concatenate([low[:1], 0.5 * (low + high)])
        density = np.concatenate([density[:1], density])
    else:
        energy = source.column(column.energy, minimum=0.0, ascending=True)
        norm = float(np.trapezoid(density, energy))
    if norm <= 0:
        raise InputError(source.path, column.column, found="all zero", expected="a spectrum")
    first = int(np.argmax(density > 0))
    start, at_start = energy[first], density[first]

    def evaluate(true_energy: Array) -> Array:
        scaled = true_energy / entry.energy_scale
        values = np.interp(scaled, energy, density, left=0.0, right=0.0)
        power = {"linear": 1.0, "quadratic": 2.0}.get(entry.below_keV_as)
        if power is not None:
            values = np.where(scaled < start, at_start * (scaled / start) ** power, values)
        return np.asarray(values / norm / entry.energy_scale)

    return evaluate, energy * entry.energy_scale


def _lines(
    lines: tuple[entries.Line, ...], energy_scale: float, reach: tuple[float, float]
) -> RecoilGrid:
    """Return mono-energetic lines as nodes, of weights whose sum is one; none out of reach."""
    energy = np.array([line.energy_keV * energy_scale for line in lines])
    weight = np.array([line.weight for line in lines])
    seen = (energy > reach[0]) & (energy < reach[1])
    return RecoilGrid(energy[seen], weight[seen] / weight.sum())
