"""The experiment file format, version 1: what a ``models/*.toml`` may say, typed and checked."""

from __future__ import annotations

import itertools
from math import pi
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bayesnu.experiments.schema_activity import Activity

Component = Literal["pp", "pep", "hep", "be7", "b8", "n13", "o15", "f17"]
Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Energy = Annotated[float, Field(strict=True, gt=0, le=20_000)]
"""keV; no solar neutrino gives more to an electron."""
Size = Annotated[float, Field(strict=True, ge=1e-9, le=1e9)]
"""Events, decays or t yr."""
Fraction = Annotated[float, Field(strict=True, ge=0, le=1)]

MAX_BINS = 2000
"""Of an experiment; a response matrix grows with its square."""


class Entry(BaseModel):
    """Base of all entries: unknown keys are refused, values cannot change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TableColumn(Entry):
    """A column of a table against an energy column."""

    table: str = Field(description="path, relative to the data folder or to this file")
    column: str
    energy: str = "energy_keV"


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


class Resolution(Entry):
    """Gaussian width: sigma [keV] = sum_k coefficients[k] * (E / keV) ** powers[k]."""

    coefficients: tuple[Annotated[float, Field(strict=True, ge=-1e3, le=1e3)], ...] = Field(
        min_length=1, max_length=8
    )
    powers: tuple[Annotated[float, Field(strict=True, ge=-4, le=4)], ...] = Field(
        min_length=1, max_length=8
    )
    source: str = ""

    @model_validator(mode="after")
    def _same_length(self) -> Resolution:
        if len(self.coefficients) != len(self.powers):
            raise ValueError("coefficients and powers must have equal length")
        return self


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


class Binning(Entry):
    """A run of bins in reconstructed energy: equal widths, or `number` logarithmic ones."""

    low_keV: NonNegative
    high_keV: Energy
    width_keV: Positive | None = None
    logarithmic: Annotated[int, Field(strict=True, gt=0, le=MAX_BINS)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Binning:
        if self.high_keV <= self.low_keV:
            raise ValueError("bins must ascend: high_keV must be larger than low_keV")
        if (self.width_keV is None) == (self.logarithmic is None):
            raise ValueError("give either width_keV or logarithmic")
        if self.width_keV is not None:
            count = (self.high_keV - self.low_keV) / self.width_keV
            if not 0.5 < count < MAX_BINS + 0.5 or abs(count - round(count)) > 1e-6:
                raise ValueError(f"width_keV must divide the range into 1 to {MAX_BINS} bins")
        elif self.low_keV == 0:
            raise ValueError("logarithmic bins cannot start at 0 keV")
        return self

    @property
    def number(self) -> int:
        """Number of bins."""
        if self.width_keV is not None:
            return round((self.high_keV - self.low_keV) / self.width_keV)
        return self.logarithmic or 0


class Observed(Entry):
    """Where the data come from: a list of event energies, counts in bins, or none (Asimov)."""

    events: TableColumn | None = None
    counts: str | None = Field(None, description="table with low_keV, high_keV, counts")
    counts_column: str = "counts"
    low_keV: NonNegative = 0.0
    high_keV: Positive = 1e9

    @model_validator(mode="after")
    def _one_source(self) -> Observed:
        if (self.events is None) == (self.counts is None):
            raise ValueError("give either events or counts")
        return self


class Line(Entry):
    """A mono-energetic line of a background."""

    energy_keV: Energy
    weight: Size = 1.0


class BackgroundPrior(Entry):
    """What is known of a background's size before the fit."""

    type: Literal["gaussian", "flat", "free", "fixed"]
    relative_sigma: Positive | None = Field(None, description="gaussian: width / size")
    sigma_events: Positive | None = Field(None, description="gaussian: width in events")
    events: tuple[NonNegative, Positive] | None = Field(None, description="flat: range")

    @model_validator(mode="after")
    def _complete(self) -> BackgroundPrior:
        widths = (self.relative_sigma is not None) + (self.sigma_events is not None)
        if widths != (self.type == "gaussian"):
            raise ValueError("a gaussian prior has one of relative_sigma and sigma_events")
        if (self.events is not None) != (self.type == "flat"):
            raise ValueError("a flat prior has events = [low, high]")
        if self.events is not None and self.events[1] <= self.events[0]:
            raise ValueError("events must ascend")
        return self


