"""Light tensor mediators with equal couplings to all neutrinos and to electrons (or quarks)."""

from __future__ import annotations

from bayesnu.physics.cross_sections import tensor_mediator
from bayesnu.physics.signals.base import Process, Signal, Values
from bayesnu.physics.signals.light_mediator import mediator_coupling, mediator_mass
from bayesnu.physics.targets.target import Electrons, Nucleus


class TensorMediator(Signal):
    """A tensor mediator, added to the weak cross section: it flips helicity.

    Lindner, Rodejohann & Xu 2017, with the propagator of a light mediator. Priors are those of
    `bayesnu.physics.signals.light_mediator`.
    """

    tag = "tensor-mediator"
    title = "Light tensor mediator"
    reference = "Lindner:2016wff"
    degree = 4
    parameters = (
        mediator_coupling("g_tensor", "g_T", 2.0),
        mediator_mass("m_mediator", "m_T"),
    )

    def electron_processes(
        self, electrons: Electrons, flavour: str, values: Values
    ) -> tuple[Process, ...]:
        """Return what is added on electrons."""
        per_electron = tensor_mediator.coefficients(
            electrons.recoil_energy, values["g_tensor"], values["m_mediator"], electrons.mass
        )
        return (Process(electrons.number * per_electron),)

    def nucleus_processes(
        self, nucleus: Nucleus, flavour: str, values: Values
    ) -> tuple[Process, ...]:
        """Return what is added on a nucleus."""
        return (
            Process(
                tensor_mediator.coefficients(
                    nucleus.recoil_energy,
                    values["g_tensor"],
                    values["m_mediator"],
                    nucleus.mass,
                    tensor_mediator.charge(nucleus.z + nucleus.n),
                    nucleus.form_factor_squared,
                )
            ),
        )
