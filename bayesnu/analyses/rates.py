"""Expected counts per bin and component at given parameter values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.loading import load
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.model.build import build_likelihood
from bayesnu.physics.signals import Signal, StandardModel, signal_for
from bayesnu.results.expectation import Expectation
from bayesnu.types import Array


def rates(
    experiment: str | Path | Experiment,
    signal: str | Signal | None = None,
    values: Mapping[str, float] | None = None,
) -> Expectation:
    """Return the expected counts of an experiment.

    Parameters
    ----------
    signal : str or Signal, optional
        Default: the Standard Model.
    values : mapping, optional
        Parameters of the signal in their O(1) units, and nuisances by name (norms are 1 at
        their expectation).

    Raises
    ------
    InputError
        If a name is unknown or a value is out of range.
    """
    loaded = experiment if isinstance(experiment, Experiment) else load(experiment)
    model = StandardModel() if signal is None else signal_for(signal, (loaded.recoils,))
    given = dict(values or {})
    own = {p.name for p in model.parameters}
    physics = {name: value for name, value in given.items() if name in own}
    nuisances = {name: value for name, value in given.items() if name not in own}
    likelihood = _alone(loaded, model, physics)
    for name in nuisances:
        if name not in likelihood.names:
            known = [parameter.name for parameter in model.parameters] + list(likelihood.names)
            raise InputError(
                "values", name, found="an unknown name", expected=" | ".join(known) or "none"
            )
    found = expectation_at(likelihood, loaded, nominal_point(likelihood, nuisances))
    held: Any = likelihood.provenance
    return replace(found, values=held["fixed"] | nuisances, units=held["fixed_units"])


def expected_without_source(
    experiment: Experiment, values: Mapping[str, float] | None = None
) -> Array:
    """Return the expected counts of the data without the source, shape (bins,).

    Parameters
    ----------
    values : mapping, optional
        Of nuisances.
    """
    assert experiment.source_off is not None
    likelihood = _alone(experiment, StandardModel(), {})
    expected = likelihood.expected(nominal_point(likelihood, values or {}))
    part = next(bins.part for bins in likelihood.stack if bins.control)
    return np.asarray(expected[part])


def _alone(experiment: Experiment, model: Signal, fixed: Mapping[str, float]) -> Likelihood:
    """Return the likelihood of one experiment; without data, it has zeros."""
    off = experiment.source_off
    nothing = np.zeros(experiment.bins)
    names = (
        () if experiment.observed is not None else (experiment.name, *([off.name] if off else []))
    )
    return build_likelihood(
        [experiment], model, [], fixed=fixed, observed=dict.fromkeys(names, nothing)
    )


def nominal_point(likelihood: Likelihood, values: Mapping[str, float]) -> Array:
    """Return the point of expectation: norms 1, pulls 0, with some values changed."""
    x = likelihood.start.copy()
    for name, value in values.items():
        index = likelihood.index(name)
        if likelihood.low[index] >= 0.0 > value or not np.isfinite(value):
            raise InputError("values", name, found=value, expected="a norm, at least 0")
        x[index] = value
    return x


def expectation_at(likelihood: Likelihood, experiment: Experiment, x: Array) -> Expectation:
    """Return the expected counts of one experiment of a likelihood at a point."""
    components = {
        name: counts
        for (where, name), counts in likelihood.components(x).items()
        if where == experiment.name
    }
    return Expectation(
        experiment.name, experiment.edges, experiment.observed, components, experiment.axis
    )
