"""Solar neutrinos that arrive by day and by night, for a detector at some latitude."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from bayesnu.errors import InputError
from bayesnu.physics.cross_sections.electroweak import FLAVOURS
from bayesnu.physics.source import Basis
from bayesnu.physics.sources.sun.coherence import density_matrix
from bayesnu.physics.sources.sun.earth import Regenerated, regeneration
from bayesnu.physics.sources.sun.flux_moments import Weight, flux_moments
from bayesnu.physics.sources.sun.mass_states import first_state_interpolator
from bayesnu.physics.sources.sun.oscillation import OscillationParameters, flavour_probabilities
from bayesnu.physics.treatment import Neutrinos
from bayesnu.types import Array


def check(treatment: Neutrinos, changes: Mapping[str, Any]) -> None:
    """Refuse what is not calculated in the matter of the Earth.

    Raises
    ------
    InputError
        Without matter effects in the sun, with new interactions on the way, and where mixing
        parameters are variables.
    """
    found = None
    if treatment.survival == "low-energy":
        found = 'beside survival = "low-energy", without matter effects'
    elif "potential" in changes:
        found = "beside interactions in propagation, which would act there too"
    elif any(hasattr(value, "owner") for value in changes.values()):
        found = "beside free mixing parameters"
    if found is not None:
        expected = 'survival = "msw", and neither of the other two'
        raise InputError("neutrinos", "earth", found=found, expected=expected)


def chances(
    component: str,
    energy: Array,
    basis: Basis,
    parameters: OscillationParameters,
    treatment: Neutrinos,
) -> dict[str, Array]:
    """Return the chance of a neutrino to arrive as each state, at energies in MeV."""
    found = _weight(component, parameters, treatment)(energy)
    return _by_state(np.moveaxis(found, -1, 0), np.ones_like(energy), basis, parameters)


def moments(
    component: str,
    threshold: Array,
    basis: Basis,
    parameters: OscillationParameters,
    treatment: Neutrinos,
) -> dict[str, Array]:
    """Return the flux moments above a threshold by state, for unit flux, shape (4, n) each."""
    weighted = flux_moments(component, threshold, _weight(component, parameters, treatment))
    total = flux_moments(component, threshold)
    return _by_state(np.moveaxis(weighted, -1, 0), total, basis, parameters)


def _by_state(
    arriving: Array, total: Array, basis: Basis, parameters: OscillationParameters
) -> dict[str, Array]:
    if basis == "mass":
        raise InputError(
            "neutrinos",
            "earth",
            found="beside a signal of mass states, which are mixed there",
            expected="a signal of flavours, or no matter of the Earth",
        )
    first, real, imaginary = arriving
    c13 = 1.0 - parameters.sin2_theta13
    by_mass = {"1": first, "2": c13 * total - first, "3": (1.0 - c13) * total}
    found = density_matrix(by_mass, parameters, (real, imaginary))
    if basis == "density":
        return found
    electron = found["e"]
    shared = flavour_probabilities(0.0, parameters)
    return {
        "e": electron,
        **{f: getattr(shared, f) * (total - electron) for f in FLAVOURS if f != "e"},
    }


def _weight(component: str, parameters: OscillationParameters, treatment: Neutrinos) -> Weight:
    assert treatment.earth is not None
    return arriving(component, parameters, treatment.flux_model, treatment.earth.latitude)


@lru_cache(maxsize=256)
def arriving(
    component: str, parameters: OscillationParameters, model: str, latitude: float
) -> Weight:
    """Return P_1 and the coherence of the first two states as a function of energy.

    The first state leaves the sun with P_e1, of two levels: what arrives is P_e1 times the unit
    matrix plus (1 - 2 P_e1) times what the second state becomes.
    """
    first = first_state_interpolator(component, parameters, model)
    became = regeneration(parameters, latitude)

    def weights(energy: Array) -> Array:
        chance, regenerated = first(energy), Regenerated(*np.moveaxis(became(energy), -1, 0))
        more = 1.0 - 2.0 * chance
        rows = (
            chance + more * regenerated.first,
            more * regenerated.real,
            more * regenerated.imaginary,
        )
        return np.asarray((1.0 - parameters.sin2_theta13) * np.stack(rows, axis=-1))

    return weights
