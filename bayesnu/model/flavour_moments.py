"""Fundamental moments in counts of a source whose neutrinos arrive as flavours.

A flavour is a sum of mass states with phases. Its effective moment squared is a polynomial in
moments and phases, the same for its antineutrinos, and multiplies what a moment of one unit
adds to the counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.response import Factors
from bayesnu.likelihood.factors import cosine, sine
from bayesnu.model.beam_moments import effective_moment_terms
from bayesnu.model.nuisances.nuisance import Owned, Part, Term
from bayesnu.model.nuisances.oscillation import pulls_and_phase
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.cross_sections.electroweak import ANTINEUTRINOS
from bayesnu.physics.moments.beams import beam_by_name
from bayesnu.physics.signals.base import Signal, StandardModel
from bayesnu.physics.signals.fundamental_moments import FundamentalMoments
from bayesnu.physics.signals.magnetic_moment import MagneticMoment
from bayesnu.physics.source import Source
from bayesnu.physics.treatment import Oscillation
from bayesnu.types import Array


def moments_by_flavour(experiment: Experiment, signal: Signal) -> bool:
    """Return whether what arrives are flavours, and the signal has moments of mass states."""
    return isinstance(signal, FundamentalMoments) and not experiment.sees_sun


def flavour_moment_parts(
    experiment: Experiment,
    signal: Signal,
    free: Sequence[str],
    fixed: Mapping[str, float],
    oscillation: Oscillation,
) -> list[Part]:
    """Return what each component of the source gives, with its moments by flavour.

    Parameters
    ----------
    free : sequence of str
        Parameters of the signal.
    fixed : mapping
        Values of the others.
    oscillation : Oscillation
        Mixing, and what is known of it.
    """
    assert isinstance(signal, FundamentalMoments)
    source = recoil_rate(experiment).source
    parts = []
    for component in source.flux:
        squared = {
            flavour: effective_moment_terms(
                partial(beam_by_name, flavour), signal, oscillation, free, fixed
            )
            for flavour in _flavours(source, component)
        }
        used = {name for terms in squared.values() for factors in terms for name in factors}
        nuisances = tuple(
            Owned(parameter)
            for parameter in pulls_and_phase(oscillation)
            if used & {parameter.name, cosine(parameter.name), sine(parameter.name)}
        )
        terms = partial(_terms, experiment, component, squared)
        parts.append(
            Part(experiment, source.label, terms(), nuisances, flux=component, changed=terms)
        )
    return parts


def _terms(
    experiment: Experiment,
    component: str,
    squared: Mapping[str, Mapping[tuple[str, ...], float]],
    **changes: Any,
) -> tuple[Term, ...]:
    """Return the counts of a component, to which each flavour adds its moment squared."""
    rate = recoil_rate(experiment, **changes)
    standard = rate.count_terms(StandardModel(), {})[component]
    total: dict[tuple[tuple[str, ...], Factors], Array] = {
        ((), response): counts for response, counts in zip(rate.factors, standard, strict=True)
    }
    for flavour, moment in squared.items():
        unit = rate.count_terms(MagneticMoment(), {f"mu_{flavour}": 1.0})[component]
        for factors, value in moment.items():
            for response, counts in zip(rate.factors, unit - standard, strict=True):
                known = total.get((factors, response), np.zeros_like(counts))
                total[factors, response] = known + value * counts
    return tuple(Term(*key, counts) for key, counts in total.items())


def _flavours(source: Source, component: str) -> list[str]:
    """Return the flavours that a component has, of neutrinos or antineutrinos."""
    moments = source.moments(component, np.zeros(1), "flavour")
    states = [state for state, values in moments.items() if values[0, 0] > 0.0]
    return list(dict.fromkeys(ANTINEUTRINOS.get(state, state) for state in states))
