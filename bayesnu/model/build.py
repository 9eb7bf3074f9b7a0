"""Experiments + signal -> one `Likelihood`: names the parameters and asks for the terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.likelihood.factors import cosine, sine
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.likelihood.names import nuisance_names
from bayesnu.model.ambient import AMBIENT, is_ambient
from bayesnu.model.beam_terms import beam_part, is_effective_moment, oscillation_of
from bayesnu.model.collector import Collector
from bayesnu.model.compatible import check_compatible, check_one_material, with_common_mixing
from bayesnu.model.flavour_moments import flavour_moment_parts, moments_by_flavour
from bayesnu.model.nuisances import KINDS
from bayesnu.model.nuisances.nuisance import Part
from bayesnu.model.parts import SignalCounts, background_parts, responding
from bayesnu.model.prior_range import reaching
from bayesnu.model.rate import recoil_rate
from bayesnu.model.signal_prior import PriorName, signal_prior
from bayesnu.physics.signals.base import Signal
from bayesnu.physics.signals.checks import check_hooks, check_values, held_values
from bayesnu.physics.signals.solar_flux import flux_parameter
from bayesnu.physics.treatment import Neutrinos
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
    made = Ingredients.checked(experiments, signal, free, fixed or {}, prior, observed or {})
    return polynomial_likelihood(made)


def polynomial_likelihood(made: Ingredients) -> Likelihood:
    """Return the likelihood in which counts are polynomials of the free parameters.

    Raises
    ------
    InputError
        If the signal acts on neutrinos on their way, and has free parameters.
    """
    signal = made.signal
    if signal.propagates and made.free:
        raise InputError(
            f"signal {signal.tag}",
            made.free[0],
            found="free in a polynomial, which counts are not where propagation depends on it",
            expected="a profile, a posterior, or a value that is held",
        )

    def counts(experiment: Experiment) -> list[Part]:
        return SignalCounts(experiment, signal, made.free, made.fixed).parts()

    collector = collected(made, counts)
    _check_effect(collector, made)
    found = collector.finish(made.experiments, signal, made.fixed, made.observed)
    return reaching(replace(found, origin=made))


@dataclass(frozen=True, eq=False)
class Ingredients:
    """What a likelihood is made of; it is kept as the likelihood's origin.

    Attributes
    ----------
    fixed : mapping
        Every value that is held, in O(1) units.
    observed : mapping
        Counts by experiment name, where they are not the file's.
    """

    experiments: tuple[Experiment, ...]
    signal: Signal
    free: tuple[str, ...]
    fixed: Mapping[str, float]
    prior: PriorName
    observed: Mapping[str, Array]

    @classmethod
    def checked(
        cls,
        experiments: Sequence[Experiment],
        signal: Signal,
        free: Sequence[str],
        fixed: Mapping[str, float],
        prior: PriorName,
        observed: Mapping[str, Array],
        *,
        graph: bool = False,
    ) -> Self:
        """Return ingredients that fit together; `InputError` otherwise.

        Parameters
        ----------
        graph : bool
            Whether parameters may be free in which counts are no polynomials.
        """
        experiments = with_common_mixing(experiments)
        check_compatible(experiments)
        if signal.one_material:
            check_one_material(experiments, signal.tag)
        check_hooks(signal)
        check_values(signal, fixed)
        own = [name for name in free if not (graph and is_ambient(signal, name))]
        held = held_values(signal, own, fixed, shapes=graph)
        return cls(tuple(experiments), signal, tuple(free), held, prior, observed)

    @property
    def treatment(self) -> Neutrinos:
        """How neutrinos are treated: as the experiments that count recoils say."""
        counting = [e for e in self.experiments if not is_effective_moment(e)]
        return (counting or list(self.experiments))[0].neutrinos

    def parameter(self, name: str) -> Parameter:
        """Return a free parameter as the likelihood has it."""
        if is_ambient(self.signal, name):
            return AMBIENT[name].parameter(self.treatment)
        found = self.signal.parameter(name)
        return Parameter(
            name,
            "signal",
            signal_prior(found, self.prior),
            found.unit,
            found.latex,
            found.one_sided and not found.shape,
            found.periodic,
            found.standard,
            found.most,
        )


def collected(made: Ingredients, counts: Callable[[Experiment], list[Part]]) -> Collector:
    """Return all parameters and terms, with the nuisances that act on them.

    Parameters
    ----------
    counts : callable
        Returns the parts of an experiment that its source's neutrinos are.
    """
    collector = Collector()
    for name in made.free:
        collector.add(made.parameter(name), "signal")
    seen = tuple(responding(experiment) for experiment in made.experiments)
    names = nuisance_names(
        [(own, e.name) for e in seen for kind in KINDS.values() for own in kind.own(e)]
    )
    for experiment in seen:
        if is_effective_moment(experiment):
            oscillation = oscillation_of(seen)
            parts = [beam_part(experiment, made.signal, made.free, made.fixed, oscillation)]
        elif moments_by_flavour(experiment, made.signal):
            oscillation = oscillation_of(seen)
            moments = flavour_moment_parts(
                experiment, made.signal, made.free, made.fixed, oscillation
            )
            parts = [*moments, *background_parts(experiment)]
        else:
            parts = [*counts(experiment), *background_parts(experiment)]
        for part in parts:
            if made.signal.has_fluxes:
                known = {*made.free, *made.fixed}
                part = replace(part, flux_given=flux_parameter(part.flux) in known)
            for kind in KINDS.values():
                part = kind.act(part, names)
            collector.add_part(part)
    return collector


def _check_effect(collector: Collector, made: Ingredients) -> None:
    """Refuse a signal that changes no counts; one that is only too heavy to be seen is none."""
    used = {name for factors, *_ in collector.terms for name in factors}
    seen = any(used & {name, cosine(name), sine(name)} for name in made.free)
    if made.free and not seen and not _would_show(made):
        where = ", ".join(dict.fromkeys(experiment for _, experiment, *_ in collector.terms))
        raise InputError(
            f"signal {made.signal.tag}",
            ", ".join(made.free),
            found=f"no effect on the counts of {where}",
            expected="a parameter that changes them",
        )


def _would_show(made: Ingredients) -> bool:
    """Return whether a massive signal would change counts if it had no mass."""
    signal = made.signal
    masses = {p.name: 0.0 for p in signal.parameters if p.zero and made.fixed.get(p.name)}
    if not masses:
        return False
    light = {**made.fixed, **masses}
    probes = {name: signal.parameter(name).probe for name in made.free}
    return any(
        not np.array_equal(counts, nothing)
        for rate in (recoil_rate(e) for e in made.experiments if not is_effective_moment(e))
        for counts, nothing in zip(
            rate.counts(signal, {**light, **probes}).values(),
            rate.counts(signal, light).values(),
            strict=True,
        )
    )
