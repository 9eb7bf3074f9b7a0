"""What files of the first edition say otherwise, said as now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

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


def curve_as_now(curve: dict[str, Any], limit: Any) -> dict[str, Any]:
    """Return the curve of a record: it had its points alone, the rest stands in the limit."""
    frequentist = limit.get("frequentist") if isinstance(limit, dict) else None
    if "x" not in curve or not isinstance(frequentist, dict):
        return curve
    made = limit.get("made")
    free = made.get("free") if isinstance(made, dict) else None
    return {
        **limit,
        **frequentist,
        **curve,
        "values": curve["x"],
        "delta_chi2": curve.get("y"),
        "minima": [frequentist.get("best_fit")],
        "free": free or [curve.get("parameter")],
    }
