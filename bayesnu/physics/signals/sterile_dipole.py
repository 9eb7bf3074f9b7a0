"""Dipole portal to a sterile state: active neutrinos scatter up into a heavy lepton."""

from __future__ import annotations

from bayesnu.physics.cross_sections import sterile_dipole
from bayesnu.physics.signals.base import Process, Signal, SignalParameter, Values
from bayesnu.physics.signals.magnetic_moment import on_nuclei
from bayesnu.physics.targets.target import Electrons, Nucleus


def _moment(name: str, latex: str, sets: tuple[str, ...] = ()) -> SignalParameter:
    return SignalParameter(
        name, "1e-11 mu_B", latex, 1e-11, one_sided=True, reach=1e5, probe=2.0, sets=sets
    )


class SterileDipole(Signal):
    """Transition moments to a sterile state of mass m4; deromeri-2024 Eq. 8-9.

    Tends to the magnetic moment for m4 -> 0. The mass is held fixed in a fit. Where it is free,
    its prior is flat in its logarithm from 1 keV, where it changes rates by 10^-3, to 20 MeV,
    above the energy of all solar neutrinos.
    """

    tag = "sterile-dipole"
    title = "Sterile dipole portal"
    reference = "deromeri-2024 Eq. 8-9"
    parameters = (
        _moment("mu_eff", r"\mu_{\nu 4}", sets=("mu_e", "mu_mu", "mu_tau")),
        _moment("mu_e", r"|\mu_{\nu_e 4}|"),
        _moment("mu_mu", r"|\mu_{\nu_\mu 4}|"),
        _moment("mu_tau", r"|\mu_{\nu_\tau 4}|"),
        SignalParameter(
            "m4",
            "MeV",
            "m_4",
            1.0,
            one_sided=True,
            reach=20.0,
            shape=True,
            zero=True,
            lowest=1e-3,
        ),
    )

    nuclear_parameters = on_nuclei(parameters)

    def line_end_points(self, energy: float, mass: float, values: Values) -> tuple[float, ...]:
        """Return where recoils of a line begin and end, which m4 moves."""
        return sterile_dipole.recoil_range(energy, values["m4"], mass) or ()

    def electron_processes(
        self, electrons: Electrons, flavour: str, values: Values
    ) -> tuple[Process, ...]:
        """Return upscattering on electrons."""
        energy, m4 = electrons.recoil_energy, values["m4"]
        return (
            Process(
                electrons.number
                * sterile_dipole.coefficients(energy, values[f"mu_{flavour}"], m4, electrons.mass),
                sterile_dipole.minimum_energy(energy, m4, electrons.mass),
            ),
        )

    def nucleus_processes(
        self, nucleus: Nucleus, flavour: str, values: Values
    ) -> tuple[Process, ...]:
        """Return upscattering on a nucleus."""
        energy, m4 = nucleus.recoil_energy, values["m4"]
        return (
            Process(
                sterile_dipole.coefficients(
                    energy,
                    values[f"mu_{flavour}"],
                    m4,
                    nucleus.mass,
                    nucleus.z,
                    nucleus.form_factor_squared,
                ),
                sterile_dipole.minimum_energy(energy, m4, nucleus.mass),
            ),
        )
