"""The base of all entries of TOML files, and the kinds of numbers that they hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]


NonNegative = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]


Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]


Energy = Annotated[float, Field(strict=True, gt=0, le=20_000)]
"""keV; no solar neutrino gives more to an electron."""


Size = Annotated[float, Field(strict=True, ge=1e-9, le=1e9)]
"""Events, decays, t yr, or a width of one of them: chi2 of what is narrower is infinite."""


Name = Annotated[str, Field(pattern=r"^[^/\\\x00-\x1f\x7f]{1,80}$")]
"""Of a background: names become those of variables in files."""


Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
"""Of what nuisances are named after."""


Fraction = Annotated[float, Field(strict=True, ge=0, le=1)]


class Entry(BaseModel):
    """Base of all entries: unknown keys are refused, values cannot change."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    later: ClassVar[tuple[str, ...]] = ()
    """Keys that came to the format later: digests are of this text, and stay what they were."""

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        """Leave out what came later and is not used."""
        fields = type(self).model_fields
        for name, value in super().__repr_args__():
            if name not in self.later or value != fields[name].default:
                yield name, value


class TableColumn(Entry):
    """A column of a table against an energy column."""

    table: str = Field(description="path, relative to the data folder or to this file")
    column: str
    energy: str = "energy_keV"
