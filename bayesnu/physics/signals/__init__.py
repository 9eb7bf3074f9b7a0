"""Signals: which parameters they have and how these enter the cross section."""

from collections.abc import Callable
from dataclasses import replace

from bayesnu.errors import InputError
from bayesnu.physics.signals.anapole import AnapoleMoment
from bayesnu.physics.signals.base import Signal, SignalParameter, StandardModel
from bayesnu.physics.signals.charge_radius import ChargeRadius
from bayesnu.physics.signals.light_mediator import LightMediator
from bayesnu.physics.signals.magnetic_moment import MagneticMoment
from bayesnu.physics.signals.millicharge import Millicharge
from bayesnu.physics.signals.sterile_dipole import SterileDipole
from bayesnu.physics.signals.transition_moment import TransitionMoment

SIGNALS: dict[str, Callable[[], Signal]] = {
    MagneticMoment.tag: MagneticMoment,
    TransitionMoment.tag: TransitionMoment,
    Millicharge.tag: Millicharge,
    ChargeRadius.tag: ChargeRadius,
    AnapoleMoment.tag: AnapoleMoment,
    SterileDipole.tag: SterileDipole,
    LightMediator.tag: LightMediator,
}


NUCLEAR_REACH, NUCLEAR_PROBE = 1e5, 100.0
"""Prior range and typical size of magnetic moments on nuclei, in 1e-11 mu_B."""


def signal_by_tag(tag: str, channel: str = "electron-recoil") -> Signal:
    """Return a signal by its tag, in the units of a channel.

    Raises
    ------
    InputError
        If there is no such signal.
    """
    if tag not in SIGNALS:
        raise InputError("signal", "name", found=repr(tag), expected=" | ".join(SIGNALS))
    if tag == Millicharge.tag:
        return Millicharge(channel)
    signal = SIGNALS[tag]()
    if channel == "nuclear-recoil":
        signal.parameters = tuple(_for_nuclei(parameter) for parameter in signal.parameters)
    return signal


def _for_nuclei(parameter: SignalParameter) -> SignalParameter:
    """Return a parameter with a wider range: magnetic moments show on nuclei from 1e-9 mu_B on."""
    if not parameter.unit.endswith("mu_B"):
        return parameter
    return replace(parameter, reach=max(parameter.reach, NUCLEAR_REACH), probe=NUCLEAR_PROBE)


__all__ = [
    "SIGNALS",
    "AnapoleMoment",
    "ChargeRadius",
    "LightMediator",
    "MagneticMoment",
    "Millicharge",
    "Signal",
    "SignalParameter",
    "StandardModel",
    "SterileDipole",
    "TransitionMoment",
    "signal_by_tag",
]