class Background(Entry):
    """One background component: a shape, a size and a prior.

    The shape is exactly one of `counts` (per bin of the experiment), `rate` (after
    efficiency and resolution), `spectrum`, `lines` or `flat` (before them: they are folded
    with the experiment's own response).
    """

    label: str = ""
    counts: TableColumn | None = None
    rate: TableColumn | None = None
    spectrum: TableColumn | None = None
    lines: tuple[Line, ...] | None = None
    flat: bool = False
    below_keV_as: Literal["table", "linear", "quadratic"] = Field(
        "table",
        description="below the first positive entry continue the spectrum as E, or as E^2",
    )
    energy_scale: Annotated[float, Field(strict=True, ge=0.5, le=2)] = Field(
        1.0, description="factor on the shape's energies"
    )
    events: Annotated[float, Field(strict=True, ge=0, le=1e9)] | None = Field(
        None, description="size in window_keV, detected events"
    )
    window_keV: tuple[NonNegative, Positive] | None = Field(
        None, description="where `events` are counted; default: all bins"
    )
    decays_per_t_yr: Size | None = Field(None, description="size before efficiency")
    activity: Activity | None = Field(None, description="the same from half-life or activity")
    rate_per_t_yr_keV: Size | None = Field(None, description="flat: height before efficiency")
    subtract: tuple[str, ...] = Field(
        (), description="'solar_nu' or other backgrounds that the curve contains"
    )
    prior: BackgroundPrior
    size_from: str | None = Field(None, description="table that size and prior were taken from")
    shared: str | None = Field(None, description="nuisance shared under this name")
    omit: bool = Field(False, description="leave it out (for a file that extends another)")
    source: str = ""

    @model_validator(mode="after")
    def _one_shape(self) -> Background:
        shapes = [self.counts, self.rate, self.spectrum, self.lines]
        if sum(shape is not None for shape in shapes) + self.flat != 1:
            raise ValueError("give exactly one of counts, rate, spectrum, lines, flat")
        sizes = [self.events, self.decays_per_t_yr, self.activity, self.rate_per_t_yr_keV]
        given = sum(size is not None for size in sizes)
        folded = self.spectrum is not None or self.lines is not None or self.flat
        if given > 1 or (folded and not given):
            raise ValueError(
                "give one size: events or decays_per_t_yr, activity, rate_per_t_yr_keV"
            )
        if self.flat and self.events is None and self.rate_per_t_yr_keV is None:
            raise ValueError("a flat shape is sized by events or rate_per_t_yr_keV")
        if not self.flat and self.rate_per_t_yr_keV is not None:
            raise ValueError("rate_per_t_yr_keV is the height of a flat shape")
        if not folded and self.activity is not None:
            raise ValueError("an activity is folded with a spectrum or lines")
        return self


class Oscillation(Entry):
    """Mixing parameters; as nuisances (Gaussian) if `nuisances` is true."""

    sin2_theta12: Fraction = 0.318
    sin2_theta13: Fraction = 0.0220
    sin2_theta23: Fraction = 0.5
    dm2_21_eV2: Positive = 7.50e-5
    delta_cp: Finite = Field(1.08 * pi, description="rad; only beams of known phases see it")
    sigma_sin2_theta12: NonNegative = 0.016
    sigma_sin2_theta13: NonNegative = 0.00066
    sigma_sin2_theta23: NonNegative = 0.014
    sigma_delta_cp: NonNegative = 0.13 * pi
    nuisances: bool = False


