"""Gathers parameters and terms, and stacks the bins of experiments to one `Likelihood`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.likelihood.bins import Bins
from bayesnu.likelihood.factors import factor_names
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.likelihood.names import variable_names
from bayesnu.model.counts import observed_counts
from bayesnu.model.nuisances.nuisance import SHARED, Part
from bayesnu.physics.signals.base import Signal
from bayesnu.types import Array


class Collector:
    """Gathers parameters and terms; the order of first mention is the order of parameters."""

    def __init__(self) -> None:
        self.parameters: dict[str, Parameter] = {}
        self._owners: dict[str, str] = {}
        self.terms: list[tuple[tuple[str, ...], str, str, Array]] = []

    def add(self, parameter: Parameter, owner: str = SHARED) -> None:
        """Add a parameter, or find the one that is shared under its name.

        Raises
        ------
        InputError
            If the name is that of something else, or of something known otherwise.
        """
        known = self.parameters.setdefault(parameter.name, parameter)
        first = self._owners.setdefault(parameter.name, owner)
        if first != owner:
            raise InputError(
                f"nuisance {parameter.name}",
                "name",
                found=f"one name for two things, of {first} and of {owner}",
                expected="another name for one of them",
            )
        if known.prior != parameter.prior:
            raise InputError(
                f"nuisance {parameter.name}",
                "prior",
                found=parameter.prior.words(parameter.name),
                expected=f"{known.prior.words(parameter.name)}, as in the other experiment",
            )

    def add_part(self, part: Part) -> None:
        """Add what is expected of a component, with the nuisances that have acted on it."""
        for parameter, owner in part.parameters:
            self.add(parameter, owner)
        for factors, _, counts in part.terms:
            self.term(factors, part.experiment.name, part.label, counts)
            off = part.experiment.source_off
            if off and part.background and not part.background.needs_source:
                self.term(factors, off.name, part.label, off.exposure * counts)

    def term(
        self, factors: tuple[str, ...], experiment: str, component: str, template: Array
    ) -> None:
        """Add a term; terms of equal factors, experiment and component are summed."""
        key = tuple(sorted(factors))
        for index, (known, where, what, old) in enumerate(self.terms):
            if (known, where, what) == (key, experiment, component):
                self.terms[index] = (key, experiment, component, old + template)
                return
        self.terms.append((key, experiment, component, template))

    def finish(
        self,
        experiments: Sequence[Experiment],
        signal: Signal,
        fixed: Mapping[str, float],
        observed: Mapping[str, Array],
    ) -> Likelihood:
        """Stack the bins of all experiments."""
        names = list(factor_names(tuple(self.parameters)))
        stack, start = [], 0
        for experiment in experiments:
            off = experiment.source_off
            for name in (experiment.name, *((off.name,) if off else ())):
                self._check_variables(signal, name)
                part = slice(start, start + experiment.bins)
                control = name != experiment.name
                stack.append(Bins(name, part, experiment.edges, experiment.axis, control))
                start = part.stop
        where = {bins.experiment: bins.part for bins in stack}
        order = max([1, *(len(factors) for factors, *_ in self.terms)])
        factors = np.full((len(self.terms), order), len(self.parameters), dtype=np.int64)
        templates = np.zeros((len(self.terms), start))
        for row, (chosen, experiment_name, _, template) in enumerate(self.terms):
            factors[row, : len(chosen)] = [names.index(name) for name in chosen]
            templates[row, where[experiment_name]] = template
        errors = {e.name: e.sigma for e in experiments if e.sigma is not None}
        sigma = np.concatenate(
            [errors.get(b.experiment, np.zeros(len(b.edges) - 1)) for b in stack]
        )
        return Likelihood(
            parameters=tuple(self.parameters.values()),
            factors=factors,
            templates=templates,
            labels=tuple((where_, what) for _, where_, what, _ in self.terms),
            observed=observed_counts(experiments, observed),
            sigma=sigma,
            stack=tuple(stack),
            provenance={
                "experiments": {e.name: e.digest for e in experiments},
                "signal": signal.tag,
                "fixed": dict(fixed),
                "fixed_units": {name: signal.parameter(name).unit for name in fixed},
            },
        )

    def _check_variables(self, signal: Signal, experiment: str) -> None:
        """Refuse parameters that have the name of a model's variable of an experiment."""
        for name in set(variable_names(experiment)) & set(self.parameters):
            raise InputError(
                f"signal {signal.tag}",
                name,
                found=f"the name of a variable of {experiment}",
                expected="another name",
            )
