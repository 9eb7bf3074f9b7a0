"""How an effective-moment experiment enters a likelihood, and which signals it refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.format.effective_moment import EffectiveMomentFile
from bayesnu.likelihood.factors import cosine, sine
from bayesnu.likelihood.likelihood import Parameter
from bayesnu.model.beam_moments import Factors, effective_moment_terms, oscillation_nuisances
from bayesnu.physics.moments.beams import beam_by_name, solar
from bayesnu.physics.signals.base import Signal, StandardModel
from bayesnu.physics.signals.transition_moment import TransitionMoment
from bayesnu.physics.treatment import Oscillation


def is_effective_moment(experiment: Experiment) -> bool:
    """Return whether an experiment is a limit on an effective moment."""
    return isinstance(experiment.file, EffectiveMomentFile)


def oscillation_of(experiments: Sequence[Experiment]) -> Oscillation:
    """Return the oscillation parameters of a combination: those of its solar experiments."""
    counting = [e for e in experiments if not is_effective_moment(e)]
    return (counting or list(experiments))[0].neutrinos.oscillation


def terms_of(
    experiment: Experiment,
    signal: Signal,
    free: Sequence[str],
    fixed: Mapping[str, float],
    oscillation: Oscillation,
) -> tuple[tuple[Parameter, ...], dict[Factors, float]]:
    """Return the nuisances and the terms of mu^2, (1e-11 mu_B)^2.

    Raises
    ------
    InputError
        If the signal has no moment matrix: an effective moment of one beam says nothing about
        that of another.
    """
    file = experiment.file
    assert isinstance(file, EffectiveMomentFile)
    if isinstance(signal, StandardModel):
        return (), {}
    if not isinstance(signal, TransitionMoment):
        raise InputError(
            experiment.path,
            "beam",
            found=f"an effective moment of {beam_by_name(file.beam).title} beside the signal "
            f"{signal.tag}, whose parameters are those of {solar().title} by flavour",
            expected=f"the signal {TransitionMoment.tag}, from which the moment of every beam "
            "follows",
        )
    terms = effective_moment_terms(file.beam, oscillation, free, fixed)
    used = {name for factors in terms for name in factors}
    nuisances = tuple(
        parameter
        for parameter in oscillation_nuisances(oscillation)
        if used & {parameter.name, cosine(parameter.name), sine(parameter.name)}
    )
    return nuisances, terms
