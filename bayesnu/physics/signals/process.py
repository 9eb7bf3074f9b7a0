"""One way to recoil, and what antineutrinos make of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bayesnu.physics.constants import KEV_IN_MEV
from bayesnu.physics.cross_sections import kinematics
from bayesnu.physics.cross_sections.coefficients import Coefficients
from bayesnu.physics.cross_sections.electroweak import ANTINEUTRINOS
from bayesnu.physics.targets.target import Electrons, Nucleus


@dataclass(frozen=True)
class Process:
    """One way to recoil: a cross section per atom and the energy a neutrino needs for it.

    Attributes
    ----------
    coefficients : Coefficients
        cm2/keV per atom.
    minimum_energy : ndarray or None
        MeV; None for elastic scattering of a massless neutrino.
    crosses : bool
        Whether antineutrinos do it with s and u exchanged: False for an approximation that knows
        no difference between them, as that of equivalent photons.
    """

    coefficients: Coefficients
    minimum_energy: Any = None
    crosses: bool = True

    def of_antineutrinos(self, recoil_energy: Any, mass: float) -> Process:
        """Return what antineutrinos do where neutrinos do this.

        Parameters
        ----------
        recoil_energy : ndarray, shape (nodes,)
            keV.
        mass : float
            Of the target, keV.
        """
        if not self.crosses:
            return self
        lever = recoil_energy * KEV_IN_MEV
        if self.minimum_energy is not None:  # T + m4^2 / (2 m), from the threshold
            massless = kinematics.minimum_energy(recoil_energy, mass)
            lever = lever * self.minimum_energy / massless
        return replace(self, coefficients=self.coefficients.crossed(lever))


def as_seen_by(
    state: str, found: tuple[Process, ...], target: Electrons | Nucleus
) -> tuple[Process, ...]:
    """Return what neutrinos do, or what antineutrinos do instead."""
    if state not in ANTINEUTRINOS:
        return found
    return tuple(p.of_antineutrinos(target.recoil_energy, target.mass) for p in found)
