"""An `Experiment`: everything about the data, nothing about signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bayesnu.experiments.backgrounds import Background
from bayesnu.experiments.detector import RecoilGrid
from bayesnu.experiments.format.effective_moment import EffectiveMomentFile
from bayesnu.experiments.format.electron_recoil import EnergyFile
from bayesnu.experiments.format.experiment_file import ExperimentFile
from bayesnu.experiments.format.nuisances import Nuisance
from bayesnu.experiments.format.quenched_recoil import QuenchedRecoilFile
from bayesnu.experiments.response import Factors, Response
from bayesnu.files.tables import Table, digest_of
from bayesnu.physics.source import Source
from bayesnu.physics.sources.sun.sun import SunOptions
from bayesnu.physics.targets.material import Material, material
from bayesnu.physics.treatment import Neutrinos
from bayesnu.results.expectation import ENERGY_AXIS
from bayesnu.types import Array


@dataclass(frozen=True)
class SourceOff:
    """Data without the source, in the same bins.

    Attributes
    ----------
    name : str
        Of these bins, beside the experiment's own.
    exposure : float
        Relative to that with the source.
    observed : ndarray, shape (bins,) or None
        None for a projection.
    """

    name: str
    exposure: float
    observed: Array | None


@dataclass(frozen=True, eq=False)
class Experiment:
    """An experiment: data, response and backgrounds, ready to be compared with a signal.

    Attributes
    ----------
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
    tables : tuple of Table
        All tables that were read.
    standard_model : ndarray, shape (bins,), or None
        Published Standard-Model counts to which the signal is scaled, bin by bin.
    flux_tables : dict of str to Table
        Those of `tables` that the source reads, as the file names them.
    arrival : dict of str to ndarray, shape (bins,)
        Shares of each component of the source, where bins are in time, too.
    source_off : SourceOff or None
    changed : bool
        Whether exposure or backgrounds are not those of the file; see `projection`.
    """

    name: str
    path: Path
    file: ExperimentFile
    edges: Array
    observed: Array | None
    sigma: Array | None
    responses: tuple[Response, ...]
    backgrounds: tuple[Background, ...]
    tables: tuple[Table, ...] = field(repr=False)
    standard_model: Array | None = None
    arrival: dict[str, Array] = field(default_factory=dict, repr=False)
    flux_tables: dict[str, Table] = field(default_factory=dict, repr=False)
    source_off: SourceOff | None = None
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
        electron = isinstance(self.file, EnergyFile)
        return ENERGY_AXIS if electron else "bin number"

    @property
    def bins(self) -> int:
        """Number of bins."""
        return len(self.edges) - 1

    @property
    def neutrinos(self) -> Neutrinos:
        """How the file wants neutrinos to be treated."""
        return self.file.neutrinos

    @property
    def material(self) -> Material:
        """What the detector is made of."""
        return material(self.file.target)

    def source(self, **changes: Any) -> Source:
        """Return the neutrinos that arrive, with some oscillation parameters changed."""
        return self.file.source.arriving(self.neutrinos, self.flux_tables, **changes)

    @property
    def recoils(self) -> str:
        """The channel whose units its parameters have: that of electrons, if they are seen too.

        A quenched recoil has the energy of an electron's, and charges and moments show on these.
        """
        both = isinstance(self.file, QuenchedRecoilFile) and self.file.electron_recoils
        return "electron-recoil" if both else self.file.channel

    @property
    def sees_sun(self) -> bool:
        """Whether its neutrinos are those of the sun."""
        return isinstance(self.file.source, SunOptions)

    @property
    def nuisances(self) -> Mapping[str, Nuisance]:
        """The file's nuisances of response, norms and shapes, by name."""
        return dict(getattr(self.file, "nuisances", {}))

    @property
    def digest(self) -> str:
        """Hash of the file's entries and of every table behind them."""
        return digest_of(self.tables, self.file)

    def describe_bins(self) -> str:
        """Return the bins in words."""
        if isinstance(self.file, EnergyFile):
            return f"{self.bins} bins from {self.edges[0]:g} to {self.edges[-1]:g} keV"
        if isinstance(self.file, EffectiveMomentFile):
            beam = self.file.beam or self.file.source.kind
            return f"mu < {self.file.upper_limit_1e11_mu_B:g}e-11 mu_B ({beam})"
        return f"{self.bins} bins"

    def __str__(self) -> str:
        total = "no data" if self.observed is None else f"{self.observed.sum():.0f} events"
        number = len(self.backgrounds)
        return (
            f"{self.name}: {self.file.title}, {self.file.exposure:.3g} t yr, "
            f"{self.describe_bins()}, {total}, "
            f"{number} background{'' if number == 1 else 's'}"
        )
