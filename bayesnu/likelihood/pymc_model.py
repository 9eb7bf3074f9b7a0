"""The likelihood as a plain, readable `pm.Model`: named variables, dims and coords.

People can extend it with their own PyMC code. It holds the same likelihood, template by
template, as `bayesnu.likelihood.likelihood.Likelihood`. What it is made of serves models that have
more behind their counts, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bayesnu.likelihood.bins import Bins
from bayesnu.likelihood.likelihood import COUNTS_FLOOR, Likelihood, Parameter
from bayesnu.likelihood.names import bin_dim, counts_name
from bayesnu.types import Array

if TYPE_CHECKING:
    import pymc as pm


def template_model(likelihood: Likelihood) -> pm.Model:
    """Return a PyMC model of a likelihood, whose counts are sums of templates.

    Returns
    -------
    pm.Model
        One scalar variable for each parameter, with its prior; for each experiment a
        Deterministic ``expected_<experiment>`` and an observed ``counts_<experiment>`` with
        the dimension ``bin_<experiment>`` (coordinate: centre of the bin in keV). Templates and
        counts are `pm.Data`.
    """
    import pymc as pm

    with pm.Model(coords=coordinates(likelihood)) as model:
        products = gathered([variable(parameter) for parameter in likelihood.parameters])
        for bins in likelihood.stack:
            tail = bin_dim(bins.experiment).removeprefix("bin_")
            rows = [
                row for row, label in enumerate(likelihood.labels) if label[0] == bins.experiment
            ]
            templates = pm.Data(f"templates_{tail}", likelihood.templates[rows][:, bins.part])
            observe(likelihood, bins, products(likelihood.factors[rows]) @ templates)
    return model


def coordinates(likelihood: Likelihood) -> dict[str, Array]:
    """Return the centres of the bins by dimension."""
    return {
        bin_dim(bins.experiment): 0.5 * (bins.edges[1:] + bins.edges[:-1])
        for bins in likelihood.stack
    }


def gathered(own: Sequence[Any]) -> Callable[[NDArray[np.int64]], Any]:
    """Return a function from rows of a table of factors to their products, a vector.

    Parameters
    ----------
    own : sequence
        The parameters, variables or numbers: factors are these, the number one, their cosines,
        sines and bends, as in `bayesnu.likelihood.factors`.
    """
    import pytensor.tensor as pt

    x = pt.stack([pt.as_tensor_variable(value, dtype="float64") for value in own])
    bends = pt.switch(pt.abs(x) <= 1.0, x**2, 2.0 * pt.abs(x) - 1.0)
    factors = pt.concatenate([x, np.ones(1), pt.cos(x), pt.sin(x), bends])

    def products(table: NDArray[np.int64]) -> Any:
        columns = [c for c in table.T if (c != len(own)).any()]
        product: Any = factors[columns[0]] if columns else pt.ones(len(table))
        for column in columns[1:]:
            product = product * factors[column]
        return product

    return products


def observe(likelihood: Likelihood, bins: Bins, expected: Any) -> None:
    """Add the expected and the observed counts of an experiment to the model in context."""
    import pymc as pm
    import pytensor.tensor as pt

    dim, name = bin_dim(bins.experiment), counts_name(bins.experiment)
    tail = dim.removeprefix("bin_")
    observed = pm.Data(f"data_{tail}", likelihood.observed[bins.part], dims=dim)
    expected = pm.Deterministic(f"expected_{tail}", pt.maximum(expected, COUNTS_FLOOR), dims=dim)
    sigma = likelihood.sigma[bins.part]
    if (sigma > 0).all():
        pm.Normal(name, expected, sigma, observed=observed, dims=dim)
    else:
        pm.Poisson(name, expected, observed=observed, dims=dim)


def variable(parameter: Parameter) -> Any:
    """Return the random variable of a parameter with its prior."""
    import pymc as pm
    import pytensor.tensor as pt

    prior, name = parameter.prior, parameter.name
    if prior.log_normal:
        return pm.LogNormal(name, np.log(prior.centre), prior.sigma)
    if prior.is_gaussian:
        if np.isinf(prior.low) and np.isinf(prior.high):
            return pm.Normal(name, prior.centre, prior.sigma)
        return pm.TruncatedNormal(
            name, prior.centre, prior.sigma, lower=prior.low, upper=prior.high
        )
    if np.isinf(prior.high):
        # A free norm: flat, without an end.
        return pm.HalfFlat(name)
    if prior.power == 0.0:
        return pm.Uniform(name, prior.low, prior.high)
    if prior.power == 1.0 and prior.low == 0.0:
        # p(x) = 2 x / high^2, which is flat in x^2.
        return pm.Triangular(name, lower=0.0, c=prior.high, upper=prior.high)
    inside = pm.distributions.transforms.Interval(prior.low, prior.high)
    if prior.power == 1.0:

        def root(low: Any, high: Any, size: Any) -> Any:
            return pt.sqrt(pm.Uniform.dist(low**2, high**2, size=size))

        return pm.CustomDist(name, prior.low, prior.high, dist=root, default_transform=inside)

    def log_uniform(low: Any, high: Any, size: Any) -> Any:
        return pt.exp(pm.Uniform.dist(pt.log(low), pt.log(high), size=size))

    return pm.CustomDist(name, prior.low, prior.high, dist=log_uniform, default_transform=inside)
