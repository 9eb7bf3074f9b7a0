"""Entries about what was counted: bins, and where the data come from, with and without a source."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from bayesnu.files.entry import Energy, Entry, NonNegative, Positive, Size, TableColumn

MAX_BINS = 2000
"""Of an experiment; a response matrix grows with its square."""


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


class SourceOff(Entry):
    """Data that were taken without the source: a reactor that is off, a beam between its pulses.

    Backgrounds are expected in them as well, in proportion to the exposure, with the same norms and
    the same nuisances.
    """

    exposure_t_yr: Size
    observed: tuple[Observed, ...] = Field((), description="none: a projection, Asimov data")
