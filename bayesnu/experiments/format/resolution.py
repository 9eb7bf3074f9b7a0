"""The entry about a Gaussian resolution."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from bayesnu.files.entry import Entry


class Resolution(Entry):
    """Gaussian width: sigma [keV] = sum_k coefficients[k] * (E / keV) ** powers[k].

    With `in_quadrature` it is the root of the sum of squares, as of noise and statistics.
    """

    later: ClassVar[tuple[str, ...]] = ("in_quadrature",)

    coefficients: tuple[Annotated[float, Field(strict=True, ge=-1e3, le=1e3)], ...] = Field(
        min_length=1, max_length=8
    )
    powers: tuple[Annotated[float, Field(strict=True, ge=-4, le=4)], ...] = Field(
        min_length=1, max_length=8
    )
    in_quadrature: bool = False
    source: str = ""

    @model_validator(mode="after")
    def _same_length(self) -> Resolution:
        if len(self.coefficients) != len(self.powers):
            raise ValueError("coefficients and powers must have equal length")
        return self
