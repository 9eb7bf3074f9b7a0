"""The experiment file format, version 1: what a ``models/*.toml`` may say, typed and checked."""

from __future__ import annotations

import itertools
from typing import ClassVar, Literal

from pydantic import (
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bayesnu.experiments.format.background import Background
from bayesnu.experiments.format.experiment_file import ExperimentFile
from bayesnu.experiments.format.nuisances import (
    Correlation,
    DetectorNuisance,
    NuisanceName,
    check_correlations,
    templates_of,
)
from bayesnu.experiments.format.observed import MAX_BINS, Binning, Observed, SourceOff
from bayesnu.experiments.format.resolution import Resolution
from bayesnu.files.entry import Entry, Finite, Name, NonNegative, Positive, Size


class Efficiency(Entry):
    """Probability that a recoil is detected and selected."""

    table: str
    column: str = "efficiency"
    energy: Literal["true", "reconstructed"] = Field(
        description="which energy the efficiency is a function of"
    )
    scale: Positive = Field(1.0, description="factor on the whole curve")
    shift_keV: Finite = Field(0.0, description="shift of the curve to higher energy")
    hold_above_keV: Positive | None = Field(
        None,
        description="hold the curve above this energy (where a published curve contains the "
        "upper energy cut that the bins already make)",
    )


class Reconstruction(Entry):
    """Gaussian of the reconstructed energy, mean and width by true energy: a simulation's output.

    The table has a column energy_keV (true energy) and one each of mean and width; linear
    between its rows. Where the efficiency is a simulation's too, both have to be of the same one:
    near threshold only upward fluctuations pass, so that what is accepted reconstructs higher
    and narrower than a resolution about the true energy says.
    """

    table: str = Field(description="path, relative to the data folder or to this file")
    mean: str = Field("mean_keV", description="column of the mean reconstructed energy, keV")
    width: str = Field("width_keV", description="column of its standard deviation, keV")
    source: str = ""


class TabulatedResponse(Entry):
    """P(seen in a bin | true energy of an electron): one column for every bin, one row an energy.

    Linear between rows. A probability has the efficiency in it; those of a row are at most 1 in
    sum. Nothing is seen outside the table, so that it begins and ends with zeros; it can begin
    with something else at the lowest recoil energy of the target, or at lowest_recoil_keV.
    """

    table: str = Field(description="path, relative to the data folder or to this file")
    columns: str = Field(
        "bin_", description="how the names of the bins' columns start; in the order of the bins"
    )
    energy: str = Field("energy_keV", description="column of the true energy, keV")
    source: str = ""


class EnergyFile(ExperimentFile):
    """What experiments with bins in reconstructed energy have in common.

    It is that of an electron's recoil, keV.
    """

    later: ClassVar[tuple[str, ...]] = (*ExperimentFile.later, "source_off", "response")

    exposure_t_yr: Size
    likelihood: Literal["poisson", "gaussian"] = "poisson"
    errors: Literal["sqrt-n", "garwood-mean", "table"] = Field(
        "sqrt-n",
        description="gaussian: sqrt(n) (1 if empty), mean half-width of Garwood's, or a column "
        "`sigma` of the tables of counts, which may then be below zero (background subtracted)",
    )
    bins: tuple[Binning, ...] = Field(min_length=1, max_length=50)
    observed: tuple[Observed, ...] = Field((), description="none: a projection, Asimov data")
    source_off: SourceOff | None = Field(None, description="data without the source")
    response: TabulatedResponse | None = Field(
        None,
        description="of electron recoils, instead of efficiency and resolution or reconstruction: "
        "P(bin | true energy)",
    )
    efficiency: Efficiency | None = Field(
        None, validate_default=True, description="required without a response"
    )
    resolution: Resolution | None = Field(
        None, description="Gaussian about the true energy; without it, or reconstruction, none"
    )
    reconstruction: Reconstruction | None = Field(
        None, description="instead of resolution: mean and width from a table"
    )
    lowest_recoil_keV: NonNegative = Field(
        0.0, description="true recoil energy below which an analysis cuts the signal off"
    )
    backgrounds: dict[Name, Background]
    nuisances: dict[NuisanceName, DetectorNuisance] = Field(
        {}, description="of the response, of norms and of shapes"
    )
    correlations: tuple[Correlation, ...] = Field((), description="between nuisances")

    @property
    def exposure(self) -> float:
        """Exposure, t yr."""
        return self.exposure_t_yr

    def templates(self, component: str) -> dict[str, DetectorNuisance]:
        """Return the nuisances that change the shape of a component, by name."""
        return templates_of(self.nuisances, component)

    @field_validator("bins")
    @classmethod
    def _adjacent(cls, value: tuple[Binning, ...]) -> tuple[Binning, ...]:
        for before, after in itertools.pairwise(value):
            if after.low_keV != before.high_keV:
                raise ValueError("bins must ascend without gaps")
        if sum(run.number for run in value) > MAX_BINS:
            raise ValueError(f"at most {MAX_BINS} bins in all")
        return value

    @field_validator("efficiency", "resolution", "reconstruction")
    @classmethod
    def _not_beside_a_response(cls, value: Entry | None, info: ValidationInfo) -> Entry | None:
        tabulated = info.data.get("response") is not None
        if value is not None and tabulated:
            raise ValueError(
                f"either response or {info.field_name} "
                f'(replaces = ["{info.field_name}"] drops an inherited one)'
            )
        if value is None and not tabulated and info.field_name == "efficiency":
            raise PydanticCustomError("missing", "this key")
        return value

    @field_validator("reconstruction")
    @classmethod
    def _one_response(
        cls, value: Reconstruction | None, info: ValidationInfo
    ) -> Reconstruction | None:
        if value is not None and info.data.get("resolution") is not None:
            raise ValueError(
                "either resolution or reconstruction "
                '(replaces = ["reconstruction"] drops an inherited one)'
            )
        return value

    @model_validator(mode="after")
    def _consistent(self) -> EnergyFile:
        if self.errors == "table" and (
            self.likelihood != "gaussian" or any(entry.counts is None for entry in self.observed)
        ):
            raise ValueError('errors = "table" needs likelihood = "gaussian", and counts in tables')
        check_correlations(self.nuisances, self.correlations)
        self._check_source_off()
        self._check_nuisances()
        return self

    def _check_nuisances(self) -> None:
        """Refuse nuisances of what the response is not made of."""
        smeared = self.resolution is not None or self.reconstruction is not None
        for name, nuisance in self.nuisances.items():
            if nuisance.kind == "atomic" and self.neutrinos.atomic != "fea":
                raise ValueError(f'nuisance {name}: atomic begins at atomic = "fea"')
            if nuisance.kind in ("energy-shift", "energy-scale", "resolution") and not smeared:
                raise ValueError(
                    f"nuisance {name}: {nuisance.kind} needs a resolution or a reconstruction"
                )
            if self.efficiency is None and nuisance.kind == "threshold":
                raise ValueError(f"nuisance {name}: threshold moves an efficiency, not a response")
            if self.efficiency is None and nuisance.kind == "efficiency" and nuisance.up:
                raise ValueError(f"nuisance {name}: a response has its efficiency moved by sigma")

    def _check_source_off(self) -> None:
        """Refuse data without the source that nothing is to be learned from."""
        backgrounds = {n: b for n, b in self.backgrounds.items() if not b.omit}
        if self.source_off is None:
            for name, entry in backgrounds.items():
                if entry.free_bins or entry.needs_source:
                    key = "free_bins" if entry.free_bins else "needs_source"
                    raise ValueError(f"background {name}: {key} goes with source_off")
            return
        if self.likelihood != "poisson":
            raise ValueError('source_off needs likelihood = "poisson"')
        if bool(self.observed) != bool(self.source_off.observed):
            raise ValueError("data with and without the source, or none of both")
        if all(entry.needs_source for entry in backgrounds.values()):
            raise ValueError("source_off without a background that it measures")
        for name, entry in backgrounds.items():
            if entry.subtract and not entry.needs_source:
                raise ValueError(f"background {name}: subtract, with source_off")
            if entry.free_bins and not self.source_off.observed:
                raise ValueError(f"background {name}: free_bins need observed data in source_off")
            if entry.free_bins and self.templates(name):
                raise ValueError(f"background {name}: free_bins have no shape for a nuisance")


class ElectronRecoilFile(EnergyFile):
    """An experiment that counts electron recoils in bins of reconstructed energy."""

    channel: Literal["electron-recoil"]
