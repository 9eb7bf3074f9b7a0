"""From ``models/*.toml`` to an `Experiment`: everything about the data, nothing about signals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bayesnu.backgrounds import WIDEST_CELL_KEV, FoldedBackground, fold_background
from bayesnu.constants import ELECTRON_MASS_KEV
from bayesnu.cross_sections.atomic import edges as atomic_edges
from bayesnu.cross_sections.kinematics import maximum_recoil
from bayesnu.detector import RecoilGrid, recoil_grid, resolution_width, response_matrix
from bayesnu.errors import InputError
from bayesnu.expectation import ENERGY_AXIS
from bayesnu.model_files import find, locate_table, read_entries, validate
from bayesnu.nuclear import read_nuclear
from bayesnu.observed import bin_edges, gaussian_errors, read_observed
from bayesnu.response import Factors, Response
from bayesnu.schema import Efficiency, ElectronRecoilFile, ExperimentFile, Neutrinos
from bayesnu.schema_effective import EffectiveMomentFile
from bayesnu.schema_nuclear import NuclearRecoilFile
from bayesnu.solar.spectra import COMPONENTS, line_energies
from bayesnu.tables import Table, digest_of, read_table

Array = NDArray[np.float64]

LOWEST_RECOIL_KEV = 0.0122
"""Below the last atomic edge (12.1 eV) no electron of xenon can be ionised."""


@dataclass(frozen=True, eq=False)
class Experiment:
    """An experiment: data, response and backgrounds, ready to be compared with a signal.

    Attributes
    ----------
    name : str
    path : Path
    file : ExperimentFile
        The checked entries of the file.
    edges : ndarray, shape (bins + 1,)
        Reconstructed energy, keV, or the plain bin number where bins are not in energy.
    observed : ndarray, shape (bins,) or None
        Counts; None for a projection.
    sigma : ndarray, shape (bins,) or None
        Gaussian errors; None for a Poisson likelihood.
    responses : tuple of Response
        One for every kind of target; the first is that of the channel.
    backgrounds : tuple of FoldedBackground
    tables : tuple of Table
        All tables that were read.
    standard_model : ndarray, shape (bins,), or None
        Published Standard-Model solar counts to which the signal is scaled, bin by bin.
    changed : bool
        Whether exposure or backgrounds are not those of the file (`bayesnu.projection`).
    """

    name: str
    path: Path
    file: ExperimentFile
    edges: Array
    observed: Array | None
    sigma: Array | None
    responses: tuple[Response, ...]
    backgrounds: tuple[FoldedBackground, ...]
    tables: tuple[Table, ...] = field(repr=False)
    standard_model: Array | None = None
    changed: bool = False

    @property
    def grid(self) -> RecoilGrid:
        """Recoil grid of the channel's own target."""
        return self.responses[0].grid

    @property
    def response(self) -> Array:
        """Nominal response of the channel's own target, shape (bins, nodes), t yr keV."""
        return self.responses[0].nominal

    @property
    def response_factors(self) -> tuple[Factors, ...]:
        """All products of nuisances that the responses depend on, () first."""
        return tuple(dict.fromkeys(f for response in self.responses for f in response.terms))

    @property
    def axis(self) -> str:
        """What `edges` are."""
        electron = isinstance(self.file, ElectronRecoilFile)
        return ENERGY_AXIS if electron else "bin number"

    @property
    def bins(self) -> int:
        """Number of bins."""
        return len(self.edges) - 1

    @property
    def neutrinos(self) -> Neutrinos:
        """How the file wants solar neutrinos to be treated."""
        return self.file.neutrinos

    @property
    def digest(self) -> str:
        """Hash of the file's entries and of every table behind them."""
        return digest_of(self.tables, self.file)

    def describe_bins(self) -> str:
        """Return the bins in words."""
        if isinstance(self.file, ElectronRecoilFile):
            return f"{self.bins} bins from {self.edges[0]:g} to {self.edges[-1]:g} keV"
        if isinstance(self.file, EffectiveMomentFile):
            return f"mu < {self.file.upper_limit_1e11_mu_B:g}e-11 mu_B ({self.file.beam})"
        return f"{self.bins} bins"

    def __str__(self) -> str:
        total = "no data" if self.observed is None else f"{self.observed.sum():.0f} events"
        number = len(self.backgrounds)
        return (
            f"{self.name}: {self.file.title}, {self.file.exposure:.3g} t yr, "
            f"{self.describe_bins()}, {total}, "
            f"{number} background{'' if number == 1 else 's'}"
        )


def load(
    name: str | Path,
    *,
    refine_grid: int = 1,
    allow_outside: bool = False,
    exposure: float | None = None,
    scale: Mapping[str, float] | None = None,
) -> Experiment:
    """Load an experiment by name, or from a file anywhere on disk.

    Parameters
    ----------
    name : str or Path
        A name that `available` lists (``xenonnt-2022-er``, ``xenonnt-2022-er@khan-2022``) or
        the path of a TOML file.
    refine_grid : int
        Factor on the density of the recoil grid, to test convergence.
    allow_outside : bool
        Whether tables, and a file it extends, may stand outside the file's folder and the
        packaged ones.
    exposure : float, optional
        Another exposure, t yr; the experiment then has no data. See `bayesnu.projection`.
    scale : mapping, optional
        Factors on backgrounds by name; the experiment then has no data.

    Returns
    -------
    Experiment

    Raises
    ------
    InputError
        One sentence: file, key, what was found, what is expected.
    """
    path = find(name)
    entries = repr(read_entries(path, allow_outside=allow_outside))
    found = _load(path, entries, refine_grid, allow_outside)
    if any(read_table(table.path) is not table for table in found.tables):
        # A table was edited since it was read.
        _load.cache_clear()
        found = _load(path, entries, refine_grid, allow_outside)
    if exposure is not None or scale:
        from bayesnu.projection import project

        return project(found, exposure, scale)
    return found


