"""How neutrinos are treated: fluxes, oscillation, couplings and the target, as a file says it."""

from __future__ import annotations

from math import pi
from typing import Literal

from pydantic import Field, field_validator

from bayesnu.files.entry import Entry, Finite, Fraction, NonNegative, Positive

Component = Literal["pp", "pep", "hep", "be7", "b8", "n13", "o15", "f17"]


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
