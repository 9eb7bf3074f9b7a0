"""The log-posterior of a graph on the unbounded scale, as samplers take it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.inference.minimise import minimise
from bayesnu.inference.profiler import signal_scale
from bayesnu.likelihood.likelihood import COUNTS_FLOOR, Likelihood
from bayesnu.model.ambient import is_ambient
from bayesnu.model.build import Ingredients, polynomial_likelihood
from bayesnu.model.graph.coordinates import Coordinates, MassMap, Share
from bayesnu.types import Array

if TYPE_CHECKING:
    import pymc as pm

Counts = Callable[[Mapping[str, Any]], Mapping[tuple[str, str], Any]]
"""Parameters -> expected counts by experiment and component, tensors."""

MASSES, HALVINGS, STEEP = 25, 5, 0.4
"""At so many masses the polynomial likelihood says how far a coupling goes; and between those
where this changes by more, in the logarithm: a mass that closes a threshold does so suddenly."""

RISE = 2.0
"""So far that chi2 has risen by this."""

STEPS = 200
"""Of the map of a mass."""

FURTHER = 2.0
"""How many times further the growth of chi2 is looked at."""

APART = 0.5
"""By how much starting points differ on the unbounded scale; those of masses by `FAR`."""
FAR = 1.5

NUDGE = 0.1
"""What a pull starts away from its centre, in widths."""

INSIDE = 0.01
"""Of its range: so far above zero a size without a funnel starts."""


@dataclass(frozen=True, eq=False)
class GraphDensity:
    """The density of a graph; see `bayesnu.inference.samplers.sampler.LogDensity`."""

    likelihood: Likelihood
    counts: Counts
    coordinates: Coordinates

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.likelihood.parameters)

    def to_parameters(self, u: Array) -> Array:
        """Map unbounded coordinates to parameters, shape (..., parameters) both."""
        return np.asarray(self.coordinates.to_parameters(u)[0])

    def to_unbounded(self, x: Array) -> Array:
        """Map parameters strictly inside their bounds to unbounded coordinates."""
        return self.coordinates.to_unbounded(x)

    def start(self, seed: int) -> Array:
        """Return a point near what is typical, at any mass."""
        own = self.likelihood
        rng = np.random.default_rng(seed)
        width = np.full(self.size, 0.0)
        x = own.start.copy()
        for i, p in enumerate(own.parameters):
            if p.prior.has_pull:
                # Exactly at its centre a parameter without effect has no slope to begin with.
                if p.prior.is_gaussian and not p.prior.log_normal:
                    moved = x[i] + NUDGE * p.prior.sigma * rng.normal()
                    x[i] = moved if p.prior.low < moved < p.prior.high else x[i]
                continue
            width[i] = FAR if p.name == self.coordinates.mass else APART
            if p.name in self.coordinates.shares:
                x[i] = p.prior.low + 1e-6 * (p.prior.high - p.prior.low)
            elif p.one_sided and p.role == "signal":
                x[i] = max(x[i], p.prior.low + INSIDE * (p.prior.high - p.prior.low))
        u = self.to_unbounded(x)
        for i, p in enumerate(own.parameters):
            if p.name in self.coordinates.shares:
                u[i] = -1.0
            elif p.name == self.coordinates.mass:
                u[i] = 0.0
        return np.asarray(u + width * rng.normal(size=self.size))

    def function(self) -> Callable[[Array], tuple[float, Array]]:
        """Return u -> (log-posterior, gradient)."""
        compiled, lock = self._compiled, Lock()

        def evaluate(u: Array) -> tuple[float, Array]:
            with lock:  # chains are threads, and the function has one place for its results
                value, gradient = compiled(np.array(u, dtype=float))
                return float(value), np.array(gradient, dtype=float)

        return evaluate

    @cached_property
    def _compiled(self) -> Callable[[Array], tuple[Array, Array]]:
        import pytensor
        import pytensor.tensor as pt

        u = pt.dvector("u")
        value = self.log_density(u)
        with warnings.catch_warnings():
            # Moments above thresholds that move are NumPy's.
            warnings.filterwarnings("ignore", message="Numba will use object mode")
            compiled: Callable[[Array], tuple[Array, Array]] = pytensor.function(
                [u], [value, pytensor.grad(value, u)], trust_input=True
            )
        return compiled

    def log_density(self, u: Any) -> Any:
        """Return the log-posterior at unbounded coordinates, a tensor."""
        import pytensor.tensor as pt

        own = self.likelihood
        x, jacobian = self.coordinates.to_parameters(u, pt)
        counts = self.counts({name: x[i] for i, name in enumerate(own.names)})
        total: Any = jacobian + _log_prior(own, x)
        for bins in own.stack:
            found = [value for (where, _), value in counts.items() if where == bins.experiment]
            expected = pt.maximum(sum(found[1:], start=found[0]), COUNTS_FLOOR)
            n, sigma = own.observed[bins.part], own.sigma[bins.part]
            if (sigma > 0).all():
                total = total - 0.5 * (((expected - n) / sigma) ** 2).sum()
            else:
                total = total + (n * pt.log(expected) - expected).sum()
        return total

    def model(self) -> pm.Model:
        """Return the PyMC model, in which couplings have the same coordinates."""
        from bayesnu.model.graph.funnel_variables import funnel_variables
        from bayesnu.model.graph.model import graph_model

        return graph_model(
            self.likelihood, variables=lambda likelihood: funnel_variables(self.coordinates)
        )


def _log_prior(likelihood: Likelihood, x: Any) -> Any:
    """Return the sum of the log priors but for a constant, a tensor."""
    import pytensor.tensor as pt

    total: Any = 0.0
    gaussian = [i for i, p in enumerate(likelihood.parameters) if p.prior.is_gaussian]
    if gaussian:
        off = (x[gaussian] - likelihood.centre[gaussian]) ** 2 * likelihood.weight[gaussian]
        total = total - 0.5 * off.sum()
    normal = np.flatnonzero(likelihood.log_normal).tolist()
    if normal:
        off = pt.log(x[normal] / likelihood.centre[normal]) ** 2 * likelihood.weight[normal]
        total = total - 0.5 * off.sum()
    powers = np.array([parameter.prior.power for parameter in likelihood.parameters])
    powered = np.flatnonzero(powers).tolist()
    if powered:
        total = total + (powers[powered] * pt.log(abs(x[powered]))).sum()
    return total


def graph_density(likelihood: Likelihood, made: Ingredients, counts: Counts) -> GraphDensity:
    """Return the density, in coordinates in which the data are informative."""
    signal = made.signal
    masses = [n for n in made.free if not is_ambient(signal, n) and signal.parameter(n).shape]
    free = [p for p in likelihood.parameters if p.name in made.free]
    # Where propagation depends on a size there is no polynomial that says how far it goes.
    sizes = [p.name for p in free if p.one_sided and p.prior.low >= 0.0 and not signal.propagates]
    mass = next((name for name in masses if name in likelihood.names), None)
    shares = {name: _share(likelihood, made, name, mass) for name in sizes}
    mass_map = None
    if mass is not None and len(shares) == 1:
        (name,), (share,) = shares.keys(), shares.values()
        prior = likelihood.parameters[likelihood.index(name)].prior
        of_mass = likelihood.parameters[likelihood.index(mass)].prior
        if of_mass.is_logarithmic:
            logs = np.linspace(np.log(of_mass.low), np.log(of_mass.high), STEPS)
            room = np.exp((prior.power + 1.0) * share.log(logs, np))
            mass_map = MassMap.of(logs, room)
    found = Coordinates(likelihood.parameters, mass, shares, mass_map)
    return GraphDensity(likelihood, counts, found)


def _reach(likelihood: Likelihood, index: int, start: Array) -> tuple[float, float]:
    """Return how far a size goes until chi2 has risen by `RISE`, and the power by which it grows.

    The first is smooth where masses change, the second one is at least two.
    """
    base = float(likelihood.chi2(start))

    def rise(size: float) -> float:
        x = start.copy()
        x[index] = min(size, likelihood.high[index])
        return float(likelihood.chi2(x)) - base

    high = signal_scale(likelihood, index, RISE, start)
    low = high / 1.5
    for _ in range(12):
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if rise(middle) > RISE else (middle, high)
    power = np.log(max(rise(FURTHER * high) / RISE, 1.0)) / np.log(FURTHER)
    return high, float(np.clip(power, 2.0, 8.0))


def _share(likelihood: Likelihood, made: Ingredients, name: str, mass: str | None) -> Share:
    """Return how far a size goes, in the width of its prior, by the mass."""
    prior = likelihood.parameters[likelihood.index(name)].prior
    width = prior.high - prior.low

    best: dict[str, float] = {}
    powers = [2.0]

    def log_share(**values: float) -> float:
        held = {**made.fixed, **values}
        alone = polynomial_likelihood(replace(made, free=(name,), fixed=held))
        alone = alone.with_observed(likelihood.observed)
        if not best:  # without a signal it is the same at every mass
            fixed = np.array([own == name for own in alone.names])
            found = minimise(alone, alone.start, fixed).x
            best.update(zip(alone.names, map(float, found), strict=True))
        scale, power = _reach(alone, alone.index(name), alone.point(best))
        if scale < width / FURTHER:
            powers.append(power)
        return float(np.log(min(scale / width, 1.0)))

    if mass is None:
        return Share.constant(log_share(), 2.0 / max(powers))
    of_mass = likelihood.parameters[likelihood.index(mass)].prior
    logs = np.linspace(np.log(of_mass.low), np.log(of_mass.high), MASSES)
    known = {value: log_share(**{mass: float(np.exp(value))}) for value in logs}
    for _ in range(HALVINGS):
        at = np.array(sorted(known))
        steep = np.abs(np.diff([known[value] for value in at])) > STEEP
        for value in (0.5 * (at[1:] + at[:-1]))[steep]:
            known[value] = log_share(**{mass: float(np.exp(value))})
    at = np.array(sorted(known))
    return Share.of(at, np.array([known[value] for value in at]), 2.0 / max(powers))