class Neutrinos(Entry):
    """How solar neutrinos are treated."""

    components: tuple[Component, ...] = ("pp", "be7")
    flux_model: Literal["GS98", "AGSS09met"] = "GS98"
    flux: dict[Component, Positive] = Field({}, description="cm-2 s-1, instead of the model's")
    flux_sigma: dict[Component, NonNegative] = Field({}, description="relative, instead of it")
    common_flux_sigma: Positive | None = Field(
        None, description="one relative nuisance for all fluxes instead of one each"
    )
    survival: Literal["low-energy", "msw"] = "low-energy"
    oscillation: Oscillation = Oscillation()
    couplings: Literal["tree", "radiative"] = "tree"
    sin2_theta_w: Fraction = 0.23863
    atomic: Literal["free", "fea", "epa", "rrpa"] = "fea"
    neutrino_mass_eV: Positive = Field(1.0, description="for the equivalent photon approximation")
    nuclei: Literal["isotopes", "average"] = "isotopes"
    form_factor: Literal["klein-nystrand", "helm"] = "klein-nystrand"

    @field_validator("components")
    @classmethod
    def _distinct(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or len(set(value)) != len(value):
            raise ValueError("components must be distinct and at least one")
        return value


class ExperimentFile(Entry):
    """What the experiment files of all channels have in common."""

    format: Literal[1] = 1
    title: str
    arxiv: str = ""
    citation: tuple[str, ...] = Field((), description="keys of models/citations.toml")
    description: str = ""
    channel: str
    target: Literal["xenon"] = "xenon"
    signal_sigma: Positive | None = Field(
        None, description="relative nuisance on the detected solar signal of this experiment"
    )
    signal_prior: Literal["log-normal", "gaussian"] = Field(
        "log-normal",
        description="of that nuisance: a Gaussian that ends at zero lets the signal vanish",
    )
    neutrinos: Neutrinos = Neutrinos()
    supersedes: tuple[str, ...] = ()
    overlaps: tuple[str, ...] = Field(
        (), description="experiments that may hold some of the same events"
    )
    standard_model_radii: bool = Field(
        False, description="Asimov data for charge radii contain those of the Standard Model"
    )
    notes: tuple[str, ...] = Field((), description="assumptions, shown by `bayesnu show`")

    @property
    def exposure(self) -> float:
        """Exposure of all runs, t yr."""
        raise NotImplementedError


class ElectronRecoilFile(ExperimentFile):
    """An experiment that counts electron recoils in bins of reconstructed energy."""

    channel: Literal["electron-recoil"]
    exposure_t_yr: Size
    likelihood: Literal["poisson", "gaussian"] = "poisson"
    errors: Literal["sqrt-n", "garwood-mean"] = Field(
        "sqrt-n", description="gaussian: sqrt(n) (1 if empty), or mean half-width of Garwood's"
    )
    bins: tuple[Binning, ...] = Field(min_length=1, max_length=50)
    observed: tuple[Observed, ...] = Field((), description="none: a projection, Asimov data")
    efficiency: Efficiency
    resolution: Resolution | None = Field(
        None, description="Gaussian about the true energy; without it, or reconstruction, none"
    )
    reconstruction: Reconstruction | None = Field(
        None, description="instead of resolution: mean and width from a table"
    )
    lowest_recoil_keV: NonNegative = Field(
        0.0, description="true recoil energy below which an analysis cuts the signal off"
    )
    backgrounds: dict[str, Background]

    @property
    def exposure(self) -> float:
        """Exposure, t yr."""
        return self.exposure_t_yr

    @field_validator("bins")
    @classmethod
    def _adjacent(cls, value: tuple[Binning, ...]) -> tuple[Binning, ...]:
        for before, after in itertools.pairwise(value):
            if after.low_keV != before.high_keV:
                raise ValueError("bins must ascend without gaps")
        if sum(run.number for run in value) > MAX_BINS:
            raise ValueError(f"at most {MAX_BINS} bins in all")
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
