"""The coordinates in which a posterior is sampled through the graph.

A size s from zero on, a coupling, that the data cut at a scale which depends on a mass, is a
funnel. With r(ln m) the scale over the width of the prior, the map

    s = low + width (1 - exp(-r h(u))),   ln h(u) = -ln(1 + e^-u) + q ln(1 + ln(1 + e^u)),

is exact for every r and q: logarithmic far below the scale, bounded by the prior, and in u the cut
stands at the same place for every mass. If chi2 grows as s^p, q = 2/p makes it grow as u^2, at
which NUTS does not diverge. A good r makes sampling efficient; any smooth one makes it right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.interpolate import PchipInterpolator

from bayesnu.likelihood.likelihood import Parameter
from bayesnu.types import Array

LINE, ABOVE, BETWEEN, LOG_BETWEEN, WEIGHED, FUNNEL = range(6)
"""How parameters are mapped to the line, as in `bayesnu.inference.maps`; the last two are of a mass
and of a size. A mass stands where the data leave room for couplings: in proportion to r, if the
prior of the coupling is flat. It is logistic in the share of that below."""


@dataclass(frozen=True, eq=False)
class Share:
    """r as a function of ln m: cubic pieces, smooth in the first derivative."""

    knots: Array
    pieces: Array
    power: float
    """q, well inside the prior."""

    @classmethod
    def of(cls, log_masses: Array, log_share: Array, power: float) -> Share:
        """Return the interpolation of ln r at ln m, ascending."""
        return cls(log_masses, PchipInterpolator(log_masses, log_share).c, power)

    @classmethod
    def constant(cls, log_share: float, power: float) -> Share:
        """Return the same r everywhere."""
        return cls(np.zeros(1), np.array([[0.0], [0.0], [0.0], [log_share]]), power)

    def log(self, log_mass: Any, xp: Any) -> Any:
        """Return ln r; `xp` is NumPy or PyTensor's tensor module."""
        if self.pieces.shape[1] == 1:
            return self.pieces[3, 0] + 0.0 * log_mass
        index = xp.searchsorted(self.knots[1:-1], log_mass, side="right")
        t = log_mass - xp.take(self.knots, index)
        a, b, c, d = (xp.take(own, index) for own in self.pieces)
        return ((a * t + b) * t + c) * t + d


@dataclass(frozen=True, eq=False)
class MassMap:
    """ln m as a function of a share from zero to one: cubic pieces that rise everywhere."""

    shares: Array
    pieces: Array

    @classmethod
    def of(cls, log_masses: Array, density: Array) -> MassMap:
        """Return the map under which a density in ln m, up to a constant, is even."""
        density = density + LEAST_DENSITY * density.max()
        steps = 0.5 * (density[1:] + density[:-1]) * np.diff(log_masses)
        shares = np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum()
        return cls(shares, PchipInterpolator(shares, log_masses).c)

    def log_mass(self, share: Any, xp: Any = np) -> tuple[Any, Any]:
        """Return ln m, and its derivative."""
        index = xp.searchsorted(self.shares[1:-1], share, side="right")
        t = share - xp.take(self.shares, index)
        a, b, c, d = (xp.take(own, index) for own in self.pieces)
        return ((a * t + b) * t + c) * t + d, (3.0 * a * t + 2.0 * b) * t + c

    def share(self, log_mass: Array) -> Array:
        """Return the share at ln m."""
        low, high = np.zeros_like(log_mass), np.ones_like(log_mass)
        for _ in range(80):
            middle = 0.5 * (low + high)
            above = self.log_mass(middle)[0] > log_mass
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return 0.5 * (low + high)


LEAST_DENSITY = 1e-3
"""Of the largest: a mass at which the data leave little room is still reached."""


def softplus(u: Any, xp: Any) -> Any:
    """Return ln(1 + e^u) without overflow."""
    return np.logaddexp(0.0, u) if xp is np else xp.softplus(u)


