"""The likelihood as a `pm.Model` made of cross sections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.experiments.experiment import Experiment
from bayesnu.likelihood.factors import factor_names
from bayesnu.likelihood.likelihood import Bins, Likelihood
from bayesnu.likelihood.names import identifier
from bayesnu.likelihood.pymc_model import coordinates, gathered, observe, variable
from bayesnu.model.build import Ingredients, collected
from bayesnu.model.collector import Collector
from bayesnu.model.graph.counts import SourceCounts
from bayesnu.model.graph.rows import Combination, signal_parts

if TYPE_CHECKING:
    import pymc as pm

Effect = Callable[[str, Any], Any]
"""(experiment, expected counts) -> expected counts: an effect of one's own, between the two."""


def graph_model(likelihood: Likelihood, effect: Effect | None = None) -> pm.Model:
    """Return the PyMC model of a likelihood that knows what it was made of.

    Parameters
    ----------
    effect : callable, optional
        Changes the expected counts of an experiment, a tensor; inside the model's context, so that
        it can add variables.
    """
    import pymc as pm

    made = likelihood.origin
    assert isinstance(made, Ingredients)
    seen: dict[str, Experiment] = {}

    def counts(experiment: Experiment) -> Any:
        seen[experiment.name] = experiment
        return signal_parts(experiment)

    collector = collected(made, counts)
    with pm.Model(coords=coordinates(likelihood)) as model:
        values: dict[str, Any] = dict(likelihood.held)
        values |= {p.name: variable(p) for p in likelihood.parameters}
        factors = gathered([values[name] for name in collector.parameters])
        signal = {**made.fixed, **{name: values[name] for name in made.free}}
        for bins in likelihood.stack:
            expected = _expected(model, collector, seen, made, bins, signal, factors)
            if effect is not None:
                expected = effect(bins.experiment, expected)
            observe(likelihood, bins, expected)
    return model


def _expected(
    model: pm.Model,
    collector: Collector,
    seen: Mapping[str, Experiment],
    made: Ingredients,
    bins: Bins,
    signal: Mapping[str, Any],
    factors: Callable[[Any], Any],
) -> Any:
    """Return the expected counts of an experiment, and name what is behind them."""
    import pymc as pm

    names = list(factor_names(tuple(collector.parameters)))
    own = [term for term in collector.terms if term[1] == bins.experiment]
    table = np.full((len(own), max(len(term[0]) for term in own) or 1), names.index("1"))
    for row, (chosen, *_) in enumerate(own):
        table[row, : len(chosen)] = [names.index(name) for name in chosen]
    known = [row for row, term in enumerate(own) if not isinstance(term[3], Combination)]
    folded = [row for row, term in enumerate(own) if isinstance(term[3], Combination)]
    total: Any = 0.0
    if known:
        total = factors(table[known]) @ np.array([own[row][3] for row in known])
    if folded:
        terms = [(table[row], own[row][3]) for row in folded]
        source = SourceCounts(seen[bins.experiment], made.signal, signal, terms)
        found, spectra = source.expected(factors(source.factors))
        total = total + found
        tail = identifier(bins.experiment)
        model.add_coord(f"recoil_{tail}", spectra.energy)
        model.add_coord(f"component_{tail}", list(source.experiment.source().flux))
        dims = (f"component_{tail}", f"recoil_{tail}")
        pm.Deterministic(f"dsigma_dT_{tail}", _tensor(spectra.cross_section), dims=dims)
        pm.Deterministic(f"recoil_rate_{tail}", spectra.rate, dims=dims[1:])
    return total


def _tensor(value: Any) -> Any:
    import pytensor.tensor as pt

    return pt.as_tensor_variable(value)
