"""Signals: which parameters they have and how these enter the cross section."""

from collections.abc import Callable, Iterable
from functools import partial

from bayesnu.errors import InputError
from bayesnu.physics.cross_sections.gauge_bosons import CHARGES
from bayesnu.physics.signals.anapole import AnapoleMoment
from bayesnu.physics.signals.base import (
    NUCLEAR_CHANNELS,
    Signal,
    SignalParameter,
    StandardModel,
)
from bayesnu.physics.signals.charge_radius import ChargeRadius
from bayesnu.physics.signals.dirac_moment import DiracMoment
from bayesnu.physics.signals.gauge_boson import GAUGE_BOSON, GaugeBoson
from bayesnu.physics.signals.light_mediator import LightMediator
from bayesnu.physics.signals.magnetic_moment import MagneticMoment
from bayesnu.physics.signals.millicharge import Millicharge
from bayesnu.physics.signals.neutron_radius import NeutronRadius
from bayesnu.physics.signals.non_standard import (
    ElectronInteraction,
    PropagatingElectronInteraction,
    PropagatingQuarkInteraction,
    QuarkInteraction,
)
from bayesnu.physics.signals.solar_flux import SolarFlux
from bayesnu.physics.signals.sterile_dipole import SterileDipole
from bayesnu.physics.signals.tensor_mediator import TensorMediator
from bayesnu.physics.signals.transition_moment import TransitionMoment
from bayesnu.physics.signals.weak_mixing_angle import WeakMixingAngle

SIGNALS: dict[str, Callable[[], Signal]] = {
    MagneticMoment.tag: MagneticMoment,
    TransitionMoment.tag: TransitionMoment,
    DiracMoment.tag: DiracMoment,
    Millicharge.tag: Millicharge,
    ChargeRadius.tag: ChargeRadius,
    AnapoleMoment.tag: AnapoleMoment,
    SterileDipole.tag: SterileDipole,
    LightMediator.tag: LightMediator,
    TensorMediator.tag: TensorMediator,
    **{f"{GAUGE_BOSON}-{charges}": partial(GaugeBoson, charges) for charges in CHARGES},
    WeakMixingAngle.tag: WeakMixingAngle,
    SolarFlux.tag: SolarFlux,
    NeutronRadius.tag: NeutronRadius,
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
    "CHARGES",
    "GAUGE_BOSON",
    "NUCLEAR_CHANNELS",
    "SIGNALS",
    "AnapoleMoment",
    "ChargeRadius",
    "DiracMoment",
    "ElectronInteraction",
    "GaugeBoson",
    "LightMediator",
    "MagneticMoment",
    "Millicharge",
    "NeutronRadius",
    "QuarkInteraction",
    "Signal",
    "SignalParameter",
    "SolarFlux",
    "StandardModel",
    "SterileDipole",
    "TensorMediator",
    "TransitionMoment",
    "WeakMixingAngle",
    "signal_by_tag",
    "signal_for",
]