class Funnel(NamedTuple):
    """The map of sizes, one or several.

    Attributes
    ----------
    low, width : ndarray
        Of the priors.
    log_share : array or tensor
        ln r.
    power : array or tensor
        q: 1 where the prior alone ends the range.
    """

    low: Any
    width: Any
    log_share: Any
    power: Any

    def size(self, u: Any, xp: Any = np) -> tuple[Any, Any]:
        """Return the sizes at u, and ln ds/du."""
        log_h, slope = self._log_h(u, xp)
        beyond = xp.exp(self.log_share + log_h)
        size = self.low - self.width * xp.expm1(-beyond)
        return size, np.log(self.width) + self.log_share + log_h + xp.log(slope) - beyond

    def _log_h(self, u: Any, xp: Any) -> tuple[Any, Any]:
        """Return ln h and its derivative."""
        soft, rest = softplus(u, xp), softplus(-u, xp)
        slope = xp.exp(-soft) + self.power * xp.exp(-rest) / (1.0 + soft)
        return -rest + self.power * xp.log1p(soft), slope

    def inverse(self, size: Any, xp: Any = np, steps: int = 60) -> Any:
        """Return u at sizes. ln h is concave: Newton's steps come from below."""
        wanted = xp.log(-xp.log1p(-(size - self.low) / self.width)) - self.log_share
        u = xp.minimum(wanted, 0.0)
        for _ in range(steps):
            found, slope = self._log_h(u, xp)
            u = u + (wanted - found) / slope
        return u


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
    mass_map: MassMap | None = None

    def kind(self, parameter: Parameter) -> int:
        """Return how a parameter is mapped."""
        prior = parameter.prior
        if parameter.name in self.shares:
            return FUNNEL
        if parameter.name == self.mass and self.mass_map is not None:
            return WEIGHED
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
                x, log = self.funnel(where, log_mass, xp).size(u[..., where], xp)
            elif kind == WEIGHED:
                x, log = self._weighed(u[..., where], xp)
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
                u[..., where] = self.funnel(where, log_mass, np).inverse(own)
            elif kind == WEIGHED:
                assert self.mass_map is not None
                share = self.mass_map.share(np.log(own))
                u[..., where] = np.log(share) - np.log1p(-share)
            else:
                u[..., where] = _inverse(kind, own, low, high)
        return u

    def _weighed(self, u: Any, xp: Any) -> tuple[Any, Any]:
        """Return the mass, and the logarithm of its derivative."""
        assert self.mass_map is not None
        below, above = softplus(-u, xp), softplus(u, xp)
        log_mass, slope = self.mass_map.log_mass(xp.exp(-below), xp)
        return xp.exp(log_mass), log_mass + xp.log(slope) - below - above

    def index(self, name: str) -> int:
        """Return the position of a parameter."""
        return [p.name for p in self.parameters].index(name)

    def _bounds(self, where: Sequence[int]) -> tuple[Array, Array]:
        priors = [self.parameters[i].prior for i in where]
        # A log-normal has a floor for fits alone.
        low = np.array([0.0 if p.log_normal else p.low for p in priors])
        return low, np.array([p.high for p in priors])

    def funnel(self, where: Sequence[int], log_mass: Any, xp: Any) -> Funnel:
        """Return the map of some sizes at a mass."""
        low, high = self._bounds(where)
        shares = [self.shares[self.parameters[i].name] for i in where]
        found = [share.log(log_mass, xp) for share in shares]
        log_share = xp.stack([xp.asarray(f) if xp is np else f for f in found], axis=-1)
        powers = np.array([share.power for share in shares])
        power = powers + (1.0 - powers) * xp.exp(2.0 * log_share)
        return Funnel(low, high - low, log_share, power)


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
    linear = kind == BETWEEN
    share = (x - low) / (high - low) if linear else np.log(x / low) / np.log(high / low)
    return np.asarray(np.log(share) - np.log1p(-share))
