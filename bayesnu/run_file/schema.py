"""The run file, version 1: what an ``analysis.toml`` may say, typed and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import Field, model_validator

from bayesnu.files.entry import Entry, Finite, Positive
from bayesnu.inference.samplers import SAMPLERS
from bayesnu.inference.settings import MOST_DRAWS
from bayesnu.output.tables.formats import FormatName
from bayesnu.saved.run_info import STEP_NAME, Kind

Whole = Annotated[int, Field(strict=True)]
Level = Annotated[float, Field(strict=True, gt=0, lt=1)]
FitName = Literal["one-at-a-time", "marginal"]
MethodName = Literal["profile", "posterior", "both"]
PriorChoice = Literal["flat", "flat-squared", "log", "natural"]
if TYPE_CHECKING:
    SamplerName = str
else:
    SamplerName = Literal[*SAMPLERS]
Names = tuple[str, ...]
Toys = Annotated[Whole, Field(ge=0, le=100_000)]


class Step(Entry):
    """What all steps may say; what is left out is as at the top of the run file."""

    name: Annotated[str, Field(pattern=STEP_NAME)] | None = Field(
        None, description="of the folder, `<kind>-<name>`; if left out: the parameters"
    )
    experiments: Names | None = Field(None, min_length=1)
    signal: str | None = None
    fit: FitName | None = None
    free: Names | None = Field(None, description="parameters free beside those of interest")
    fixed: dict[str, Finite] | None = Field(None, description="values of others, a mass")
    level: Level | None = None

    @property
    def label(self) -> str:
        """The step's name; by default its parameters."""
        return self.name or "-".join(self.of_interest())

    def of_interest(self) -> Names:
        """Return the parameters of interest; of a scan, its mass too."""
        names: list[str] = []
        for key in ("parameter", "parameters", "coupling", "mass"):
            found = getattr(self, key, ())
            names += [found] if isinstance(found, str) else found
        return tuple(names)


class LimitStep(Step):
    """Both limits on one parameter, as of `bayesnu limit`."""

    parameter: str
    method: MethodName | None = None
    prior: str | None = Field(
        None,
        description="flat | flat-squared | log | natural | jeffreys | gaussian:CENTRE,WIDTH | "
        "half-normal:WIDTH",
    )
    prior_range: tuple[Finite, Finite] | None = Field(
        None, description="of the parameter, instead of the usual one"
    )
    dof: Literal[1, 2] = 1


class ProfileStep(Step):
    """Delta chi2 curves, as of `bayesnu profile`."""

    parameter: str
    dof: Literal[1, 2] = 1
    each: bool = Field(False, description="also each experiment alone")


class ContourStep(Step):
    """Delta chi2 regions of two parameters, as of `bayesnu contour`."""

    parameters: tuple[str, str]
    levels: tuple[Level, ...] | None = Field(None, min_length=1, max_length=4)
    dof: Literal[1, 2] = 2
    points: Annotated[Whole, Field(ge=5, le=401)] = Field(41, description="on each axis")
    each: bool = Field(False, description="also each experiment alone")


class SampleStep(Step):
    """A posterior with its diagnostics, as of `bayesnu sample`."""

    parameters: Names = Field((), description="free ones; none: all of the signal's")
    prior: PriorChoice | None = None

    def of_interest(self) -> Names:
        """Return them."""
        return self.parameters or ("all",)


class ExclusionStep(Step):
    """Limits on a coupling against a mass that is held fixed in each fit."""

    coupling: str
    mass: str
    lowest: Positive = Field(description="mass, in its unit")
    highest: Positive
    points: Annotated[Whole, Field(ge=2, le=400)] = Field(31, description="logarithmic in the mass")
    dof: Literal[1, 2] = 1
    credible: bool = Field(True, description="also the credible limit at each mass")
    prior: PriorChoice | None = None

    @model_validator(mode="after")
    def _ascending(self) -> ExclusionStep:
        if not self.lowest < self.highest:
            raise ValueError("lowest below highest")
        return self


class SensitivityStep(Step):
    """Expected limits against exposure, as of `bayesnu sensitivity`."""

    experiments: Annotated[Names, Field(min_length=1, max_length=1)] | None = Field(
        None, description="one experiment"
    )
    parameter: str
    exposures_t_yr: tuple[Positive, ...] = Field(min_length=1, max_length=200)
    toys: Toys = 0
    method: MethodName | None = None
    prior: PriorChoice | None = None


