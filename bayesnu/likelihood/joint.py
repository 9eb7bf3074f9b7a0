"""Likelihoods of different data as one: a constraint of others beside one's own experiments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bayesnu.errors import InputError
from bayesnu.likelihood.factors import factor_names
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.likelihood.priors import Prior


def joint_likelihood(likelihoods: Sequence[Likelihood]) -> Likelihood:
    """Return the product of likelihoods of different data; parameters of one name are one.

    The first that has a parameter says what its range is. Parameters that are constrained have to
    be so in the same way.

    Raises
    ------
    InputError
        If experiments have one name, or a parameter has two constraints.
    """
    parameters: dict[str, Parameter] = {}
    for parameter in (p for one in likelihoods for p in one.parameters):
        known = parameters.setdefault(parameter.name, parameter)
        if _constraint(known.prior) != _constraint(parameter.prior):
            raise InputError(
                "joint likelihood", parameter.name, found="two constraints", expected="one"
            )
    experiments = [bins.experiment for one in likelihoods for bins in one.stack]
    if len(set(experiments)) < len(experiments):
        raise InputError(
            "joint likelihood", "experiments", found=", ".join(experiments), expected="distinct"
        )
    names = tuple(parameters)
    known_factors = factor_names(names)
    order = max(one.factors.shape[1] for one in likelihoods)
    total = sum(len(one.observed) for one in likelihoods)
    tables, templates, stack, first = [], [], [], 0
    for one in likelihoods:
        places = np.array([known_factors.index(f) for f in factor_names(one.names)])
        table = np.full((len(one.factors), order), len(names), dtype=np.int64)
        table[:, : one.factors.shape[1]] = places[one.factors]
        tables.append(table)
        wide = np.zeros((len(one.factors), total))
        wide[:, first : first + len(one.observed)] = one.templates
        templates.append(wide)
        stack += [
            replace(b, part=slice(b.part.start + first, b.part.stop + first)) for b in one.stack
        ]
        first += len(one.observed)
    return Likelihood(
        parameters=tuple(parameters.values()),
        factors=np.concatenate(tables),
        templates=np.concatenate(templates),
        labels=tuple(label for one in likelihoods for label in one.labels),
        observed=np.concatenate([one.observed for one in likelihoods]),
        sigma=np.concatenate([one.sigma for one in likelihoods]),
        stack=tuple(stack),
        provenance=dict(likelihoods[0].provenance),
        held={name: value for one in likelihoods for name, value in one.held.items()},
    )


def _constraint(prior: Prior) -> tuple[float, float, bool]:
    return (prior.centre, prior.sigma, prior.log_normal)
