"""How an effective-moment experiment enters a likelihood, and which signals it refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.beam_limit import TERM as MU_SQUARED
from bayesnu.experiments.beam_limit import beam_of
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.format.effective_moment import EffectiveMomentFile
from bayesnu.likelihood.factors import cosine, sine
from bayesnu.model.beam_moments import Factors, effective_moment_terms
from bayesnu.model.nuisances.nuisance import Owned, Part, Term
from bayesnu.model.nuisances.oscillation import pulls_and_phase
from bayesnu.physics.moments.beams import solar
from bayesnu.physics.signals.base import Signal, StandardModel
from bayesnu.physics.signals.dirac_moment import DiracMoment
from bayesnu.physics.signals.fundamental_moments import FundamentalMoments
from bayesnu.physics.signals.transition_moment import TransitionMoment
from bayesnu.physics.treatment import Oscillation


def is_effective_moment(experiment: Experiment) -> bool:
    """Return whether an experiment is a limit on an effective moment."""
    return isinstance(experiment.file, EffectiveMomentFile)


def oscillation_of(experiments: Sequence[Experiment]) -> Oscillation:
    """Return the oscillation parameters of a combination: those of its solar experiments.

    Without one, those of its limits on effective moments, and then of its beams and reactors.
    """
    limits = [e for e in experiments if is_effective_moment(e)]
    solar = [e for e in experiments if e.sees_sun and e not in limits]
    return (solar or limits or list(experiments))[0].neutrinos.oscillation


def beam_part(
    experiment: Experiment,
    signal: Signal,
    free: Sequence[str],
    fixed: Mapping[str, float],
    oscillation: Oscillation,
) -> Part:
    """Return mu^2 of the beam, (1e-11 mu_B)^2, with the nuisances that it depends on.

    A term without a signal keeps the bin where there is no moment.

    Raises
    ------
    InputError
        If the signal has no moment matrix: an effective moment of one beam says nothing about
        that of another.
    """
    beam = partial(beam_of, experiment)
    if isinstance(signal, StandardModel):
        found: dict[Factors, float] = {}
    elif isinstance(signal, FundamentalMoments):
        found = effective_moment_terms(beam, signal, oscillation, free, fixed)
    else:
        raise InputError(
            experiment.path,
            "source",
            found=f"an effective moment of {beam_of(experiment).title} beside the signal "
            f"{signal.tag}, whose parameters are those of {solar().title} by flavour",
            expected=f"the signal {TransitionMoment.tag} or {DiracMoment.tag}, from which "
            "the moment of every beam follows",
        )
    used = {name for factors in found for name in factors}
    terms = {(): 0.0, **found}
    return Part(
        experiment,
        MU_SQUARED,
        tuple(Term(factors, (), np.array([value])) for factors, value in terms.items()),
        tuple(
            Owned(parameter)
            for parameter in pulls_and_phase(oscillation)
            if used & {parameter.name, cosine(parameter.name), sine(parameter.name)}
        ),
    )
