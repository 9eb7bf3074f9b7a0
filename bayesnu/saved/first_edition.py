"""What files of the first edition say otherwise, said as now."""

from __future__ import annotations

from dataclasses import replace

from bayesnu.errors import InputError
from bayesnu.physics.signals import signal_by_tag
from bayesnu.results.exclusion import Exclusion


def with_symbols(plane: Exclusion) -> Exclusion:
    """Return an exclusion plane with the symbols of its signal, where it has none."""
    if plane.latex:
        return plane
    try:
        signal = signal_by_tag(plane.signal)
        mass = signal.parameter(plane.mass).latex
        return replace(plane, latex=signal.parameter(plane.coupling).latex, mass_latex=mass)
    except InputError:
        return plane
