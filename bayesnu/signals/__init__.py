"""Signals: which parameters they have and how these enter the cross section."""

from bayesnu.errors import InputError
from bayesnu.signals.base import Signal, SignalParameter, StandardModel
from bayesnu.signals.magnetic_moment import MagneticMoment

SIGNALS: dict[str, type[Signal]] = {signal.tag: signal for signal in (MagneticMoment,)}


def signal_by_tag(tag: str) -> Signal:
    """Return a signal by its tag.

    Raises
    ------
    InputError
        If there is no such signal.
    """
    if tag not in SIGNALS:
        raise InputError("signal", "name", found=repr(tag), expected=" | ".join(SIGNALS))
    return SIGNALS[tag]()


__all__ = ["SIGNALS", "MagneticMoment", "Signal", "SignalParameter", "StandardModel"]