@lru_cache(maxsize=32)
def _load(path: Path, _entries: str, refine_grid: int, allow_outside: bool) -> Experiment:
    entries = read_entries(path, allow_outside=allow_outside)
    file = validate(path, entries)
    tables: list[Table] = []

    def table(source: str) -> Table:
        found = read_table(locate_table(path, source, allow_outside=allow_outside))
        tables.append(found)
        return found

    if isinstance(file, NuclearRecoilFile):
        data = read_nuclear(path, file, table, refine_grid)
        return Experiment(
            name=path.stem,
            path=path,
            file=file,
            edges=np.arange(len(data.observed) + 1.0),
            observed=data.observed,
            sigma=None,
            responses=data.responses,
            backgrounds=data.backgrounds,
            tables=tuple(tables),
            standard_model=data.standard_model,
        )
    if isinstance(file, EffectiveMomentFile):
        from bayesnu.moments.experiment import read_effective_moment

        return read_effective_moment(path, file)
    assert isinstance(file, ElectronRecoilFile)
    edges = bin_edges(file.bins)
    efficiency = read_efficiency(table(file.efficiency.table), file.efficiency)
    width = (
        resolution_width(file.resolution.coefficients, file.resolution.powers)
        if file.resolution
        else None
    )
    reach = float(edges[-1])
    if width is not None:
        _check_width(path, width, edges[-1:])
        reach += 6.0 * float(width(edges[-1:])[0])
        _check_width(path, width, np.geomspace(LOWEST_RECOIL_KEV, reach, 200))
    kinks = [*edges, file.lowest_recoil_keV]
    if width is None or file.efficiency.energy == "true":
        kinks += list(efficiency[0])

    def respond(at: RecoilGrid) -> Array:
        response = response_matrix(
            at,
            edges,
            file.exposure_t_yr,
            efficiency=efficiency,
            efficiency_energy=file.efficiency.energy,
            width=width,
        )
        return response * (at.energy > file.lowest_recoil_keV)

    steps = [*atomic_edges(), *_line_end_points(), *kinks]
    grid = recoil_grid(LOWEST_RECOIL_KEV, reach, steps, refine=refine_grid, widest=WIDEST_CELL_KEV)
    observed = read_observed(path, file.observed, edges, table)
    backgrounds = tuple(
        fold_background(
            path,
            name,
            entry,
            np.array(kinks),
            edges,
            (LOWEST_RECOIL_KEV, reach),
            respond,
            file.exposure_t_yr,
            table,
            refine_grid,
        )
        for name, entry in file.backgrounds.items()
        if not entry.omit
    )
    sigma = None
    if file.likelihood == "gaussian":
        if observed is None:
            raise InputError(path, "likelihood", found="gaussian without data", expected="poisson")
        sigma = gaussian_errors(observed, file.errors)
    return Experiment(
        name=path.stem,
        path=path,
        file=file,
        edges=edges,
        observed=observed,
        sigma=sigma,
        responses=(Response("electrons", grid, {(): respond(grid)}),),
        backgrounds=backgrounds,
        tables=tuple(tables),
    )


def _check_width(path: Path, width: Callable[[Array], Array], energy: Array) -> None:
    """Refuse a resolution that is not positive, or wider than all energies."""
    sigma = width(energy)
    wrong = (sigma < 1e-6) | (sigma > max(float(energy[-1]), 10.0))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise InputError(
            path,
            "resolution",
            found=f"sigma = {sigma[at]:.3g} keV at {energy[at]:.3g} keV",
            expected="a width between 0 and the energies",
        )


def _line_end_points() -> list[float]:
    lines = [energy for component in COMPONENTS for energy in line_energies(component)]
    return [float(maximum_recoil(energy, ELECTRON_MASS_KEV)) for energy in lines]


def read_efficiency(table: Table, entry: Efficiency) -> tuple[Array, Array]:
    """Return energies and efficiencies; refuses values outside [0, 1]."""
    energy = table.column("energy_keV", minimum=0.0, ascending=True) + entry.shift_keV
    efficiency = table.column(entry.column, minimum=0.0, maximum=1.0) * entry.scale
    if efficiency.max() > 1.0:
        raise InputError(
            table.path, "efficiency.scale", found=f"{entry.scale:g}", expected="at most 1 in all"
        )
    if entry.hold_above_keV is not None:
        at = float(np.interp(entry.hold_above_keV, energy, efficiency))
        below = energy < entry.hold_above_keV
        energy = np.append(energy[below], entry.hold_above_keV)
        efficiency = np.append(efficiency[below], at)
    return energy, efficiency
