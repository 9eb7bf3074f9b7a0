"""Magnetic moments of the flavour neutrinos, as elastic scattering sees them."""

from __future__ import annotations

from bayesnu.physics.cross_sections import magnetic_moment
from bayesnu.physics.signals.base import Process, Signal, SignalParameter, Values
from bayesnu.physics.targets.target import Electrons, Nucleus


def _moment(name: str, latex: str, sets: tuple[str, ...] = ()) -> SignalParameter:
    return SignalParameter(
        name, "1e-11 mu_B", latex, 1e-11, one_sided=True, reach=100.0, probe=2.0, sets=sets
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
