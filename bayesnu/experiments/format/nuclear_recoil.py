"""The file format of nuclear-recoil experiments: runs, bins that are not in energy, responses."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from bayesnu.experiments.format.background import BackgroundPrior
from bayesnu.experiments.format.experiment_file import ExperimentFile
from bayesnu.experiments.format.nuclear_values import BinValues
from bayesnu.experiments.format.nuisances import (
    CountsNuisance,
    NuisanceName,
    templates_of,
)
from bayesnu.experiments.format.run_response import FoldedResponse, RunResponse
from bayesnu.files.entry import Entry, Name, Positive
from bayesnu.physics.treatment import Component, Neutrinos


class TimeAxis(Entry):
    """Times after the protons, us: columns of the table of counts.

    Each component of the source has its own distribution, with which its counts are spread.
    """

    low: str = "time_low_us"
    high: str = "time_high_us"
    efficiency: str | None = Field(
        None, description="table with time_us and efficiency, linear between rows"
    )


class Run(Entry):
    """One science run: exposure, counts and responses."""

    later: ClassVar[tuple[str, ...]] = ("time",)

    exposure_t_yr: Positive
    observed: BinValues
    response: RunResponse = Field(description="to nuclear recoils")
    electron_response: RunResponse | None = Field(None, description="to electron recoils")
    time: TimeAxis | None = Field(None, description="if bins are in time, too")
    standard_model: BinValues | None = Field(
        None, description="published Standard-Model counts, to which the signal is scaled"
    )

    @property
    def response_nuisances(self) -> tuple[str, ...]:
        """Names of what the responses depend on."""
        electrons = () if self.electron_response is None else self.electron_response.nuisances
        return (*self.response.nuisances, *electrons)

    @model_validator(mode="after")
    def _quenched(self) -> Run:
        if isinstance(self.response, FoldedResponse) and self.response.quenching is None:
            raise ValueError("a response to nuclei has a quenching")
        electrons = self.electron_response
        if isinstance(electrons, FoldedResponse) and electrons.quenching is not None:
            raise ValueError("a response to electrons has no quenching")
        return self


class BinnedBackground(Entry):
    """A background given as counts in the bins of each run it occurs in, with one norm."""

    label: str = ""
    counts: dict[str, BinValues] = Field(min_length=1, description="run -> counts")
    prior: BackgroundPrior
    shared: str | None = Field(None, description="nuisance shared under this name")
    omit: bool = Field(False, description="leave it out (for a file that extends another)")
    source: str = ""


NUCLEAR_DEFAULTS = {"components": ("b8", "hep"), "survival": "msw"}
"""Only these neutrinos have the energy to make nuclei recoil visibly; matter effects matter."""


def nuclear_defaults(data: object) -> object:
    """Return entries in which `neutrinos` has what it does not say from `NUCLEAR_DEFAULTS`."""
    if isinstance(data, dict) and isinstance(data.get("neutrinos"), dict):
        return {**data, "neutrinos": {**NUCLEAR_DEFAULTS, **data["neutrinos"]}}
    return data


class NuclearRecoilFile(ExperimentFile):
    """An experiment that counts nuclear recoils in bins of what it measures."""

    channel: Literal["nuclear-recoil"]
    neutrinos: Neutrinos = Neutrinos.model_validate(NUCLEAR_DEFAULTS)
    runs: dict[str, Run] = Field(min_length=1)
    group_by: str | None = Field(
        None, description="column of the observed table: bins with the same value are summed"
    )
    yield_nuisances: bool = Field(True, description="false: responses stay at their nominal yields")
    merge_runs: bool = Field(False, description="sum equal bins of all runs")
    standard_model_flux: dict[Component, Positive] = Field(
        {}, description="fluxes at which the published Standard-Model counts hold; default: ours"
    )
    backgrounds: dict[Name, BinnedBackground]
    nuisances: dict[NuisanceName, CountsNuisance] = Field(
        {}, description="of norms and of shapes; those of yields stand in the responses"
    )
    electron_recoils: bool = Field(
        False, description="electron recoils land in the same bins and are counted as signal too"
    )
    electron_recoils_missing: str = Field(
        "", description="why there is no response to electron recoils"
    )

    @property
    def exposure(self) -> float:
        """Exposure of all runs, t yr."""
        return sum(run.exposure_t_yr for run in self.runs.values())

    def templates(self, component: str) -> dict[str, CountsNuisance]:
        """Return the nuisances that change the shape of a component, by name."""
        return templates_of(self.nuisances, component)

    @model_validator(mode="before")
    @classmethod
    def _nuclear_defaults(cls, data: object) -> object:
        return nuclear_defaults(data)

    @model_validator(mode="after")
    def _consistent(self) -> NuclearRecoilFile:
        for name, background in self.backgrounds.items():
            for run in background.counts:
                if run not in self.runs:
                    raise ValueError(f"background {name} names the run {run}, which is not in runs")
        timed = any(run.time is not None for run in self.runs.values())
        if timed and (self.group_by is not None or self.merge_runs):
            raise ValueError("bins in time are not grouped, nor runs merged")
        for name, nuisance in self.nuisances.items():
            for run in {*nuisance.up, *nuisance.down}:
                if run not in self.runs:
                    raise ValueError(f"nuisance {name} names the run {run}, which is not in runs")
            for one in self.runs.values():
                if name in one.response_nuisances:
                    raise ValueError(f"nuisance {name} has the name of one of the response")
        given = [run.standard_model is not None for run in self.runs.values()]
        if any(given) != all(given):
            raise ValueError("give standard_model for every run or for none")
        if self.standard_model_flux and not any(given):
            raise ValueError("standard_model_flux needs standard_model in the runs")
        return self
