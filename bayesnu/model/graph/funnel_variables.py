"""The variables of a PyMC model, of which couplings are sampled in the coordinates of a funnel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.logprob.transforms import Transform

from bayesnu.likelihood.priors import Prior
from bayesnu.likelihood.pymc_model import variable
from bayesnu.model.graph.coordinates import Coordinates, Funnel

STEPS = 25
"""Of Newton's method, for starting points."""


class FunnelTransform(Transform):  # type: ignore[misc]
    """The map of one size; its distribution has ln m among its parameters."""

    name = "funnel"

    def __init__(self, coordinates: Coordinates, index: int) -> None:
        self.coordinates, self.index = coordinates, index

    def _map(self, inputs: Any) -> Funnel:
        own = self.coordinates.funnel([self.index], inputs[-1], pt)
        return Funnel(own.low[0], own.width[0], own.log_share[0], own.power[0])

    def backward(self, value: Any, *inputs: Any) -> Any:
        """Return the size."""
        return self._map(inputs).size(value, pt)[0]

    def forward(self, value: Any, *inputs: Any) -> Any:
        """Return where it lies on the line."""
        return self._map(inputs).inverse(value, pt, STEPS)

    def log_jac_det(self, value: Any, *inputs: Any) -> Any:
        """Return ln of the derivative."""
        return self._map(inputs).size(value, pt)[1]


def funnel_variables(coordinates: Coordinates) -> dict[str, Any]:
    """Return the random variables of all parameters, inside a model's context."""
    made: dict[str, Any] = {}
    later = [p for p in coordinates.parameters if p.name in coordinates.shares]
    for parameter in coordinates.parameters:
        if parameter not in later:
            made[parameter.name] = variable(parameter)
    mass = coordinates.mass
    log_mass = pt.log(made[mass]) if mass is not None else pt.constant(0.0)
    for parameter in later:
        index = coordinates.index(parameter.name)
        transform = FunnelTransform(coordinates, index)
        made[parameter.name] = _size(parameter.name, parameter.prior, log_mass, transform)
    return made


def _size(name: str, prior: Prior, log_mass: Any, transform: FunnelTransform) -> Any:
    """Return the variable of a size, which starts below where the data cut it."""
    norm = float(-np.log(prior.integral))

    def logp(value: Any, log_mass: Any) -> Any:
        inside = pt.and_(value >= prior.low, value <= prior.high)
        power = prior.power * pt.log(value) if prior.power else 0.0 * value
        return pt.switch(inside, power + norm, -np.inf)

    def random(log_mass: Any, rng: Any = None, size: Any = None) -> Any:
        return prior.ppf(rng.uniform(size=size))

    share = float(transform.coordinates.shares[name].pieces[3].min())
    first = prior.low + 0.3 * np.exp(share) * (prior.high - prior.low)
    return pm.CustomDist(
        name, log_mass, logp=logp, random=random, transform=transform, initval=float(first)
    )
