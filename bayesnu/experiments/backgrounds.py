"""Backgrounds of an experiment: shapes folded with its response, sizes and priors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.activities import decays_per_t_yr
from bayesnu.experiments.detector import RecoilGrid, integrate_curve, recoil_grid
from bayesnu.experiments.format.background import Background, BackgroundPrior
from bayesnu.experiments.observed import rebin
from bayesnu.files.entry import TableColumn
from bayesnu.files.tables import TRUST_LABELS, Table
from bayesnu.likelihood import priors
from bayesnu.types import Array

ReadTable = Callable[[str], Table]
Respond = Callable[[RecoilGrid], Array]
"""Response to recoils at given energies, shape (bins, nodes), weights included."""

WIDEST_CELL_KEV = 2.0
"""Cells of a recoil grid are not wider: the resolution must be resolved."""


DIP = 0.01
"""A curve read off a figure is exact to about this, in units of its largest bin: by so much it
may lie below what is subtracted from it."""


@dataclass(frozen=True)
class FoldedBackground:
    """A background as counts per bin, with its norm's prior.

    Attributes
    ----------
    name, label : str
    counts : ndarray, shape (bins,)
        Expected events at norm 1.
    prior : Prior or None
        Prior of the norm (relative to `counts`); None for a fixed background.
    shared : str or None
        Name of the nuisance if it is shared between experiments.
    subtract : tuple of str
        What `counts` still contains and has to be taken off.
    trust : str
        Trust label of the table behind the shape, or behind the size if that is trusted less.
    """

    name: str
    label: str
    counts: Array
    prior: priors.Prior | None
    shared: str | None
    subtract: tuple[str, ...]
    trust: str


def fold_background(
    path: Path,
    name: str,
    entry: Background,
    kinks: Array,
    edges: Array,
    reach: tuple[float, float],
    respond: Respond,
    exposure: float,
    table: ReadTable,
    refine: int = 1,
) -> FoldedBackground:
    """Turn an entry of the file into counts per bin and a prior of the norm.

    Parameters
    ----------
    path, name : Path, str
        Where the entry stands.
    entry : Background
    kinks : ndarray
        Recoil energies at which the response has a kink, keV.
    edges : ndarray, shape (bins + 1,)
        keV.
    reach : (float, float)
        True recoil energies that can be seen in the bins, keV.
    respond : callable
        The experiment's response; every shape gets a recoil grid of its own, with cell edges
        where the shape has kinks.
    exposure : float
        t yr.
    table : callable
        Reads a table.
    refine : int
        Factor on the density of the grid, to test convergence.

    Raises
    ------
    InputError
        If the shape cannot be read or sized.
    """
    key = f"backgrounds.{name}"
    trust = "derived"
    window: tuple[float, float] | None = entry.window_keV
    if entry.counts is not None:
        source = table(entry.counts.table)
        counts, covered = rebin(source, entry.counts.column, edges)
        if not covered.all():
            raise InputError(
                path,
                f"{key}.counts",
                found=f"no entry for the bin at {edges[int(np.argmin(covered))]:g} keV",
                expected="a table that covers every bin",
            )
        trust = source.trust
    elif entry.rate is not None:
        source = table(entry.rate.table)
        energy = source.column(entry.rate.energy, minimum=0.0, ascending=True)
        rate = source.column(entry.rate.column, minimum=0.0)
        counts = exposure * integrate_curve(energy * entry.energy_scale, rate, edges)
        trust = source.trust
    elif entry.lines is not None:
        counts = _fold_lines(entry, reach, respond)
    elif entry.flat:
        grid = recoil_grid(*reach, kinks, refine=refine, widest=WIDEST_CELL_KEV)
        counts = respond(grid).sum(axis=1)
    else:
        assert entry.spectrum is not None
        source = table(entry.spectrum.table)
        density, corners = _spectrum(source, entry, entry.spectrum)
        steps = np.concatenate([kinks, corners])
        grid = recoil_grid(*reach, steps, refine=refine, widest=WIDEST_CELL_KEV)
        counts = respond(grid) @ density(grid.energy)
        trust = source.trust
    if entry.decays_per_t_yr is not None:
        counts = counts * entry.decays_per_t_yr
    if entry.activity is not None:
        counts = counts * decays_per_t_yr(entry.activity)
    if entry.rate_per_t_yr_keV is not None:
        counts = counts * entry.rate_per_t_yr_keV
    if entry.events is not None:
        inside = np.ones(len(counts), dtype=bool)
        if window is not None:
            inside = (edges[:-1] >= window[0] - 1e-9) & (edges[1:] <= window[1] + 1e-9)
        total = counts[inside].sum()
        if total <= 1e-30 * exposure:
            raise InputError(
                path, f"{key}.window_keV", found="no events in it", expected="a shape inside"
            )
        counts = counts * (entry.events / total)
    size = float(counts.sum()) if entry.events is None else entry.events
    prior = norm_prior(path, key, entry.prior, size)
    if entry.size_from is not None:
        trust = max(trust, table(entry.size_from).trust, key=TRUST_LABELS.index)
    return FoldedBackground(
        name, entry.label or name, counts, prior, entry.shared, entry.subtract, trust
    )


def subtracted(path: Path, background: FoldedBackground, left: Array) -> Array:
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


def norm_prior(path: Path, key: str, entry: BackgroundPrior, size: float) -> priors.Prior | None:
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
    source: Table, entry: Background, column: TableColumn
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


def _fold_lines(entry: Background, reach: tuple[float, float], respond: Respond) -> Array:
    """Fold mono-energetic lines; those out of reach give no counts."""
    assert entry.lines is not None
    energy = np.array([line.energy_keV * entry.energy_scale for line in entry.lines])
    weight = np.array([line.weight for line in entry.lines])
    seen = (energy > reach[0]) & (energy < reach[1])
    lines = RecoilGrid(energy[seen], weight[seen] / weight.sum())
    return respond(lines).sum(axis=1)
