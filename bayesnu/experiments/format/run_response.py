"""Entries about the response of a run to recoils: a table, or what is folded."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from bayesnu.experiments.format.quenching import K_NUISANCE, Lindhard, Quenching
from bayesnu.experiments.format.resolution import Resolution
from bayesnu.files.entry import Entry, Identifier, NonNegative, Positive


class RecoilResponse(Entry):
    """P(selected, bin | true recoil energy): one column for every bin, one row an energy."""

    later: ClassVar[tuple[str, ...]] = ("bins",)

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

    @property
    def nuisances(self) -> tuple[str, ...]:
        """Names of what the response depends on."""
        return tuple(self.up)


class LightYield(Entry):
    """Photoelectrons of an electron's energy, and how their number spreads.

    `poisson`: whole numbers about the mean. `gamma`: a gamma distribution of this mean, whose shape
    is shape[0] + shape[1] E / keV, so that the relative width is one over its root.
    """

    photoelectrons_per_keV: Positive
    smearing: Literal["poisson", "gamma"]
    shape: tuple[NonNegative, NonNegative] | None = Field(None, description="of gamma")

    @model_validator(mode="after")
    def _complete(self) -> LightYield:
        if (self.smearing == "gamma") != (self.shape is not None):
            raise ValueError("a gamma smearing has a shape, and a poisson one has none")
        if self.shape is not None and not any(self.shape):
            raise ValueError("a shape above zero")
        return self


class SeenEfficiency(Entry):
    """Probability that what is seen is selected; linear between rows, zero before the first."""

    table: str
    column: str = "efficiency"
    seen: str = Field(
        "", description="column of photoelectrons or energy; default: photoelectrons, or energy_keV"
    )
    up: dict[Identifier, str] = Field({}, description="nuisance -> column at +1 sigma")
    down: dict[Identifier, str] = Field({}, description="nuisance -> column at -1 sigma")


class FoldedResponse(Entry):
    """What makes P(selected, bin | true recoil energy): quenching, smearing and efficiency."""

    edges: tuple[NonNegative, ...] = Field(
        min_length=2,
        max_length=2001,
        description="of bins: photoelectrons with a light_yield, else electron-equivalent keV",
    )
    bins: str | None = Field(
        None,
        description="column of the table of counts: between which of the edges, from 0, a bin is "
        "(bins that differ in time share one); default: as the edges",
    )
    quenching: Quenching | None = Field(None, description="of nuclear recoils")
    light_yield: LightYield | None = None
    resolution: Resolution | None = Field(None, description="instead: Gaussian, by energy")
    efficiency: SeenEfficiency

    @model_validator(mode="after")
    def _complete(self) -> FoldedResponse:
        if any(b <= a for a, b in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("edges must ascend")
        if (self.light_yield is None) == (self.resolution is None):
            raise ValueError("give either light_yield or resolution")
        entries = [self.efficiency, *([self.quenching] if self.quenching else [])]
        for entry in entries:
            if not isinstance(entry, Lindhard) and set(entry.up) != set(entry.down):
                raise ValueError("every nuisance needs up and down")
        if len(set(self.nuisances)) < len(self.nuisances):
            raise ValueError("quenching and efficiency have nuisances of one name")
        return self

    @property
    def nuisances(self) -> tuple[str, ...]:
        """Names of what the response depends on."""
        if isinstance(self.quenching, Lindhard):
            own: tuple[str, ...] = (K_NUISANCE,) if self.quenching.sigma_k > 0.0 else ()
        else:
            own = tuple(self.quenching.up) if self.quenching else ()
        return (*own, *self.efficiency.up)


TAG = "-"
"""How tags of forms begin, which are no keys of a file."""


def _form(value: Any) -> str:
    folded = isinstance(value, FoldedResponse) or (isinstance(value, dict) and "edges" in value)
    return f"{TAG}folded" if folded else f"{TAG}table"


RunResponse = Annotated[
    Annotated[RecoilResponse, Tag(f"{TAG}table")] | Annotated[FoldedResponse, Tag(f"{TAG}folded")],
    Discriminator(_form),
]
