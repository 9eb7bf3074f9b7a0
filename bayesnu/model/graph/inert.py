"""Mixing angles that change no counts of a signal, so that the graph need not hold derivatives.

Moments that are the same for all flavours, and couplings of nuclei that are, see no flavour: six
more spectra of each component would be computed at every step of a sampler, to find nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bayesnu.experiments.experiment import Experiment
from bayesnu.model.ambient import is_ambient
from bayesnu.model.nuisances.oscillation import pulls
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.signals.base import Signal
from bayesnu.types import Array

LEAST = 1e-12
"""A change of a spectrum that is smaller than this share of it is rounding."""


def inert_angles(
    experiment: Experiment, signal: Signal, free: tuple[str, ...], fixed: Mapping[str, float]
) -> frozenset[str]:
    """Return the mixing angles with pulls that change no spectrum at a typical point."""
    entry = experiment.neutrinos.oscillation
    angles = pulls(entry)
    if not angles or not experiment.sees_sun or signal.propagates:
        return frozenset()
    own = [name for name in free if not is_ambient(signal, name)]
    values = {**fixed, **{name: _typical(signal, name) for name in own}}

    def spectra(**changes: float) -> Array:
        rate = recoil_rate(experiment, **changes)
        found = [
            rate.rates(signal, signal.physical(values), which)
            for which in range(len(experiment.responses))
        ]
        return np.concatenate([np.ravel(part) for part in found])

    usual = spectra()
    return frozenset(
        angle
        for angle in angles
        if np.abs(
            spectra(**{angle: getattr(entry, angle) + getattr(entry, f"sigma_{angle}")}) - usual
        ).max()
        < LEAST * np.abs(usual).max()
    )


def _typical(signal: Signal, name: str) -> float:
    """Return a value at which a parameter has an effect: no two have the same one."""
    parameter = signal.parameter(name)
    place = [own.name for own in signal.parameters].index(name)
    if parameter.shape:
        low = parameter.lowest or 1e-3 * parameter.reach
        return float(np.sqrt(low * parameter.reach))
    return parameter.probe * (0.7 + 0.1 * place / len(signal.parameters))
