"""Magnetic moments of the flavour neutrinos, as elastic scattering sees them."""

from __future__ import annotations

from dataclasses import replace

from bayesnu.physics.cross_sections import magnetic_moment
from bayesnu.physics.signals.base import Process, Signal, SignalParameter, Values
from bayesnu.physics.targets.target import Electrons, Nucleus


def _moment(name: str, latex: str, sets: tuple[str, ...] = ()) -> SignalParameter:
    return SignalParameter(
        name, "1e-11 mu_B", latex, 1e-11, one_sided=True, reach=100.0, probe=2.0, sets=sets
    )


NUCLEAR_REACH, NUCLEAR_PROBE = 1e5, 100.0
"""Prior range and typical size of magnetic moments on nuclei, in 1e-11 mu_B."""


def on_nuclei(parameters: tuple[SignalParameter, ...]) -> tuple[SignalParameter, ...]:
    """Return parameters with wider ranges: moments show on nuclei from 1e-9 mu_B on."""
    return tuple(
        replace(p, reach=max(p.reach, NUCLEAR_REACH), probe=NUCLEAR_PROBE)
        if p.unit.endswith("mu_B")
        else p
        for p in parameters
    )


class MagneticMoment(Signal):
    """Effective magnetic moments, added to the weak cross section without interference.

    giunti-ternes-2023 Eq. 6 (electrons), deromeri-2024 Eq. 4 (nuclei). `mu_eff` is one moment
    for all flavours. These are effective moments of the solar beam: not those of a reactor or
    accelerator beam.
    """

    tag = "magnetic-moment"
    title = "Neutrino magnetic moment"
    parameters = (
        _moment("mu_eff", r"\mu_\nu^\mathrm{eff}", sets=("mu_e", "mu_mu", "mu_tau")),
        _moment("mu_e", r"|\mu_{\nu_e}|"),
        _moment("mu_mu", r"|\mu_{\nu_\mu}|"),
        _moment("mu_tau", r"|\mu_{\nu_\tau}|"),
    )
    nuclear_parameters = on_nuclei(parameters)
    reference = "giunti-ternes-2023 Eq. 6"

    def electron_processes(
        self, electrons: Electrons, flavour: str, values: Values
    ) -> tuple[Process, ...]:
        """Return the magnetic scattering of a flavour."""
        mu = values[f"mu_{flavour}"]
        per_electron = magnetic_moment.electron_coefficients(electrons.recoil_energy, mu)
        return (Process(electrons.number * per_electron),)

    def nucleus_processes(
        self, nucleus: Nucleus, flavour: str, values: Values
    ) -> tuple[Process, ...]:
        """Return the magnetic scattering of a flavour on a nucleus."""
        mu = values[f"mu_{flavour}"]
        return (
            Process(
                magnetic_moment.nuclear_coefficients(
                    nucleus.recoil_energy, mu, nucleus.z, nucleus.form_factor_squared
                )
            ),
        )
