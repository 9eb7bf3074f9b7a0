"""Total solar neutrino fluxes with their uncertainties."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import NamedTuple

from bayesnu.errors import InputError
from bayesnu.files.tables import read_table
from bayesnu.physics.sources.sun.spectra import COMPONENTS

MODELS = ("GS98", "AGSS09met")
"""B16 solar models: high and low metallicity (Vinyoles et al., arXiv:1611.09867)."""


class Flux(NamedTuple):
    """Flux at Earth, summed over flavours.

    Attributes
    ----------
    value : float
        In cm^-2 s^-1.
    relative_sigma : float
        One standard deviation over the value.
    """

    value: float
    relative_sigma: float


def solar_fluxes(
    model: str | Mapping[str, float | tuple[float, float]] = "GS98",
) -> dict[str, Flux]:
    """Return the flux of each component.

    Parameters
    ----------
    model : {"GS98", "AGSS09met"} or mapping
        A solar model; or one's own fluxes by component name, each a value in cm^-2 s^-1 (the
        relative uncertainty is then that of GS98) or a pair of value and relative uncertainty.
        Components that the mapping does not name are left out.

    Returns
    -------
    dict of str to Flux
        In the order of `~bayesnu.physics.sources.sun.spectra.COMPONENTS`.

    Raises
    ------
    InputError
        For an unknown model or component, or a flux that is not a number from zero on.
    """
    if isinstance(model, str):
        if model not in MODELS:
            raise InputError("solar fluxes", "model", found=model, expected=" | ".join(MODELS))
        table = read_table("solar/fluxes.csv")
        names = table.text_column("component")
        values = table.column(f"{model}_per_cm2_s", minimum=0.0)
        sigmas = table.column(f"{model}_relative_sigma", minimum=0.0)
        by_name = {
            name: Flux(float(value), float(sigma))
            for name, value, sigma in zip(names, values, sigmas, strict=True)
        }
        return {name: by_name[name] for name in COMPONENTS}
    unknown = [name for name in model if name not in COMPONENTS]
    if unknown:
        raise InputError(
            "solar fluxes", "component", found=unknown[0], expected=" | ".join(COMPONENTS)
        )
    standard = solar_fluxes("GS98")
    return {
        name: _flux(name, model[name], standard[name].relative_sigma)
        for name in COMPONENTS
        if name in model
    }


def _flux(name: str, given: float | tuple[float, float], default_sigma: float) -> Flux:
    flux = Flux(*given) if isinstance(given, tuple) else Flux(given, default_sigma)
    if not all(isfinite(number) and number >= 0 for number in flux):
        raise InputError("solar fluxes", name, found=given, expected="numbers from zero on")
    return Flux(float(flux.value), float(flux.relative_sigma))
