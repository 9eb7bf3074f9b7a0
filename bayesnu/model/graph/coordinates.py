"""The coordinates in which a posterior is sampled through the graph.

A size s from zero on, a coupling, that the data cut at a scale which depends on a mass, is a
funnel. With r(ln m) the scale over the width of the prior, the map

    s = low + width (1 - exp(-r softplus(u))),   softplus(u) = ln(1 + e^u),

is exact for every r: logarithmic far below the scale, linear about it, and bounded by the prior. In
u the cut stands at the same place for every mass. A good r makes sampling efficient; any smooth one
makes it right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator

from bayesnu.likelihood.likelihood import Parameter
from bayesnu.types import Array

LINE, ABOVE, BETWEEN, LOG_BETWEEN, FUNNEL = range(5)
"""How parameters are mapped to the line, as in `bayesnu.inference.maps`; the last is above."""


@dataclass(frozen=True, eq=False)
class Share:
    """r as a function of ln m: cubic pieces between equal steps, smooth in the first derivative."""

    first: float
    step: float
    pieces: Array

    @classmethod
    def of(cls, log_masses: Array, log_share: Array) -> Share:
        """Return the interpolation of ln r at equally spaced ln m."""
        found = PchipInterpolator(log_masses, log_share)
        return cls(float(log_masses[0]), float(log_masses[1] - log_masses[0]), found.c)

    @classmethod
    def constant(cls, log_share: float) -> Share:
        """Return the same r everywhere."""
        return cls(0.0, 1.0, np.array([[0.0], [0.0], [0.0], [log_share]]))

    def log(self, log_mass: Any, xp: Any) -> Any:
        """Return ln r; `xp` is NumPy or PyTensor's tensor module."""
        last = self.pieces.shape[1] - 1
        place = xp.clip(xp.floor((log_mass - self.first) / self.step), 0, last)
        t = log_mass - self.first - place * self.step
        a, b, c, d = (self.pieces[k] for k in range(4))
        if last == 0:
            return d[0] + 0.0 * t
        index = place.astype("int64")
        a, b, c, d = (xp.take(own, index) for own in (a, b, c, d))
        return ((a * t + b) * t + c) * t + d


def softplus(u: Any, xp: Any) -> Any:
    """Return ln(1 + e^u) without overflow."""
    return xp.maximum(u, 0.0) + xp.log1p(xp.exp(-abs(u)))


def funnel(u: Any, low: Any, width: Any, log_share: Any, xp: Any) -> tuple[Any, Any]:
    """Return the size at u, and ln ds/du."""
    soft = softplus(u, xp)
    beyond = xp.exp(log_share) * soft
    size = low - width * xp.expm1(-beyond)
    return size, np.log(width) + log_share - softplus(-u, xp) - beyond


def funnel_inverse(size: Any, low: Any, width: Any, log_share: Any, xp: Any) -> Any:
    """Return u at a size."""
    soft = -xp.log1p(-(size - low) / width) / xp.exp(log_share)
    return soft + xp.log(-xp.expm1(-soft))


@dataclass(frozen=True, eq=False)
class Coordinates:
    """The map of all parameters.

    Attributes
    ----------
    mass : str or None
        The parameter on which the shares depend.
    shares : dict of str to Share
        Of the sizes.
    """

    parameters: tuple[Parameter, ...]
    mass: str | None
    shares: dict[str, Share]

    def kind(self, parameter: Parameter) -> int:
        """Return how a parameter is mapped."""
        prior = parameter.prior
        if parameter.name in self.shares:
            return FUNNEL
        if prior.log_normal or (np.isfinite(prior.low) and np.isinf(prior.high)):
            return ABOVE
        if np.isinf(prior.low):
            return LINE
        return LOG_BETWEEN if prior.is_logarithmic else BETWEEN

    def _groups(self) -> list[tuple[int, list[int]]]:
        kinds = [self.kind(p) for p in self.parameters]
        return [(kind, [i for i, k in enumerate(kinds) if k == kind]) for kind in sorted({*kinds})]

    def to_parameters(self, u: Any, xp: Any = np) -> tuple[Any, Any]:
        """Return the parameters, shape (..., parameters), and ln |dx/du|, summed."""
        parts, jacobian = [], 0.0
        order: list[int] = []
        log_mass: Any = 0.0
        for kind, where in self._groups():
            low, high = self._bounds(where)
            if kind == FUNNEL:
                log_share = self._log_share(where, log_mass, xp)
                x, log = funnel(u[..., where], low, high - low, log_share, xp)
            else:
                x, log = _mapped(kind, u[..., where], low, high, xp)
            if self.mass is not None and self.index(self.mass) in where:
                log_mass = xp.log(x[..., where.index(self.index(self.mass))])
            parts.append(x)
            order += where
            jacobian = jacobian + log.sum(axis=-1)
        return xp.concatenate(parts, axis=-1)[..., np.argsort(order)], jacobian

    def to_unbounded(self, x: Array) -> Array:
        """Return where parameters strictly inside their bounds lie on the line."""
        u = np.empty_like(x)
        log_mass = 0.0 if self.mass is None else np.log(x[..., self.index(self.mass)])
        for kind, where in self._groups():
            low, high = self._bounds(where)
            own = x[..., where]
            if kind == FUNNEL:
                log_share = self._log_share(where, log_mass, np)
                u[..., where] = funnel_inverse(own, low, high - low, log_share, np)
            else:
                u[..., where] = _inverse(kind, own, low, high)
        return u

    def index(self, name: str) -> int:
        """Return the position of a parameter."""
        return [p.name for p in self.parameters].index(name)

    def _bounds(self, where: Sequence[int]) -> tuple[Array, Array]:
        priors = [self.parameters[i].prior for i in where]
        # A log-normal has a floor for fits alone.
        low = np.array([0.0 if p.log_normal else p.low for p in priors])
        return low, np.array([p.high for p in priors])

    def _log_share(self, where: Sequence[int], log_mass: Any, xp: Any) -> Any:
        found = [self.shares[self.parameters[i].name].log(log_mass, xp) for i in where]
        return xp.stack([xp.asarray(f) if xp is np else f for f in found], axis=-1)


def _mapped(kind: int, u: Any, low: Array, high: Array, xp: Any) -> tuple[Any, Any]:
    if kind == LINE:
        return u, 0.0 * u
    if kind == ABOVE:
        return low + xp.exp(u), u
    share = xp.exp(-softplus(-u, xp))
    log = -softplus(u, xp) - softplus(-u, xp)
    if kind == BETWEEN:
        return low + (high - low) * share, np.log(high - low) + log
    length = np.log(high / low)
    x = low * xp.exp(length * share)
    return x, xp.log(x) + np.log(length) + log


def _inverse(kind: int, x: Array, low: Array, high: Array) -> Array:
    if kind == LINE:
        return x
    if kind == ABOVE:
        return np.log(x - low)
    if kind == BETWEEN:
        share = (x - low) / (high - low)
    else:
        share = np.log(x / low) / np.log(high / low)
    return np.asarray(np.log(share) - np.log1p(-share))
