"""The likelihood as a plain, readable `pm.Model`: named variables, dims and coords.

People can extend it with their own PyMC code. It holds the same likelihood, template by
template, as `bayesnu.likelihood.likelihood.Likelihood`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.likelihood.likelihood import COUNTS_FLOOR, Likelihood, Parameter
from bayesnu.likelihood.names import bin_dim, counts_name

if TYPE_CHECKING:
    import pymc as pm


def build_model(likelihood: Likelihood) -> pm.Model:
    """Return a PyMC model of a likelihood.

    Returns
    -------
    pm.Model
        One scalar variable for each parameter, with its prior; for each experiment a
        Deterministic ``expected_<experiment>`` and an observed ``counts_<experiment>`` with
        the dimension ``bin_<experiment>`` (coordinate: centre of the bin in keV). Templates and
        counts are `pm.Data`.
    """
    import pymc as pm
    import pytensor.tensor as pt

    coords = {
        bin_dim(bins.experiment): 0.5 * (bins.edges[1:] + bins.edges[:-1])
        for bins in likelihood.stack
    }
    with pm.Model(coords=coords) as model:
        own = [_variable(parameter) for parameter in likelihood.parameters]
        variables = [*own, None, *map(pt.cos, own), *map(pt.sin, own)]  # None: the number one
        for bins in likelihood.stack:
            dim, name = bin_dim(bins.experiment), counts_name(bins.experiment)
            tail = dim.removeprefix("bin_")
            rows = [
                row for row, label in enumerate(likelihood.labels) if label[0] == bins.experiment
            ]
            coefficients = pt.stack([_product(variables, likelihood.factors[row]) for row in rows])
            templates = pm.Data(f"templates_{tail}", likelihood.templates[rows][:, bins.part])
            observed = pm.Data(f"data_{tail}", likelihood.observed[bins.part], dims=dim)
            expected = pm.Deterministic(
                f"expected_{tail}",
                pt.maximum(coefficients @ templates, COUNTS_FLOOR),
                dims=dim,
            )
            sigma = likelihood.sigma[bins.part]
            if (sigma > 0).all():
                pm.Normal(name, expected, sigma, observed=observed, dims=dim)
            else:
                pm.Poisson(name, expected, observed=observed, dims=dim)
    return model


def _product(variables: list[Any], factors: Any) -> Any:
    """Return the product of the variables that a term names."""
    import pytensor.tensor as pt

    product: Any = pt.constant(1.0)
    for index in factors:
        if variables[index] is not None:
            product = product * variables[index]
    return product


def _variable(parameter: Parameter) -> Any:
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
