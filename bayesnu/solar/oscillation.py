"""How many solar neutrinos arrive as electron, muon and tau neutrinos."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import Any

from bayesnu.electroweak import ByFlavour


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
    """

    sin2_theta12: Any = 0.318
    sin2_theta13: Any = 0.022
    sin2_theta23: Any = 0.5
    dm2_21_eV2: Any = 7.5e-5
    delta_cp: Any = 1.08 * pi


DEFAULT_PARAMETERS = OscillationParameters()

STANDARD_DEVIATIONS = OscillationParameters(
    sin2_theta12=0.016,
    sin2_theta13=0.00066,
    sin2_theta23=0.014,
    dm2_21_eV2=0.21e-5,
    delta_cp=0.13 * pi,
)
"""One standard deviation of each, the mean of both sides (normal ordering, same fit)."""


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
        7Be neutrinos, where matter changes it by less than two percent.
    """
    s12, s13 = parameters.sin2_theta12, parameters.sin2_theta13
    averaged = 1 - 2 * s12 * (1 - s12)
    return averaged * (1 - s13) ** 2 + s13**2


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
