"""How many solar neutrinos arrive as electron, muon and tau neutrinos."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesnu.errors import InputError
from bayesnu.files.tables import read_table
from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections.electroweak import ByFlavour
from bayesnu.physics.sources.sun.flux_moments import Weight
from bayesnu.physics.sources.sun.matter import MatterPotential
from bayesnu.physics.sources.sun.spectra import COMPONENTS, endpoint_energy


@dataclass(frozen=True)
class OscillationParameters:
    """Mixing parameters; the defaults are those of giunti-ternes-2023.

    Attributes
    ----------
    sin2_theta12, sin2_theta13 : float, array or tensor
        de Salas et al., JHEP 02 (2021) 071, as quoted by giunti-ternes-2023 below Eq. 2.
    sin2_theta23 : float, array or tensor
        Maximal mixing is assumed there.
    dm2_21_eV2 : float, array or tensor
        Solar mass splitting in eV^2, same global fit.
    delta_cp : float
        CP phase in radian, same fit. Solar electron neutrinos that arrive incoherently do not
        depend on it; it is here for interactions that mix flavours.
    potential : MatterPotential or None
        What new interactions add in the sun's matter.
    """

    sin2_theta12: Any = 0.318
    sin2_theta13: Any = 0.022
    sin2_theta23: Any = 0.5
    dm2_21_eV2: Any = 7.5e-5
    delta_cp: Any = 1.08 * pi
    potential: MatterPotential | None = None

    @property
    def are_numbers(self) -> bool:
        """Whether none of them is a variable."""
        values = (self.sin2_theta12, self.sin2_theta13, self.sin2_theta23, self.dm2_21_eV2)
        numbers = all(isinstance(value, float | int) for value in values)
        return numbers and (self.potential is None or self.potential.are_numbers)


DEFAULT_PARAMETERS = OscillationParameters()


def survival_low_energy(parameters: OscillationParameters = DEFAULT_PARAMETERS) -> Any:
    """Return the survival probability of low-energy electron neutrinos.

    Parameters
    ----------
    parameters : OscillationParameters
        May hold arrays or tensors.

    Returns
    -------
    float, array or tensor
        P_ee averaged over oscillations in vacuum, giunti-ternes-2023, Eq. 2; good for pp and
        7Be neutrinos, where matter lowers it by one and by four percent.
    """
    s12, s13 = parameters.sin2_theta12, parameters.sin2_theta13
    averaged = 1 - 2 * s12 * (1 - s12)
    return averaged * (1 - s13) ** 2 + s13**2


def survival_msw(
    energy: Any,
    component: str,
    parameters: OscillationParameters = DEFAULT_PARAMETERS,
    model: str = "GS98",
) -> Any:
    """Return the survival probability with matter effects in the sun.

    Parameters
    ----------
    energy : float or ndarray, shape (n,)
        Neutrino energy in MeV.
    component : str
        Flux component: each is produced at other densities.
    parameters : OscillationParameters
        May hold scalar tensors; or arrays or tensors of shape (suns, 1), for several suns.
    model : {"GS98", "AGSS09met"}
        Solar model.

    Returns
    -------
    float, array or tensor, shape of `energy`, or (suns, n)
        P_ee by day: adiabatic conversion, three flavours reduced to two, averaged over the
        zones of production; khan-2022, Eq. 13, with the mixing angle in matter of the Review
        of Particle Physics, "Neutrino masses, mixing, and oscillations", section 14.8.

    Raises
    ------
    InputError
        For an unknown component or model.
    """
    s12, s13 = parameters.sin2_theta12, parameters.sin2_theta13
    averaged = cosine_in_matter(energy, component, parameters, model)
    return 0.5 * (1 - s13) ** 2 * (1 + averaged * (1 - 2 * s12)) + s13**2


def cosine_in_matter(
    energy: Any,
    component: str,
    parameters: OscillationParameters = DEFAULT_PARAMETERS,
    model: str = "GS98",
) -> Any:
    """Return cos(2 theta_12) in matter, averaged over the zones of production.

    Parameters
    ----------
    energy, component, parameters, model
        As of `survival_msw`.

    Returns
    -------
    float, array or tensor, shape of `energy`, or (suns, n)
        cos(2 theta_12) itself at low energy, -1 at high energy. With new interactions it is that
        of the level which becomes the first mass state, Gonzalez-Garcia and Maltoni 2013.
    """
    radius, density, share = _production(component, model)
    s12, s13, s23, splitting = (
        value[..., None] if np.ndim(value) else value
        for value in (
            parameters.sin2_theta12,
            parameters.sin2_theta13,
            parameters.sin2_theta23,
            parameters.dm2_21_eV2,
        )
    )
    values = np.asarray(energy, dtype=float)
    in_eV2 = const.MATTER_POTENTIAL_EV2_PER_MEV * values.reshape(-1, 1) * density
    potential = in_eV2 / splitting
    cosine = 1 - 2 * s12
    difference = cosine - (1 - s13) * potential
    sine_squared = 4 * s12 * (1 - s12)
    if parameters.potential is not None:
        twice = 2.0 * potential
        diagonal, *mixing = parameters.potential.effective(radius, s13, s23, parameters.delta_cp)
        difference = difference + twice * diagonal
        sine = 2 * (s12 * (1 - s12)) ** 0.5 + twice * mixing[0]
        sine_squared = sine**2 + (twice * mixing[1]) ** 2
    in_matter = difference / (difference**2 + sine_squared) ** 0.5
    averaged = (in_matter * share).sum(axis=-1)
    return averaged if values.ndim else averaged[0]


@lru_cache(maxsize=256)
def survival_interpolator(
    component: str,
    parameters: OscillationParameters = DEFAULT_PARAMETERS,
    model: str = "GS98",
) -> Weight:
    """Return P_ee(E) of a component as a fast function of energy.

    Parameters
    ----------
    component, parameters, model
        As of `survival_msw`; the parameters must be plain numbers.

    Returns
    -------
    callable
        Takes energies in MeV from 0 to the endpoint; agrees with `survival_msw` to 1e-9. It is
        the same object for the same arguments, so that flux moments are computed once.
    """
    from scipy.interpolate import CubicSpline

    # P_ee varies on the scale at which E n_e reaches dm2, a few MeV.
    knots = np.linspace(0.0, 1.001 * endpoint_energy(component), 401)
    spline: Weight = CubicSpline(knots, survival_msw(knots, component, parameters, model))
    return spline


@lru_cache(maxsize=16)
def _production(component: str, model: str) -> tuple[NDArray[np.float64], ...]:
    """Return radius, electron density (N_A per cm^3) and share of production of each zone."""
    if component not in COMPONENTS:
        raise InputError(
            "survival probability", "component", found=component, expected=" | ".join(COMPONENTS)
        )
    files = {"GS98": "gs98", "AGSS09met": "agss09met"}
    if model not in files:
        raise InputError("survival probability", "model", found=model, expected=" | ".join(files))
    table = read_table(f"solar/production_{files[model]}.csv")
    radius = table.column("radius_Rsun", minimum=0.0, ascending=True)
    produced = table.column(component, minimum=0.0) * np.gradient(radius)
    density = 10.0 ** table.column("log10_electron_density_NA_per_cm3")
    return radius, density, produced / produced.sum()


def flavour_probabilities(
    survival: Any, parameters: OscillationParameters = DEFAULT_PARAMETERS
) -> ByFlavour:
    """Return the probabilities to arrive as each flavour.

    Parameters
    ----------
    survival : float, array or tensor
        P_ee.
    parameters : OscillationParameters
        Only sin2_theta23 is used.

    Returns
    -------
    ByFlavour
        giunti-ternes-2023, Eq. 1. They sum to one.
    """
    lost = 1 - survival
    tau = lost * parameters.sin2_theta23
    return ByFlavour(survival, lost - tau, tau)
