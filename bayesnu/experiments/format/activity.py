"""How radioactive a background is, in the words of an experiment file."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(strict=True, gt=0, le=1)]


class Activity(BaseModel):
    """Decays per exposure of a background, from stated constants.

    Either an isotope with its half-life, of the target itself or of an impurity, or a measured
    activity per mass of the target.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    half_life_yr: Annotated[float, Field(strict=True, gt=1e-9, le=1e40)] | None = None
    isotopic_abundance: Share | None = Field(
        None, description="share of the isotope in its element, atom per atom"
    )
    impurity_mol_per_mol: Share | None = Field(
        None,
        description="atoms of the element per formula unit of the target; none: the target itself",
    )
    enrichment: Annotated[float, Field(strict=True, ge=0, le=1e6)] = Field(
        1.0, description="factor on the number of the isotope's atoms: 0.01 is depletion to 1%"
    )
    uBq_per_kg: Annotated[float, Field(strict=True, gt=0, le=1e12)] | None = Field(
        None, description="activity in 1e-6 decays per second and kg of the target"
    )
    branching: Share = Field(1.0, description="share of the decays that have this shape")

    @model_validator(mode="after")
    def _one_source(self) -> Activity:
        isotope = (self.half_life_yr is not None, self.isotopic_abundance is not None)
        if self.uBq_per_kg is not None:
            if any(isotope) or self.impurity_mol_per_mol is not None or self.enrichment != 1.0:
                raise ValueError("uBq_per_kg stands alone, with branching at most")
        elif not all(isotope):
            raise ValueError("give half_life_yr and isotopic_abundance, or uBq_per_kg")
        elif (self.isotopic_abundance or 0.0) * self.enrichment > 1.0:
            raise ValueError("isotopic_abundance times enrichment must be at most 1")
        return self
