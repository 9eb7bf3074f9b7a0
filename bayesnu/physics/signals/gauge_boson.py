"""Gauge bosons of differences of baryon and lepton numbers."""

from __future__ import annotations

from typing import Any

from bayesnu.physics.cross_sections import light_mediators
from bayesnu.physics.cross_sections.gauge_bosons import CHARGES
from bayesnu.physics.signals.base import Signal, Values
from bayesnu.physics.signals.light_mediator import mediator_coupling, mediator_mass
from bayesnu.physics.targets.target import Electrons, Nucleus

GAUGE_BOSON = "gauge-boson"
"""What tags begin with; the charges follow."""


class GaugeBoson(Signal):
    """A vector boson of coupling g to one set of charges, which interferes.

    It shifts g_V of the electron and the weak charge of a nucleus, for each flavour of neutrino, by
    g^2 q_nu q / (sqrt(2) G_F (Q^2 + M^2)): khan-2022 Eq. 8 with charges. Priors are those of light
    mediators: of g flat up to 0.01, or up to 1 where some matter has loops of leptons alone.

    Parameters
    ----------
    charges : str
        A key of `bayesnu.physics.cross_sections.gauge_bosons.CHARGES`.
    """

    reference = "AtzoriCorona:2022moj"
    degree = 4

    def __init__(self, charges: str) -> None:
        self.charges = CHARGES[charges]
        self.tag = f"{GAUGE_BOSON}-{charges}"
        self.title = f"Gauge boson of {self.charges.words}"
        latex = rf"g_{{{self.charges.latex}}}"
        reach = 1e5 if self.charges.baryon else 1e7
        self.parameters = (
            mediator_coupling("g", latex, 20.0, reach=reach),
            mediator_mass("m_boson"),
        )

    def electron_shifts(self, electrons: Electrons, flavour: str, values: Values) -> Any:
        """Return the shift of g_V."""
        energy = electrons.recoil_energy
        charge = self.charges.of_electron(2.0 * electrons.mass * energy)
        return getattr(self.charges.lepton, flavour) * charge * light_mediators.exchange(
            energy, values["g"], values["m_boson"], electrons.mass
        ), 0.0

    def charge_shift(self, nucleus: Nucleus, flavour: str, values: Values) -> Any:
        """Return the shift of the weak charge."""
        energy = nucleus.recoil_energy
        charge = self.charges.of_nucleus(2.0 * nucleus.mass * energy, nucleus.z, nucleus.n)
        return (
            getattr(self.charges.lepton, flavour)
            * charge
            * light_mediators.exchange(energy, values["g"], values["m_boson"], nucleus.mass)
        )
