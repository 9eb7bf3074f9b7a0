"""Entries about backgrounds."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from bayesnu.experiments.format.activity import Activity
from bayesnu.files.entry import Energy, Entry, NonNegative, Positive, Size, TableColumn


class Line(Entry):
    """A mono-energetic line of a background."""

    energy_keV: Energy
    weight: Size = 1.0


class BackgroundPrior(Entry):
    """What is known of a background's size before the fit."""

    type: Literal["gaussian", "flat", "free", "fixed"]
    relative_sigma: Size | None = Field(None, description="gaussian: width / size")
    sigma_events: Size | None = Field(None, description="gaussian: width in events")
    events: tuple[NonNegative, Size] | None = Field(None, description="flat: range")

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
    with the experiment's own response), or `free_bins` (none: a free norm for every bin).
    """

    later: ClassVar[tuple[str, ...]] = ("free_bins", "needs_source")

    label: str = ""
    counts: TableColumn | None = None
    rate: TableColumn | None = None
    spectrum: TableColumn | None = None
    lines: tuple[Line, ...] | None = None
    flat: bool = False
    free_bins: bool = Field(
        False, description="anything, bin by bin: what data without the source say of it"
    )
    needs_source: bool = Field(
        False, description="not there when the source is off, as neutrons of a reactor"
    )
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
        if sum(shape is not None for shape in shapes) + self.flat + self.free_bins != 1:
            raise ValueError("give exactly one of counts, rate, spectrum, lines, flat, free_bins")
        sizes = [self.events, self.decays_per_t_yr, self.activity, self.rate_per_t_yr_keV]
        given = sum(size is not None for size in sizes)
        folded = self.spectrum is not None or self.lines is not None or self.flat
        if given > 1 or (folded and not given):
            raise ValueError(
                "give one size: events or decays_per_t_yr, activity, rate_per_t_yr_keV"
            )
        if self.free_bins and (given or self.shared or self.needs_source):
            raise ValueError("free_bins have no size, and are not shared")
        if self.free_bins and self.prior.type != "free":
            raise ValueError('free_bins go with prior = { type = "free" }')
        if self.flat and self.events is None and self.rate_per_t_yr_keV is None:
            raise ValueError("a flat shape is sized by events or rate_per_t_yr_keV")
        if not self.flat and self.rate_per_t_yr_keV is not None:
            raise ValueError("rate_per_t_yr_keV is the height of a flat shape")
        if not folded and self.activity is not None:
            raise ValueError("an activity is folded with a spectrum or lines")
        return self
