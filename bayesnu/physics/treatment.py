"""How neutrinos are treated: fluxes, oscillation, couplings and the target, as a file says it."""

from __future__ import annotations

from math import pi
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from bayesnu.files.entry import Entry, Finite, Fraction, NonNegative, Positive

Component = Literal["pp", "pep", "hep", "be7", "b8", "n13", "o15", "f17"]


Ordering = Literal["normal", "inverted"]

INVERTED = {
    "sin2_theta12": 0.318,
    "sin2_theta13": 0.02225,
    "sin2_theta23": 0.578,
    "dm2_21_eV2": 7.50e-5,
    "delta_cp": 1.58 * pi,
    "sigma_sin2_theta12": 0.016,
    "sigma_sin2_theta13": 0.00067,
    "sigma_sin2_theta23": 0.0135,
    "sigma_delta_cp": 0.155 * pi,
}
"""De Salas et al., JHEP 02 (2021) 071, Table 3, inverted ordering; half of each 68% range. That of
normal ordering are the defaults, but for theta_23, which is maximal unless a file says else."""


class Oscillation(Entry):
    """Mixing parameters; as nuisances (Gaussian) if `nuisances` is true."""

    later: ClassVar[tuple[str, ...]] = ("ordering",)

    ordering: Ordering = Field(
        "normal", description="of masses: whose best fit those are that are left out"
    )

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

    @model_validator(mode="before")
    @classmethod
    def _best_fit(cls, given: Any) -> Any:
        """Fill in what the fit of the inverted ordering has."""
        inverted = isinstance(given, dict) and given.get("ordering") == "inverted"
        return {**INVERTED, **given} if inverted else given


class Earth(Entry):
    """The matter of the Earth, by night; needs ``survival = "msw"``."""

    latitude: Annotated[float, Field(strict=True, ge=-90, le=90)] = Field(
        description="degrees, of the detector"
    )
    profile: Literal["prem"] = Field("prem", description="shells of constant density")


class Neutrinos(Entry):
    """How solar neutrinos are treated."""

    later: ClassVar[tuple[str, ...]] = ("earth", "nuclear_couplings")

    components: tuple[Component, ...] = ("pp", "be7")
    flux_model: Literal["GS98", "AGSS09met"] = "GS98"
    flux: dict[Component, Positive] = Field({}, description="cm-2 s-1, instead of the model's")
    flux_sigma: dict[Component, NonNegative] = Field({}, description="relative, instead of it")
    common_flux_sigma: Positive | None = Field(
        None, description="one relative nuisance for all fluxes instead of one each"
    )
    survival: Literal["low-energy", "msw"] = "low-energy"
    oscillation: Oscillation = Oscillation()
    earth: Earth | None = Field(None, description="none: all neutrinos arrive by day")
    couplings: Literal["tree", "radiative"] = "tree"
    nuclear_couplings: Literal["tree", "radiative"] = Field(
        "tree", description="of protons and neutrons; radiative ones depend on the flavour"
    )
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
