"""What an experiment expects of each component, before nuisances act on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from bayesnu.errors import InputError
from bayesnu.experiments.backgrounds import Background, subtracted
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.response import Fold, Target
from bayesnu.model.nuisances import KINDS
from bayesnu.model.nuisances.nuisance import Part, Term
from bayesnu.model.polar import Cartesian, cartesian
from bayesnu.model.polynomial import Expansion, check_expansion, expansion
from bayesnu.model.rate import recoil_rate, standard_model_counts
from bayesnu.physics.signals.base import Signal
from bayesnu.types import Array


@dataclass(frozen=True, eq=False)
class SignalCounts:
    """The counts of a source's neutrinos as a polynomial in a signal's free parameters."""

    experiment: Experiment
    signal: Signal
    free: tuple[str, ...]
    fixed: Mapping[str, float]
    _known: dict[tuple[tuple[str, Any], ...], Expansion] = field(default_factory=dict)

    def parts(self) -> list[Part]:
        """Return one part for each component of the source.

        Raises
        ------
        InputError
            If the counts are no polynomial of the signal's degree.
        """
        rate = recoil_rate(self.experiment)
        own = self._cartesian
        check_expansion(self._expansion(), rate, self.signal, own.free, own.fixed)
        return [
            Part(
                self.experiment,
                rate.source.label,
                self.terms(component),
                flux=component,
                changed=partial(self.terms, component),
            )
            for component in rate.source.flux
        ]

    def terms(self, component: str, **changes: Any) -> tuple[Term, ...]:
        """Return the terms of a component, with oscillation parameters or treatment changed."""
        factors = self.experiment.response_factors
        return tuple(
            Term(monomial, response, counts)
            for monomial, templates in self._cartesian.polar(self._expansion(**changes))[
                component
            ].items()
            for response, counts in zip(factors, templates, strict=True)
        )

    @cached_property
    def _cartesian(self) -> Cartesian:
        return cartesian(self.signal, self.free, self.fixed)

    def _expansion(self, **changes: Any) -> Expansion:
        key = tuple(changes.items())
        if key not in self._known:
            rate = recoil_rate(self.experiment, **changes)
            own = self._cartesian
            self._known[key] = expansion(rate, self.signal, own.free, own.fixed)
        return self._known[key]


def background_parts(experiment: Experiment) -> list[Part]:
    """Return one part for each background: folded with the response that the signal has.

    Raises
    ------
    InputError
        If a curve does not contain what is to be subtracted from it.
    """
    parts = []
    for background in experiment.backgrounds:
        counts = dict(background.varied)
        if background.subtract:
            # A curve was published with the response at its expectation.
            counts[()] = _subtract(experiment, background)
        terms = tuple(Term((), response, template) for response, template in counts.items())
        parts.append(Part(experiment, background.name, terms, background=background))
    return parts


def _subtract(experiment: Experiment, background: Background) -> Array:
    source = experiment.source().label
    others = {other.name: other.counts for other in experiment.backgrounds}
    left = background.counts
    for name in background.subtract:
        if name == source:
            left = left - standard_model_counts(experiment)
        elif name in others:
            left = left - others[name]
        else:
            raise InputError(
                experiment.path,
                f"backgrounds.{background.name}.subtract",
                found=repr(name),
                expected=f"{source} or another background",
            )
    return subtracted(experiment.path, background, left)


def responding(experiment: Experiment) -> Experiment:
    """Return an experiment whose responses, to signal and backgrounds, have all kinds' terms."""

    def changed(target: Target, fold: Fold) -> Fold:
        for kind in KINDS.values():
            fold = kind.respond(experiment, target, fold)
        return fold

    old = (*experiment.responses, *experiment.backgrounds)
    responses = tuple(r.responding(partial(changed, r.target)) for r in experiment.responses)
    backgrounds = tuple(
        background.responding(partial(changed, "electrons"))
        for background in experiment.backgrounds
    )
    if all(a is b for a, b in zip(old, (*responses, *backgrounds), strict=True)):
        return experiment
    return replace(experiment, responses=responses, backgrounds=backgrounds)
