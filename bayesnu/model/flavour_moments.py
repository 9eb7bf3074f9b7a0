"""Fundamental moments in counts of a source whose neutrinos arrive as flavours.

A flavour is a sum of mass states with phases. Its effective moment squared is a polynomial in
moments and phases, the same for its antineutrinos, and multiplies what a moment of one unit
adds to the counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bayesnu.experiments.experiment import Experiment
from bayesnu.likelihood.factors import cosine, sine
from bayesnu.model.beam_moments import effective_moment_terms
from bayesnu.model.nuisances.nuisance import Owned, Part, Term
from bayesnu.model.nuisances.oscillation import pulls_and_phase
from bayesnu.model.rate import RecoilRate, recoil_rate
from bayesnu.physics.cross_sections.electroweak import ANTINEUTRINOS
from bayesnu.physics.signals.base import StandardModel
from bayesnu.physics.signals.magnetic_moment import MagneticMoment
from bayesnu.physics.treatment import Oscillation


def flavour_moment_parts(
    experiment: Experiment,
    free: Sequence[str],
    fixed: Mapping[str, float],
    oscillation: Oscillation,
) -> list[Part]:
    """Return what each component of the source gives, with its moments by flavour.

    Parameters
    ----------
    free : sequence of str
        Parameters of the signal `bayesnu.physics.signals.transition_moment.TransitionMoment`.
    fixed : mapping
        Values of the others.
    oscillation : Oscillation
        Mixing, and what is known of it.
    """
    rate = recoil_rate(experiment)
    bare = rate.count_terms(StandardModel(), {})
    parts = []
    for component, standard in bare.items():
        terms = [Term((), *term) for term in zip(rate.factors, standard, strict=True)]
        used: set[str] = set()
        for flavour in _flavours(rate, component):
            squared = effective_moment_terms(flavour, oscillation, free, fixed)
            used |= {name for factors in squared for name in factors}
            unit = rate.count_terms(MagneticMoment(), {f"mu_{flavour}": 1.0})
            added = unit[component] - standard
            terms += [
                Term(factors, response, value * counts)
                for factors, value in squared.items()
                for response, counts in zip(rate.factors, added, strict=True)
            ]
        nuisances = tuple(
            Owned(parameter)
            for parameter in pulls_and_phase(oscillation)
            if used & {parameter.name, cosine(parameter.name), sine(parameter.name)}
        )
        label = rate.source.label
        parts.append(Part(experiment, label, tuple(terms), nuisances, flux=component))
    return parts


def _flavours(rate: RecoilRate, component: str) -> list[str]:
    """Return the flavours that a component has, of neutrinos or antineutrinos."""
    moments = rate.source.moments(component, np.zeros(1), "flavour")
    states = [state for state, values in moments.items() if values[0, 0] > 0.0]
    return list(dict.fromkeys(ANTINEUTRINOS.get(state, state) for state in states))
