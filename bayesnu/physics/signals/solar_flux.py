"""Fluxes of solar neutrinos, measured by the recoils that they make."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bayesnu.physics.signals.base import Signal, SignalParameter, Values

REACH = {
    "pp": 100.0,
    "pep": 1e4,
    "hep": 1e6,
    "be7": 1e3,
    "b8": 100.0,
    "n13": 1e4,
    "o15": 1e4,
    "f17": 1e6,
}
"""Where priors end: some ten times what data of today say of pp and 8B, and beyond what recoils of
the rarer ones could be taken for."""

SYMBOL = {"be7": "^7Be", "b8": "^8B", "n13": "^{13}N", "o15": "^{15}O", "f17": "^{17}F"}


def flux_parameter(component: str) -> str:
    """Return the name of the parameter, and of the nuisance, that a flux is multiplied with."""
    return f"flux_{component}"


def _flux(component: str, reach: float) -> SignalParameter:
    latex = rf"\phi(\mathrm{{{SYMBOL.get(component, component)}}})"
    return SignalParameter(
        flux_parameter(component),
        "solar model",
        latex,
        1.0,
        one_sided=False,
        reach=reach,
        probe=10.0,
        lowest=0.0,
        standard=1.0,
    )


class SolarFlux(Signal):
    """Fluxes relative to the solar model's, with the weak interaction of the Standard Model.

    What the file knows of a flux does not act where that flux is a parameter, free or held; other
    components keep their nuisances. The unit is the flux of the model, or the file. Priors are flat
    from zero on. The luminosity of the sun constrains nothing here.
    """

    tag = "solar-flux"
    title = "Fluxes of solar neutrinos"
    reference = "vinyoles2017"
    degree = 1
    has_fluxes = True
    parameters = tuple(_flux(component, reach) for component, reach in REACH.items())

    def with_fluxes(self, flux: Mapping[str, float]) -> Signal:
        """Return the signal whose units are these fluxes."""
        known = {flux_parameter(component): value for component, value in flux.items()}
        found = copy.copy(self)
        found.parameters = tuple(
            replace(p, unit=f"{known[p.name]:.4g} cm-2 s-1") if p.name in known else p
            for p in self.parameters
        )
        return found

    def flux_factor(self, component: str, values: Values) -> Any:
        """Return the flux in units of the model's."""
        return values.get(flux_parameter(component), 1.0)
