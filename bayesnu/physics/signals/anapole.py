"""Anapole moments of neutrinos."""

from __future__ import annotations

from typing import Any

from bayesnu.physics.cross_sections import anapole
from bayesnu.physics.signals.base import Signal, SignalParameter, Values
from bayesnu.physics.targets.target import Electrons, Nucleus


def _moment(name: str, latex: str, sets: tuple[str, ...] = ()) -> SignalParameter:
    return SignalParameter(
        name, "1e-32 cm2", latex, 1e-32, one_sided=False, reach=6000.0, probe=300.0, sets=sets
    )


class AnapoleMoment(Signal):
    """Anapole moments; khan-2022 Eq. 3, by which a acts as a charge radius of -a/6."""

    tag = "anapole-moment"
    title = "Neutrino anapole moment"
    reference = "khan-2022 Eq. 3"
    parameters = (
        _moment("a_eff", r"a_\nu^\mathrm{eff}", sets=("a_e", "a_mu", "a_tau")),
        _moment("a_e", r"a_{\nu_e}"),
        _moment("a_mu", r"a_{\nu_\mu}"),
        _moment("a_tau", r"a_{\nu_\tau}"),
    )

    def electron_shifts(self, electrons: Electrons, flavour: str, values: Values) -> Any:
        """Return the shift of g_V."""
        return anapole.vector_shift(values[f"a_{flavour}"]), 0.0

    def charge_shift(self, nucleus: Nucleus, flavour: str, values: Values) -> Any:
        """Return the shift of the weak charge: Z times that of g_V^p."""
        return nucleus.z * anapole.proton_coupling_shift(values[f"a_{flavour}"])
