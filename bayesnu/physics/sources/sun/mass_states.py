"""How many solar neutrinos arrive as each mass state.

They leave the sun as mass states and lose their coherence on the way: the Earth is reached by
an incoherent mixture, which is what moments of mass states need (ternes-tortola-2025, Eq. 14).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from bayesnu.physics.sources.sun.flux_moments import Weight, flux_moments
from bayesnu.physics.sources.sun.oscillation import (
    DEFAULT_PARAMETERS,
    OscillationParameters,
    cosine_in_matter,
)
from bayesnu.physics.sources.sun.spectra import endpoint_energy
from bayesnu.physics.sources.sun.weighted import with_cosine
from bayesnu.types import Array


def first_state_low_energy(parameters: OscillationParameters = DEFAULT_PARAMETERS) -> Any:
    """Return P_e1^2nu without matter effects: cos^2 theta_12.

    With it P_ee = c13^4 (c12^2 P_e1 + s12^2 (1 - P_e1)) + s13^4 is the survival probability
    of `bayesnu.physics.sources.sun.oscillation.survival_low_energy`.
    """
    return 1 - parameters.sin2_theta12


def first_state_msw(
    energy: Any,
    component: str,
    parameters: OscillationParameters = DEFAULT_PARAMETERS,
    model: str = "GS98",
) -> Any:
    """Return P_e1^2nu with matter effects: (1 + cos 2 theta_12 in matter) / 2, averaged.

    Parameters
    ----------
    energy : float or ndarray, shape (n,)
        Neutrino energy in MeV.
    component : str
        Flux component.
    model : {"GS98", "AGSS09met"}

    Returns
    -------
    float, array or tensor, shape of `energy`
        The probability, of two neutrinos, that an adiabatically converted electron neutrino
        leaves the sun in the first state; ternes-tortola-2025, below Eq. 14.
    """
    return 0.5 * (1 + cosine_in_matter(energy, component, parameters, model))


def mass_state_moments(
    component: str,
    threshold: Array,
    parameters: OscillationParameters,
    survival: str,
    model: str,
) -> dict[str, Array]:
    """Return the flux moments of each mass state at the Earth, for unit flux.

    Parameters
    ----------
    threshold : ndarray, shape (n,)
        Smallest neutrino energy, MeV.
    survival : {"low-energy", "msw"}
    model : {"GS98", "AGSS09met"}

    Returns
    -------
    dict of str to ndarray, shape (4, n)
        P_1 = c13^2 P_e1, P_2 = c13^2 (1 - P_e1), P_3 = s13^2, times the flux.
    """
    total = flux_moments(component, threshold)
    if survival == "low-energy":
        first = first_state_low_energy(parameters) * total
    elif not parameters.are_numbers:
        total, cosine = with_cosine(component, threshold, parameters, model)
        first = 0.5 * (total + cosine)
    else:
        weight = first_state_interpolator(component, parameters, model)
        first = flux_moments(component, threshold, weight)
    c13 = 1.0 - parameters.sin2_theta13
    return {"1": c13 * first, "2": c13 * (total - first), "3": (1.0 - c13) * total}


def mass_state_chances(
    component: str,
    energy: Array,
    parameters: OscillationParameters,
    survival: str,
    model: str,
) -> dict[str, Any]:
    """Return the chance of a neutrino to arrive as each mass state, at energies in MeV."""
    if survival == "low-energy":
        first = first_state_low_energy(parameters)
    else:
        first = first_state_interpolator(component, parameters, model)(energy)
    c13 = 1.0 - parameters.sin2_theta13
    return {"1": c13 * first, "2": c13 * (1.0 - first), "3": 1.0 - c13}


@lru_cache(maxsize=256)
def first_state_interpolator(
    component: str, parameters: OscillationParameters, model: str
) -> Weight:
    """Return P_e1 with matter effects in the sun as a fast function of energy in MeV."""
    from scipy.interpolate import CubicSpline

    # As for P_ee: it varies on the scale at which E n_e reaches dm2, a few MeV.
    knots = np.linspace(0.0, 1.001 * endpoint_energy(component), 401)
    spline: Weight = CubicSpline(knots, first_state_msw(knots, component, parameters, model))
    return spline
