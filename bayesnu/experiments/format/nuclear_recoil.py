"""The file format of nuclear-recoil experiments: runs, bins that are not in energy, responses."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from bayesnu.experiments.format.background import BackgroundPrior
from bayesnu.experiments.format.experiment_file import ExperimentFile
from bayesnu.files.entry import Entry, Identifier, Name, Positive
from bayesnu.physics.treatment import Component, Neutrinos


class BinValues(Entry):
    """One value for every bin of a run: a column of a table, or a row of one.

    A row is named by the text in the table's first column; its values stand in the columns
    whose names start with `columns`.
    """

    table: str = Field(description="path, relative to the data folder or to this file")
    column: str | None = None
    row: str | None = None
    columns: str = Field("", description="row: how the names of the bins' columns start")
    per_t_yr: bool = Field(False, description="the values are per exposure")

    @model_validator(mode="after")
    def _one_source(self) -> BinValues:
        if (self.column is None) == (self.row is None):
            raise ValueError("give either column or row")
        if (self.row is not None) != bool(self.columns):
            raise ValueError("a row needs columns, and a column does not")
        return self


class RecoilResponse(Entry):
    """P(selected, bin | true recoil energy): one column for every bin, one row an energy."""

    table: str
    columns: str = Field(description="how the names of the bins' columns start")
    energy: str = "energy_keV"
    bins: str | None = Field(
        None,
        description="column of the table of counts: which of the response's columns, from 0, is "
        "that of a bin (bins that differ in time share one); default: one column a bin",
    )
    up: dict[str, str] = Field({}, description="nuisance -> table at +1 sigma")
    down: dict[str, str] = Field({}, description="nuisance -> table at -1 sigma")

    @model_validator(mode="after")
    def _pairs(self) -> RecoilResponse:
        if set(self.up) != set(self.down):
            raise ValueError("every nuisance needs a table in up and in down")
        return self


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

    exposure_t_yr: Positive
    observed: BinValues
    response: RecoilResponse = Field(description="to nuclear recoils")
    electron_response: RecoilResponse | None = Field(None, description="to electron recoils")
    time: TimeAxis | None = Field(None, description="if bins are in time, too")
    standard_model: BinValues | None = Field(
        None, description="published Standard-Model counts, to which the signal is scaled"
    )
    standard_model_up: dict[Identifier, BinValues] = Field(
        {}, description="nuisance -> these counts at +1 sigma: all signals vary as they do"
    )
    standard_model_down: dict[Identifier, BinValues] = Field(
        {}, description="nuisance -> these counts at -1 sigma"
    )

    @model_validator(mode="after")
    def _pairs(self) -> Run:
        if set(self.standard_model_up) != set(self.standard_model_down):
            raise ValueError("every nuisance needs standard_model_up and standard_model_down")
        if self.standard_model_up and self.standard_model is None:
            raise ValueError("standard_model_up needs standard_model")
        if set(self.standard_model_up) & set(self.response.up):
            raise ValueError("a nuisance varies the response or standard_model, not both")
        return self


class BinnedBackground(Entry):
    """A background given as counts in the bins of each run it occurs in, with one norm."""

    label: str = ""
    counts: dict[str, BinValues] = Field(min_length=1, description="run -> counts")
    up: dict[Identifier, dict[str, BinValues]] = Field(
        {}, description="nuisance -> run -> counts at +1 sigma; one the signal has too moves both"
    )
    down: dict[Identifier, dict[str, BinValues]] = Field(
        {}, description="nuisance -> run -> counts at -1 sigma"
    )
    prior: BackgroundPrior
    shared: str | None = Field(None, description="nuisance shared under this name")
    omit: bool = Field(False, description="leave it out (for a file that extends another)")
    source: str = ""

    @model_validator(mode="after")
    def _pairs(self) -> BinnedBackground:
        if set(self.up) != set(self.down):
            raise ValueError("every nuisance needs counts in up and in down")
        return self


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

    @model_validator(mode="before")
    @classmethod
    def _nuclear_defaults(cls, data: object) -> object:
        return nuclear_defaults(data)

    @model_validator(mode="after")
    def _consistent(self) -> NuclearRecoilFile:
        for name, background in self.backgrounds.items():
            varied = (*background.up.values(), *background.down.values())
            for run in (run for counts in (background.counts, *varied) for run in counts):
                if run not in self.runs:
                    raise ValueError(f"background {name} names the run {run}, which is not in runs")
        timed = any(run.time is not None for run in self.runs.values())
        if timed and (self.group_by is not None or self.merge_runs):
            raise ValueError("bins in time are not grouped, nor runs merged")
        given = [run.standard_model is not None for run in self.runs.values()]
        if any(given) != all(given):
            raise ValueError("give standard_model for every run or for none")
        if self.standard_model_flux and not any(given):
            raise ValueError("standard_model_flux needs standard_model in the runs")
        return self
