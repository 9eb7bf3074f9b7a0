"""Neutrino-electron couplings of the Standard Model, at tree level and with loop corrections."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi
from typing import Any, NamedTuple

from bayesnu.physics import constants as const

FLAVOURS = ("e", "mu", "tau")
"""Neutrino flavours, in the order used everywhere."""

PAIRS = (("e", "mu"), ("e", "tau"), ("mu", "tau"))
"""Two flavours each, in the order used everywhere."""

ANTINEUTRINOS = {f"anti_{flavour}": flavour for flavour in FLAVOURS}
"""The flavour of each antineutrino, by the name of its state."""


class ByFlavour(NamedTuple):
    """One value for each neutrino flavour."""

    e: Any
    mu: Any
    tau: Any


@dataclass(frozen=True)
class Couplings:
    """Vector and axial couplings of each neutrino flavour to the electron.

    Attributes
    ----------
    g_v, g_a : ByFlavour
        ``couplings.g_v.mu`` is the vector coupling of a muon neutrino.
    sin2_theta_w : float or tensor
        Weak mixing angle at low energy that they have.
    slope : float
        Of every g_v by that angle; g_a does not depend on it.
    """

    g_v: ByFlavour
    g_a: ByFlavour
    sin2_theta_w: Any
    slope: float

    def at(self, sin2_theta_w: Any) -> Couplings:
        """Return the couplings at another weak mixing angle, number or tensor."""
        shift = self.slope * (sin2_theta_w - self.sin2_theta_w)
        g_v = ByFlavour(*(value + shift for value in self.g_v))
        return Couplings(g_v, self.g_a, sin2_theta_w, self.slope)


def tree_level_couplings(sin2_theta_w: Any = const.SIN2_THETA_W) -> Couplings:
    """Return the couplings at tree level.

    Parameters
    ----------
    sin2_theta_w : float or tensor
        Weak mixing angle at zero momentum transfer.

    Returns
    -------
    Couplings
        giunti-ternes-2023, Eqs. 4-5.
    """
    neutral = 2 * sin2_theta_w - 0.5
    # The charged current adds one to both couplings of the electron neutrino.
    return Couplings(
        g_v=ByFlavour(neutral + 1.0, neutral, neutral),
        g_a=ByFlavour(0.5, -0.5, -0.5),
        sin2_theta_w=sin2_theta_w,
        slope=2.0,
    )


def radiative_couplings(
    sin2_theta_0: Any = const.SIN2_THETA_W_2020,
    sin2_theta_z: float = 0.23121,
    rho: float = 1.00063,
    inverse_alpha_z: float = 127.952,
    alpha_s_w: float = 0.123,
    alpha_s_z: float = 0.1185,
    *,
    charge_radius: bool = True,
) -> Couplings:
    """Return the couplings with radiative corrections.

    Parameters
    ----------
    sin2_theta_0, sin2_theta_z : float; the first may be a tensor
        Weak mixing angle at zero momentum transfer and at the Z mass.
    rho : float
        Low-energy correction of neutral-current processes.
    inverse_alpha_z : float
        Inverse fine-structure constant at the Z mass.
    alpha_s_w, alpha_s_z : float
        Strong coupling at the W and Z masses.
    charge_radius : bool
        Whether the W-loop photon diagram is included. Switch it off where the Standard-Model
        charge radius is a parameter of its own, so that it is not counted twice.

    Returns
    -------
    Couplings
        atzori-corona-2022, Eqs. B3-B7, with the inputs given there as defaults.
    """
    alpha_z = 1.0 / inverse_alpha_z
    box_ww = -alpha_z / (2 * pi * sin2_theta_z) * (1 - alpha_s_w / (2 * pi))  # Eq. B4
    box_zz = (  # Eq. B5 without the coupling
        -3 * alpha_z / (8 * pi * sin2_theta_z * (1 - sin2_theta_z)) * (1 - alpha_s_z / pi)
    )
    box_left = box_zz * (sin2_theta_z - 0.5) ** 2
    box_right = box_zz * sin2_theta_z**2
    vector, axial = [], []
    for flavour in FLAVOURS:
        photon = 0.0
        if charge_radius:  # Eq. B3
            mass_ratio = const.W_MASS_KEV / const.LEPTON_MASS_KEV[flavour]
            photon = -const.ALPHA / (6 * pi) * (2 * log(mass_ratio) + 1.5)
        charged_current = 1.0 if flavour == "e" else 0.0
        vector.append(  # Eq. B6
            rho * (2 * sin2_theta_0 - 0.5)
            + box_ww
            + 2 * photon
            + rho * (box_left - box_right)
            + charged_current
        )
        axial.append(rho * (box_left + box_right - 0.5) + box_ww + charged_current)  # Eq. B7
    return Couplings(ByFlavour(*vector), ByFlavour(*axial), sin2_theta_0, 2.0 * rho)
