"""Electric charges of neutrinos."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Any

import numpy as np

from bayesnu.physics.cross_sections import coherent, millicharge
from bayesnu.physics.signals.base import Process, Signal, SignalParameter, Values
from bayesnu.physics.signals.flavour import flavour_matrix, transitions_of
from bayesnu.physics.targets.target import Electrons, Nucleus

EPA_COMPARISON_ENERGY_MEV = 0.3
"""Where EPA and FEA are compared: near the peak of the pp spectrum. EPA depends on it by ln E."""


def _charges(unit: str) -> tuple[SignalParameter, ...]:
    return flavour_matrix(
        "q", r"q_{{\nu_{{{}}}}}", unit, float(unit.split()[0]), reach=1000.0, probe=10.0
    )


class Millicharge(Signal):
    """Charges: diagonal ones interfere with the weak interaction, transition ones do not.

    giunti-ternes-2023 Eq. 7-9 (electrons), deromeri-2024 Eq. 5-6 (nuclei). With
    ``atomic = "epa"`` the equivalent photon approximation, atzori-corona-2022 Eq. 8, replaces
    all of the charge's effect at recoil energies where it is larger.

    Parameters
    ----------
    channel : {"electron-recoil", "nuclear-recoil"}
        Sets the unit, 1e-13 e or 1e-8 e (nuclear recoils alone).
    """

    tag = "millicharge"
    title = "Neutrino millicharge"
    reference = "giunti-ternes-2023 Eq. 7-9"

    parameters = _charges("1e-13 e")
    nuclear_parameters = _charges("1e-8 e")

    def __init__(self, channel: str = "electron-recoil") -> None:
        self.parameters = self.for_channel(channel).parameters

    def electron_shifts(self, electrons: Electrons, flavour: str, values: Values) -> Any:
        """Return the shift of g_V, Eq. 8; none where EPA is used."""
        shift = millicharge.vector_shift(electrons.recoil_energy, values[f"q_{flavour}{flavour}"])
        return np.where(_use_epa(electrons), 0.0, 1.0) * shift, 0.0

    def electron_processes(
        self, electrons: Electrons, flavour: str, values: Values
    ) -> tuple[Process, ...]:
        """Return the transition charges, Eq. 9, and EPA where it is used."""
        energy, transitions = electrons.recoil_energy, transitions_of("q", flavour, values)
        epa = _use_epa(electrons)
        fea = reduce(add, (millicharge.transition_coefficients(energy, q) for q in transitions))
        result = [Process(electrons.number * np.where(epa, 0.0, 1.0) * fea)]
        if electrons.photoabsorption is not None:
            charges = (values[f"q_{flavour}{flavour}"], *transitions)
            photons = reduce(add, (_photons(electrons, q) for q in charges))
            result.append(Process(np.where(epa, 1.0, 0.0) * photons, crosses=False))
        return tuple(result)

    def charge_shift(self, nucleus: Nucleus, flavour: str, values: Values) -> Any:
        """Return the shift of the weak charge: Z times that of g_V^p."""
        return nucleus.z * millicharge.proton_coupling_shift(
            nucleus.recoil_energy, values[f"q_{flavour}{flavour}"], nucleus.mass
        )

    def nucleus_processes(
        self, nucleus: Nucleus, flavour: str, values: Values
    ) -> tuple[Process, ...]:
        """Return the transition charges, the sum in deromeri-2024 Eq. 5."""
        return tuple(
            Process(
                coherent.coefficients(
                    nucleus.recoil_energy,
                    nucleus.z
                    * millicharge.proton_coupling_shift(nucleus.recoil_energy, q, nucleus.mass),
                    nucleus.mass,
                    nucleus.form_factor_squared,
                )
            )
            for q in transitions_of("q", flavour, values)
        )


def _photons(electrons: Electrons, q: Any) -> Any:
    return millicharge.equivalent_photon_coefficients(
        electrons.recoil_energy, q, electrons.photoabsorption, electrons.neutrino_mass_eV
    )


def _use_epa(electrons: Electrons) -> Any:
    """Return where EPA exceeds FEA (both as the square of the charge), shape (nodes,)."""
    if electrons.photoabsorption is None:
        return np.zeros(len(electrons.recoil_energy), dtype=bool)
    fea = electrons.number * millicharge.transition_coefficients(electrons.recoil_energy, 1.0)
    energy = EPA_COMPARISON_ENERGY_MEV
    return _photons(electrons, 1.0).at(energy) > fea.at(energy)
