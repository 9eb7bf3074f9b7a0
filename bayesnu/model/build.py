"""Experiments + signal -> one `Likelihood`: names the parameters and asks for the terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.likelihood.factors import cosine, sine
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.likelihood.names import nuisance_names
from bayesnu.model.beam_terms import beam_part, is_effective_moment, oscillation_of
from bayesnu.model.collector import Collector
from bayesnu.model.compatible import check_compatible
from bayesnu.model.flavour_moments import flavour_moment_parts
from bayesnu.model.nuisances import KINDS
from bayesnu.model.nuisances.nuisance import Part
from bayesnu.model.parts import SignalCounts, background_parts, responding
from bayesnu.model.signal_prior import PriorName, signal_prior
from bayesnu.physics.signals.base import (
    Signal,
    check_hooks,
    check_values,
    held_values,
)
from bayesnu.physics.signals.transition_moment import TransitionMoment
from bayesnu.types import Array


def build_likelihood(
    experiments: Sequence[Experiment],
    signal: Signal,
    free: Sequence[str],
    *,
    fixed: Mapping[str, float] | None = None,
    prior: PriorName = "flat",
    observed: Mapping[str, Array] | None = None,
) -> Likelihood:
    """Return the likelihood of a signal's free parameters in one or more experiments.

    Parameters
    ----------
    experiments : sequence of Experiment
        Fluxes, and backgrounds with the same ``shared`` name, are shared nuisances.
    free : sequence of str
        Free parameters of the signal; its others are zero, or as in `fixed`.
    fixed : mapping, optional
        Values in O(1) units.
    prior : {"flat", "flat-squared", "log"}
        Of the signal parameters.
    observed : mapping, optional
        Counts by experiment name, instead of the file's (needed for projections).

    Raises
    ------
    InputError
        If experiments overlap, disagree about neutrinos or a shared nuisance, if there are no data
        or the counts given are none, if a fixed value is no size or beyond reason, or if an
        effective parameter would be added to one that it sets.
    """
    check_compatible(experiments)
    check_hooks(signal)
    check_values(signal, fixed or {})
    fixed = held_values(signal, free, fixed or {})
    collector = Collector()
    for name in free:
        collector.add(_signal_parameter(signal, name, prior), "signal")
    seen = tuple(responding(experiment) for experiment in experiments)
    names = nuisance_names(
        [(own, e.name) for e in seen for kind in KINDS.values() for own in kind.own(e)]
    )
    for experiment in seen:
        for part in _parts(experiment, seen, signal, free, fixed):
            for kind in KINDS.values():
                part = kind.act(part, names)
            collector.add_part(part)
    _check_effect(collector, signal, free, fixed)
    return collector.finish(experiments, signal, fixed, observed or {})


def _signal_parameter(signal: Signal, name: str, prior: PriorName) -> Parameter:
    parameter = signal.parameter(name)
    return Parameter(
        name,
        "signal",
        signal_prior(parameter, prior),
        parameter.unit,
        parameter.latex,
        parameter.one_sided,
        parameter.periodic,
    )


def _parts(
    experiment: Experiment,
    experiments: Sequence[Experiment],
    signal: Signal,
    free: Sequence[str],
    fixed: Mapping[str, float],
) -> list[Part]:
    """Return what an experiment expects of each component, in a combination with others."""
    if is_effective_moment(experiment):
        oscillation = oscillation_of(experiments)
        return [beam_part(experiment, signal, free, fixed, oscillation)]
    if isinstance(signal, TransitionMoment) and not experiment.sees_sun:
        oscillation = oscillation_of(experiments)
        moments = flavour_moment_parts(experiment, free, fixed, oscillation)
        return [*moments, *background_parts(experiment)]
    # Phases change no counts of an incoherent source.
    own = tuple(name for name in free if not signal.parameter(name).periodic)
    counts = SignalCounts(experiment, signal, own, fixed)
    return [*counts.parts(), *background_parts(experiment)]


def _check_effect(
    collector: Collector, signal: Signal, free: Sequence[str], fixed: Mapping[str, float]
) -> None:
    """Refuse a signal that changes no counts; one that is only too heavy to be seen is none."""
    used = {name for factors, *_ in collector.terms for name in factors}
    seen = any(used & {name, cosine(name), sine(name)} for name in free)
    massive = any(fixed.get(p.name, 0.0) > 0.0 for p in signal.parameters if p.shape)
    if free and not seen and not massive:
        where = ", ".join(dict.fromkeys(experiment for _, experiment, *_ in collector.terms))
        raise InputError(
            f"signal {signal.tag}",
            ", ".join(free),
            found=f"no effect on the counts of {where}",
            expected="a parameter that changes them",
        )
