"""The weak mixing angle at low energy, measured by what the Standard Model makes of it."""

from __future__ import annotations

from bayesnu.physics.constants import SIN2_THETA_W
from bayesnu.physics.signals.base import Signal, SignalParameter, Values
from bayesnu.physics.targets.target import Electrons, Nucleus


class WeakMixingAngle(Signal):
    """sin^2 theta_W at zero momentum transfer; giunti-ternes-2023 Eq. 4, deromeri-2024 Eq. 2.

    It takes the place of the file's own, at tree level and beside radiative corrections (where it
    is the first term of atzori-corona-2022 Eq. B6; the corrections, at the mass of the Z, stay).
    g_V and the weak charge are linear in it, so that counts are polynomials of degree two. As a
    sine squared it has a prior that is flat from 0 to 1, some ten times as wide as what the least
    precise of present data say.
    """

    tag = "weak-mixing-angle"
    title = "Weak mixing angle"
    reference = "giunti-ternes-2023 Eq. 4"
    parameters = (
        SignalParameter(
            "sin2_theta_w",
            "1",
            r"\sin^2\theta_W",
            1.0,
            one_sided=False,
            reach=1.0,
            probe=0.3,
            lowest=0.0,
            most=1.0,
            standard=SIN2_THETA_W,
        ),
    )

    def changed_electrons(self, electrons: Electrons, values: Values) -> Electrons:
        """Return electrons whose couplings are those of the angle."""
        return electrons.at_mixing_angle(values["sin2_theta_w"])

    def changed_nucleus(self, nucleus: Nucleus, values: Values) -> Nucleus:
        """Return a nucleus whose weak charge is that of the angle."""
        return nucleus.at_mixing_angle(values["sin2_theta_w"])
