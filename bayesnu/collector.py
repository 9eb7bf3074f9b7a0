"""Gathers the parameters and terms of a likelihood, each under a name of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from bayesnu.angular import AngularLikelihood, expanded_names
from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.likelihood import Bins, Likelihood, Parameter
from bayesnu.moments.combine import is_angle
from bayesnu.signals.base import Signal

Array = NDArray[np.float64]


class Collector:
    """Gathers parameters and terms; the order of first mention is the order of parameters."""

    def __init__(self, names: Mapping[tuple[str, str], str]) -> None:
        self.names = names
        self.parameters: dict[str, Parameter] = {}
        self._owners: dict[str, str] = {}
        self.terms: list[tuple[tuple[str, ...], str, str, Array]] = []

    def add(self, parameter: Parameter, owner: str = "shared") -> str:
        """Add a parameter, or find the one that is shared under its name.

        Parameters
        ----------
        parameter : Parameter
        owner : str
            Whose it is: two different things of one name are not taken for one.
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
                found=parameter.prior.describe(parameter.name),
                expected=f"{known.prior.describe(parameter.name)}, as in the other experiment",
            )
        return parameter.name

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
        angles = tuple(i for i, p in enumerate(self.parameters.values()) if is_angle(p))
        names = list(expanded_names(tuple(self.parameters), angles))
        stack, start = [], 0
        for experiment in experiments:
            part = slice(start, start + experiment.bins)
            stack.append(Bins(experiment.name, part, experiment.edges, experiment.axis))
            start = part.stop
        where = {bins.experiment: bins.part for bins in stack}
        order = max(1, *(len(factors) for factors, *_ in self.terms))
        factors = np.full((len(self.terms), order), len(names), dtype=np.int64)
        templates = np.zeros((len(self.terms), start))
        for row, (chosen, experiment_name, _, template) in enumerate(self.terms):
            factors[row, : len(chosen)] = [names.index(name) for name in chosen]
            templates[row, where[experiment_name]] = template
        counts = np.concatenate([_counts(e, observed) for e in experiments])
        sigma = np.concatenate(
            [np.zeros(e.bins) if e.sigma is None else e.sigma for e in experiments]
        )
        likelihood = Likelihood(
            parameters=tuple(self.parameters.values()),
            factors=factors,
            templates=templates,
            labels=tuple((where_, what) for _, where_, what, _ in self.terms),
            observed=counts,
            sigma=sigma,
            stack=tuple(stack),
            provenance={
                "experiments": {e.name: e.digest for e in experiments},
                "signal": signal.tag,
                "fixed": dict(fixed),
                "fixed_units": {name: signal.parameter(name).unit for name in fixed},
            },
        )
        if angles:
            own = {entry.name: getattr(likelihood, entry.name) for entry in fields(likelihood)}
            return AngularLikelihood(**own, angles=angles)
        return likelihood


def _counts(experiment: Experiment, observed: Mapping[str, Array]) -> Array:
    counts = observed.get(experiment.name, experiment.observed)
    if counts is None:
        raise InputError(
            experiment.path,
            "observed",
            found="no data (a projection)",
            expected="--asimov, or counts",
        )
    return np.asarray(counts, dtype=float)
