"""Neutrino couplings of the Standard Model to electrons and nucleons, with loop corrections too."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    box_ww = _box_ww(alpha_z, sin2_theta_z, alpha_s_w)
    box_zz = _box_zz(alpha_z, sin2_theta_z, alpha_s_z)
    box_left = box_zz * (sin2_theta_z - 0.5) ** 2
    box_right = box_zz * sin2_theta_z**2
    vector, axial = [], []
    for flavour in FLAVOURS:
        photon = _photon(flavour) if charge_radius else 0.0
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


@dataclass(frozen=True)
class NucleonCouplings:
    """Vector couplings to protons and neutrons.

    Attributes
    ----------
    proton, neutron : float or tensor
        Without the W-loop photon diagram, the same of all flavours.
    photon : ByFlavour
        What that diagram, the charge radius of the Standard Model, adds to the proton's.
    sin2_theta_w : float or tensor
        Weak mixing angle at low energy that they have.
    slope : float
        Of the proton's by that angle; the neutron's does not depend on it.
    """

    proton: Any
    neutron: Any
    photon: ByFlavour
    sin2_theta_w: Any
    slope: float

    def at(self, sin2_theta_w: Any) -> NucleonCouplings:
        """Return the couplings at another weak mixing angle, number or tensor."""
        shift = self.slope * (sin2_theta_w - self.sin2_theta_w)
        return replace(self, proton=self.proton + shift, sin2_theta_w=sin2_theta_w)


def radiative_nucleon_couplings(
    sin2_theta_0: Any = const.SIN2_THETA_W_2020,
    sin2_theta_z: float = 0.23121,
    rho: float = 1.00063,
    inverse_alpha_z: float = 127.952,
    alpha_s_w: float = 0.123,
    alpha_s_z: float = 0.1185,
) -> NucleonCouplings:
    """Return the couplings of nucleons with radiative corrections, at no momentum transfer.

    Parameters
    ----------
    sin2_theta_0, sin2_theta_z, rho, inverse_alpha_z, alpha_s_w, alpha_s_z
        As of `radiative_couplings`.

    Returns
    -------
    NucleonCouplings
        Those of quarks of Erler and Su, PPNP 71 (2013) 119, summed as in atzori-corona-2024
        (JHEP 05 (2024) 271), Sec. 2.
    """
    alpha_z = 1.0 / inverse_alpha_z
    box_ww = _box_ww(alpha_z, sin2_theta_z, alpha_s_w)
    crossed_ww = alpha_z / (8 * pi * sin2_theta_z) * (1 + alpha_s_w / pi)
    box_zz = _box_zz(alpha_z, sin2_theta_z, alpha_s_z)
    up = box_zz * ((0.5 - 2 / 3 * sin2_theta_z) ** 2 - (2 / 3 * sin2_theta_z) ** 2)
    down = box_zz * ((0.5 - 1 / 3 * sin2_theta_z) ** 2 - (1 / 3 * sin2_theta_z) ** 2)
    return NucleonCouplings(
        proton=rho * (0.5 - 2 * sin2_theta_0) + 2 * crossed_ww + box_ww + rho * (2 * up + down),
        neutron=-0.5 * rho + 2 * box_ww + crossed_ww + rho * (2 * down + up),
        photon=ByFlavour(*(-2 * _photon(flavour) for flavour in FLAVOURS)),
        sin2_theta_w=sin2_theta_0,
        slope=-2.0 * rho,
    )


def _box_ww(alpha_z: float, sin2_theta_z: float, alpha_s_w: float) -> float:
    """Return the box of two W; atzori-corona-2022, Eq. B4."""
    return -alpha_z / (2 * pi * sin2_theta_z) * (1 - alpha_s_w / (2 * pi))


def _box_zz(alpha_z: float, sin2_theta_z: float, alpha_s_z: float) -> float:
    """Return the box of two Z without the coupling; atzori-corona-2022, Eq. B5."""
    return -3 * alpha_z / (8 * pi * sin2_theta_z * (1 - sin2_theta_z)) * (1 - alpha_s_z / pi)


def _photon(flavour: str) -> float:
    """Return the loop of a W that a photon sees; atzori-corona-2022, Eq. B3."""
    mass_ratio = const.W_MASS_KEV / const.LEPTON_MASS_KEV[flavour]
    return -const.ALPHA / (6 * pi) * (2 * log(mass_ratio) + 1.5)
