"""Light mediators with equal couplings to all neutrinos and to electrons (or quarks)."""

from __future__ import annotations

from math import pi
from typing import Any

from bayesnu.physics.cross_sections import light_mediators
from bayesnu.physics.signals.base import Process, Signal, SignalParameter, Values
from bayesnu.physics.targets.target import Electrons, Nucleus

PERTURBATIVE = (4 * pi) ** 0.5
"""Of a coupling: beyond, the exchange of one mediator says nothing."""


def mediator_coupling(
    name: str, latex: str, probe: float, *, reach: float = 1e5
) -> SignalParameter:
    """Return a coupling, whose prior is flat; see `LightMediator`."""
    return SignalParameter(name, "1e-7", latex, 1e-7, True, reach, probe, most=PERTURBATIVE / 1e-7)


def mediator_mass(name: str, latex: str = r"m_{Z'}") -> SignalParameter:
    """Return the mass of a mediator: held, at zero unless given, or free; see `LightMediator`."""
    return SignalParameter(
        name, "keV", latex, 1.0, one_sided=True, reach=1e6, shape=True, zero=True, lowest=1.0
    )


class LightMediator(Signal):
    """A vector, axial-vector, scalar or pseudoscalar mediator; khan-2022 Eq. 8-11.

    Vector and axial ones interfere with the weak interaction, scalar and pseudoscalar ones
    are added. On nuclei the vector and scalar ones act, with equal couplings to all quarks.

    The mass is held fixed in a fit. Where it is free, its prior is flat in its logarithm from
    1 keV to 1 GeV: from far below any momentum transfer that is seen (30 keV, of 1 keV to an
    electron), where the mass has no effect, to far above all (20 MeV, of 2 keV to xenon), where
    only g / m has one.
    """

    tag = "light-mediator"
    title = "Light mediator"
    reference = "khan-2022 Eq. 8-11"
    degree = 4
    parameters = (
        mediator_coupling("g_vector", r"g_{V'}", 2.0),
        mediator_coupling("g_axial", r"g_{A'}", 2.0),
        mediator_coupling("g_scalar", r"g_S", 5.0),
        mediator_coupling("g_pseudoscalar", r"g_P", 20.0),
        mediator_mass("m_mediator"),
    )

    def electron_shifts(self, electrons: Electrons, flavour: str, values: Values) -> Any:
        """Return the shifts of g_V and g_A, Eq. 8-9."""
        energy, mass = electrons.recoil_energy, values["m_mediator"]
        return (
            light_mediators.vector_shift(energy, values["g_vector"], mass),
            light_mediators.axial_shift(energy, values["g_axial"], mass),
        )

    def electron_processes(
        self, electrons: Electrons, flavour: str, values: Values
    ) -> tuple[Process, ...]:
        """Return what a scalar and a pseudoscalar add, Eq. 10-11."""
        energy, mass = electrons.recoil_energy, values["m_mediator"]
        scalar = light_mediators.scalar_coefficients(energy, values["g_scalar"], mass)
        pseudo = light_mediators.pseudoscalar_coefficients(energy, values["g_pseudoscalar"], mass)
        return (Process(electrons.number * (scalar + pseudo)),)

    def charge_shift(self, nucleus: Nucleus, flavour: str, values: Values) -> Any:
        """Return the shift of the weak charge by a vector mediator."""
        return light_mediators.weak_charge_shift(
            nucleus.recoil_energy,
            values["g_vector"],
            values["m_mediator"],
            nucleus.z + nucleus.n,
            nucleus.mass,
        )

    def nucleus_processes(
        self, nucleus: Nucleus, flavour: str, values: Values
    ) -> tuple[Process, ...]:
        """Return what a scalar mediator adds on a nucleus."""
        return (
            Process(
                light_mediators.nuclear_scalar_coefficients(
                    nucleus.recoil_energy,
                    values["g_scalar"],
                    values["m_mediator"],
                    light_mediators.scalar_charge(nucleus.z, nucleus.n),
                    nucleus.mass,
                    nucleus.form_factor_squared,
                )
            ),
        )
