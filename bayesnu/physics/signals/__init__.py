"""Signals: which parameters they have and how these enter the cross section."""

from collections.abc import Callable, Iterable

from bayesnu.errors import InputError
from bayesnu.physics.signals.anapole import AnapoleMoment
from bayesnu.physics.signals.base import (
    NUCLEAR_CHANNELS,
    Signal,
    SignalParameter,
    StandardModel,
)
from bayesnu.physics.signals.charge_radius import ChargeRadius
from bayesnu.physics.signals.light_mediator import LightMediator
from bayesnu.physics.signals.magnetic_moment import MagneticMoment
from bayesnu.physics.signals.millicharge import Millicharge
from bayesnu.physics.signals.non_standard import (
    ElectronInteraction,
    PropagatingElectronInteraction,
    PropagatingQuarkInteraction,
    QuarkInteraction,
)
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
    ElectronInteraction.tag: ElectronInteraction,
    QuarkInteraction.tag: QuarkInteraction,
    PropagatingElectronInteraction.tag: PropagatingElectronInteraction,
    PropagatingQuarkInteraction.tag: PropagatingQuarkInteraction,
}


def signal_by_tag(tag: str, channel: str = "electron-recoil") -> Signal:
    """Return a signal by its tag, in the units of a channel.

    Raises
    ------
    InputError
        If there is no such signal.
    """
    if tag not in SIGNALS:
        raise InputError("signal", "name", found=repr(tag), expected=" | ".join(SIGNALS))
    return SIGNALS[tag]().for_channel(channel)


def signal_for(signal: str | Signal, channels: Iterable[str]) -> Signal:
    """Return a signal in the units of a question to experiments of some channels.

    They are those of nuclear recoils where all experiments see nothing else, and of electron
    recoils otherwise, which say much more about the same parameters: no order of experiments
    and no part of a combination changes them.
    """
    if isinstance(signal, Signal):
        return signal
    seen = set(channels)
    nuclear = bool(seen) and seen <= set(NUCLEAR_CHANNELS)
    return signal_by_tag(signal, NUCLEAR_CHANNELS[0] if nuclear else "electron-recoil")


__all__ = [
    "NUCLEAR_CHANNELS",
    "SIGNALS",
    "AnapoleMoment",
    "ChargeRadius",
    "ElectronInteraction",
    "LightMediator",
    "MagneticMoment",
    "Millicharge",
    "QuarkInteraction",
    "Signal",
    "SignalParameter",
    "StandardModel",
    "SterileDipole",
    "TransitionMoment",
    "signal_by_tag",
    "signal_for",
]
