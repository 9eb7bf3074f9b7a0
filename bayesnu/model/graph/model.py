"""The likelihood as a graph of tensors, and as a `pm.Model` made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.experiments.experiment import Experiment
from bayesnu.likelihood.bins import Bins
from bayesnu.likelihood.factors import factor_names
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.names import identifier
from bayesnu.likelihood.pymc_model import coordinates, gathered, observe, variable
from bayesnu.model.ambient import changes_of, is_ambient, without_pulls
from bayesnu.model.build import Ingredients, collected
from bayesnu.model.collector import Collector
from bayesnu.model.graph.counts import SourceCounts, Spectra, Values
from bayesnu.model.graph.inert import inert_angles
from bayesnu.model.graph.rows import combination, signal_parts
from bayesnu.model.nuisances.nuisance import Part

if TYPE_CHECKING:
    import pymc as pm

Effect = Callable[[str, Any], Any]
"""(experiment, expected counts) -> expected counts: an effect of one's own, between the two."""


@dataclass(frozen=True)
class Expected:
    """What an experiment expects, as tensors.

    Attributes
    ----------
    components : dict of str to tensor, shape (bins,)
        Counts by component: the source's neutrinos, and backgrounds.
    spectra : Spectra or None
        Behind those of the source; None for an effective moment.
    """

    components: dict[str, Any]
    spectra: Spectra | None = None

    @property
    def total(self) -> Any:
        """Expected counts."""
        return reduce(add, self.components.values())


def expected_of(
    made: Ingredients, stack: tuple[Bins, ...], values: Mapping[str, Any]
) -> dict[str, Expected]:
    """Return what every experiment expects.

    Parameters
    ----------
    values : mapping
        Of all parameters, tensors or numbers.
    """
    collector, seen = collected_by_name(made)
    factors = gathered([values[name] for name in collector.parameters])
    free = {name: values[name] for name in made.free}
    own = Values(
        signal={**made.fixed, **{n: v for n, v in free.items() if not is_ambient(made.signal, n)}},
        mixing=changes_of({n: v for n, v in free.items() if is_ambient(made.signal, n)}),
        sin2_theta_w=free.get("sin2_theta_w") if is_ambient(made.signal, "sin2_theta_w") else None,
    )
    return {bins.experiment: _expected(collector, seen, made, bins, own, factors) for bins in stack}


def collected_by_name(made: Ingredients) -> tuple[Collector, dict[str, Experiment]]:
    """Return all terms, of which those of sources are combinations of rows, and experiments."""
    seen: dict[str, Experiment] = {}
    mixing = tuple(changes_of({n: 0.0 for n in made.free if is_ambient(made.signal, n)}))

    def counts(experiment: Experiment) -> list[Part]:
        seen[experiment.name] = own = without_pulls(experiment, mixing)
        return signal_parts(own, inert_angles(own, made.signal, made.free, made.fixed))

    return collected(made, counts), seen


def _expected(
    collector: Collector,
    seen: Mapping[str, Experiment],
    made: Ingredients,
    bins: Bins,
    values: Values,
    factors: Callable[[Any], Any],
) -> Expected:
    names = list(factor_names(tuple(collector.parameters)))
    own = [term for term in collector.terms if term[1] == bins.experiment]
    table = np.full((len(own), max(len(term[0]) for term in own) or 1), names.index("1"))
    for row, (chosen, *_) in enumerate(own):
        table[row, : len(chosen)] = [names.index(name) for name in chosen]
    components: dict[str, Any] = {}
    spectra = None
    for label in dict.fromkeys(label for _, _, label, _ in own):
        rows = [row for row, term in enumerate(own) if term[2] == label]
        found = [(table[row], combination(own[row][3])) for row in rows]
        terms = [(chosen, of) for chosen, of in found if of is not None]
        if terms:
            source = SourceCounts(seen[bins.experiment], made.signal, values, terms)
            components[label], spectra = source.expected(factors(source.factors))
        else:
            templates = np.array([own[row][3] for row in rows])
            components[label] = factors(table[rows]) @ templates
    return Expected(components, spectra)


def graph_model(
    likelihood: Likelihood,
    effect: Effect | None = None,
    variables: Callable[[Likelihood], dict[str, Any]] | None = None,
) -> pm.Model:
    """Return the PyMC model of a likelihood that knows what it was made of.

    Parameters
    ----------
    effect : callable, optional
        Changes the expected counts of an experiment, a tensor; inside the model's context, so that
        it can add variables.
    variables : callable, optional
        Makes the random variables of all parameters, inside the model's context.
    """
    import pymc as pm
    import pytensor.tensor as pt

    made = likelihood.origin
    assert isinstance(made, Ingredients)
    with pm.Model(coords=coordinates(likelihood)) as model:
        values: dict[str, Any] = dict(likelihood.held)
        values |= (variables or _variables)(likelihood)
        for name, found in expected_of(made, likelihood.stack, values).items():
            tail, total = identifier(name), found.total
            if found.spectra is not None:
                shown = found.spectra
                model.add_coord(f"recoil_{tail}", shown.energy)
                model.add_coord(f"component_{tail}", list(shown.components))
                dims = (f"component_{tail}", f"recoil_{tail}")
                section = pt.as_tensor_variable(shown.cross_section)
                pm.Deterministic(f"dsigma_dT_{tail}", section, dims=dims)
                pm.Deterministic(f"recoil_rate_{tail}", shown.rate, dims=dims[1:])
            if effect is not None:
                total = effect(name, total)
            bins = next(bins for bins in likelihood.stack if bins.experiment == name)
            observe(likelihood, bins, total)
    return model


def _variables(likelihood: Likelihood) -> dict[str, Any]:
    return {parameter.name: variable(parameter) for parameter in likelihood.parameters}
