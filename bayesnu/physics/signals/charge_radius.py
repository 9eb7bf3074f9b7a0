"""Charge radii of neutrinos."""

from __future__ import annotations

from typing import Any

from bayesnu.physics.cross_sections import charge_radius, coherent
from bayesnu.physics.cross_sections.electroweak import FLAVOURS
from bayesnu.physics.signals.base import Process, Signal, Values
from bayesnu.physics.signals.flavour import flavour_matrix, transitions_of
from bayesnu.physics.targets.target import Electrons, Nucleus

UNIT_CM2 = 1e-32


class ChargeRadius(Signal):
    """Charge radii on top of the couplings in use; giunti-ternes-2023 Eq. 14-16.

    Diagonal radii interfere with the weak interaction; a second solution lies where the
    interference cancels. Tree-level couplings do not contain the Standard-Model radii.
    """

    tag = "charge-radius"
    title = "Neutrino charge radius"
    reference = "giunti-ternes-2023 Eq. 14-16"
    parameters = flavour_matrix(
        "r2",
        r"\langle r^2_{{\nu_{{{}}}}} \rangle",
        "1e-32 cm2",
        UNIT_CM2,
        reach=1000.0,
        probe=50.0,
    )

    def electron_shifts(self, electrons: Electrons, flavour: str, values: Values) -> Any:
        """Return the shift of g_V, Eq. 15."""
        return charge_radius.vector_shift(values[f"r2_{flavour}{flavour}"]), 0.0

    def electron_processes(
        self, electrons: Electrons, flavour: str, values: Values
    ) -> tuple[Process, ...]:
        """Return the transition radii, Eq. 16."""
        return tuple(
            Process(
                electrons.number
                * charge_radius.transition_coefficients(electrons.recoil_energy, r2)
            )
            for r2 in transitions_of("r2", flavour, values)
        )

    def charge_shift(self, nucleus: Nucleus, flavour: str, values: Values) -> Any:
        """Return the shift of the weak charge: Z times that of g_V^p."""
        return nucleus.z * charge_radius.proton_coupling_shift(values[f"r2_{flavour}{flavour}"])

    def nucleus_processes(
        self, nucleus: Nucleus, flavour: str, values: Values
    ) -> tuple[Process, ...]:
        """Return the transition radii on a nucleus."""
        return tuple(
            Process(
                coherent.coefficients(
                    nucleus.recoil_energy,
                    nucleus.z * charge_radius.proton_coupling_shift(r2),
                    nucleus.mass,
                    nucleus.form_factor_squared,
                )
            )
            for r2 in transitions_of("r2", flavour, values)
        )


def standard_model_values() -> dict[str, float]:
    """Return the Standard-Model radii in the parameters' unit, giunti-ternes-2023 Eq. 10-13."""
    return {
        f"r2_{f}{f}": charge_radius.standard_model_charge_radius(f) / UNIT_CM2 for f in FLAVOURS
    }