class Data(Entry):
    """Projections: expected data, another exposure, backgrounds of another size."""

    asimov: bool = Field(False, description="expected counts as data")
    truth: dict[str, Finite] = Field({}, description="parameters or nuisances in expected data")
    exposure_t_yr: Positive | None = None
    scale: dict[str, Finite] = Field({}, description="factors on backgrounds by name")

    @model_validator(mode="after")
    def _truth_needs_asimov(self) -> Data:
        if self.truth and not self.asimov:
            raise ValueError("asimov = true where there is a truth")
        return self


class Sampling(Entry):
    """How posteriors are sampled."""

    draws: Annotated[Whole, Field(ge=4, le=1_000_000)] = Field(1000, description="kept, a chain")
    tune: Annotated[Whole, Field(ge=50, le=1_000_000)] = Field(
        500, description="discarded, a chain"
    )
    chains: Annotated[Whole, Field(ge=1, le=256)] = 4
    cores: Annotated[Whole, Field(ge=1, le=256)] = Field(4, description="chains at the same time")
    seed: Annotated[Whole, Field(ge=0, lt=2**32)] = Field(
        1, description="same seed, same numbers on one kind of processor"
    )
    target_accept: Annotated[float, Field(strict=True, ge=0.5, lt=1)] = 0.9
    backend: SamplerName = "kernel"

    @model_validator(mode="after")
    def _not_too_many(self) -> Sampling:
        if self.draws * self.chains > MOST_DRAWS:
            raise ValueError(f"at most {MOST_DRAWS} draws of all chains")
        return self


class Output(Entry):
    """What is made of the numbers."""

    figures: tuple[Literal["png", "pdf", "svg"], ...] = Field(("png",), description="formats")
    report: bool = Field(True, description="report.html")
    exports: tuple[FormatName, ...] = ()
    goodness_toys: Toys = Field(
        0, description="simulated data sets behind the p-value of the fit without a signal"
    )
    impacts: bool = Field(False, description="what each nuisance does to a limit")


class RunFile(Entry):
    """A run file."""

    title: Annotated[str, Field(min_length=1, max_length=300)]
    description: str = ""
    experiments: Names = Field(
        min_length=1, description="names, or paths of TOML files beside the run file; combined"
    )
    signal: str
    fit: FitName = Field(
        "one-at-a-time", description="the signal's other parameters: zero, or free"
    )
    free: Names = ()
    fixed: dict[str, Finite] = Field({}, description="values of other parameters, a mass")
    level: Level = 0.9
    method: MethodName = Field("both", description="which statements")
    prior: PriorChoice = "flat"
    data: Data = Data()
    sampling: Sampling = Sampling()
    output: Output = Output()
    limit: tuple[LimitStep, ...] = ()
    profile: tuple[ProfileStep, ...] = ()
    contour: tuple[ContourStep, ...] = ()
    sample: tuple[SampleStep, ...] = ()
    exclusion: tuple[ExclusionStep, ...] = ()
    sensitivity: tuple[SensitivityStep, ...] = ()

    @model_validator(mode="after")
    def _something_to_do(self) -> RunFile:
        if not any(getattr(self, kind) for kind in KINDS):
            raise ValueError("at least one step: " + " | ".join(f"[[{kind}]]" for kind in KINDS))
        return self

    def steps(self) -> list[tuple[Kind, Step]]:
        """Return (kind, step) of all steps, those that are left open filled in from the top."""
        return [(kind, self._filled(step)) for kind in KINDS for step in getattr(self, kind)]

    def _filled(self, step: Step) -> Step:
        changes: dict[str, Any] = {}
        for key in type(step).model_fields:
            if getattr(step, key) is None and key in RunFile.model_fields:
                changes[key] = getattr(self, key)
        if isinstance(step, ContourStep) and step.levels is None:
            changes["levels"] = (step.level or self.level,)
        if isinstance(step, SensitivityStep) and step.experiments is None:
            changes["experiments"] = self.experiments[:1]
        return step.model_copy(update={**changes, "name": step.label})


KINDS: tuple[Kind, ...] = get_args(Kind)
"""In the order in which steps are done."""
