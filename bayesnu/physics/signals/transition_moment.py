"""Majorana transition moments: the parameters behind every effective magnetic moment."""

from __future__ import annotations

from math import pi

from bayesnu.physics.cross_sections import magnetic_moment
from bayesnu.physics.signals.base import Process, Signal, SignalParameter, Values
from bayesnu.physics.signals.magnetic_moment import on_nuclei
from bayesnu.physics.targets.target import Electrons, Nucleus


def _size(index: int) -> SignalParameter:
    return SignalParameter(
        f"Lambda_{index}",
        "1e-11 mu_B",
        rf"|\Lambda_{index}|",
        1e-11,
        one_sided=True,
        reach=100.0,
        probe=2.0,
    )


def _phase(index: int) -> SignalParameter:
    return SignalParameter(
        f"phi_{index}",
        "1 rad",
        rf"\varphi_{index}",
        1.0,
        one_sided=False,
        reach=pi,
        probe=1.0,
        periodic=True,
    )


class TransitionMoment(Signal):
    """Transition moments Lambda_1, Lambda_2, Lambda_3 in the mass basis, Lambda_2 real.

    ternes-tortola-2025, Eq. 7, 8, 14. Solar neutrinos arrive as mass states, of which state i
    sees mu_i^2 = sum_{k != i} |Lambda_k|^2: no phase enters. Reactor and accelerator beams
    (experiments of channel ``effective-moment``) see the phases too.

    The priors ``flat`` and ``flat-squared`` are, together with the flat priors of the phases,
    flat in the sizes |Lambda_i| and flat in real and imaginary parts (d Re d Im = |Lambda|
    d|Lambda| d phi; for Lambda_2, whose phase is not physical, after integrating it out). The
    second favours large moments: the 90% limits from XENONnT alone are 1.17, 0.82, 0.70 with the
    first and 1.41, 0.98, 0.81 (1e-11 mu_B) with the second, where Delta chi2 gives 1.41, 0.98,
    0.82; of three experiments with GEMMA and LSND 1.03, 0.72, 0.58 and 1.22, 0.85, 0.70.
    """

    tag = "transition-magnetic-moment"
    title = "Majorana transition magnetic moments"
    parameters = (_size(1), _size(2), _size(3), _phase(1), _phase(3))
    nuclear_parameters = on_nuclei(parameters)
    reference = "ternes-tortola-2025 Eq. 7, 14"
    sees_mass_states = True

    def electrons_of_mass_state(
        self, electrons: Electrons, state: str, values: Values
    ) -> tuple[Process, ...]:
        """Return the magnetic scattering of a mass state on electrons."""
        return tuple(
            Process(
                electrons.number
                * magnetic_moment.electron_coefficients(
                    electrons.recoil_energy, values[f"Lambda_{k}"]
                )
            )
            for k in "123"
            if k != state
        )

    def nucleus_of_mass_state(
        self, nucleus: Nucleus, state: str, values: Values
    ) -> tuple[Process, ...]:
        """Return the magnetic scattering of a mass state on a nucleus."""
        return tuple(
            Process(
                magnetic_moment.nuclear_coefficients(
                    nucleus.recoil_energy,
                    values[f"Lambda_{k}"],
                    nucleus.z,
                    nucleus.form_factor_squared,
                )
            )
            for k in "123"
            if k != state
        )
