"""The log-posterior and its gradient as one compiled function, for the sampler.

It computes what `Likelihood.log_posterior` computes, on an unbounded scale and with the
gradient. A test in each run holds it equal to the NumPy likelihood and to the PyMC model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from bayesnu.inference import entry_points, maps
from bayesnu.inference.block import pack
from bayesnu.inference.maps import (
    ABOVE,
    BELOW,
    BETWEEN,
    CIRCLE,
    EXPONENTIAL,
    FOLDED,
    LOG_BETWEEN,
    SOFT_ABOVE,
    UNBOUNDED,
    WINDOWED,
)
from bayesnu.inference.minimise import derivatives, minimise
from bayesnu.inference.profiler import signal_scale
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

if TYPE_CHECKING:
    import pymc as pm

SENSITIVE = 0.1
"""A log-uniform prior is cut by the data if chi2 rises within this share of its range."""

WALLS = 2.0
"""The map of such a prior becomes linear at so many thicknesses of the wall that the data are. With
nuisances that give way the wall is far out and thin: in a logarithm up to there it would be thinner
than any step that suits the rest."""

THIN = 0.03
"""A wall is thin if it is thinner than this share of the size that it ends. A Gaussian in the
square of a size has one of 0.3; with a power of four and a free background it can be 0.01."""

OUTWARD, FARTHEST = 1.25, 25
"""The wall is looked for in steps of this ratio."""


@dataclass(frozen=True, eq=False)
class LogPosterior:
    """The compiled log-posterior of one likelihood, and the map to and from its parameters.

    Attributes
    ----------
    bounds : ndarray of int, shape (parameters,)
        Which of `bayesnu.inference.maps` each parameter has.
    scale : ndarray, shape (parameters,)
        Of those that are `SOFT_ABOVE`.
    """

    likelihood: Likelihood
    bounds: NDArray[np.int64]
    scale: Array

    def model(self) -> pm.Model:
        """Return the same density as a PyMC model."""
        from bayesnu.likelihood.pymc_model import template_model

        return template_model(self.likelihood)

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.bounds)

    def block(self) -> NDArray[np.int64]:
        """Return the numbers that the compiled function reads."""
        return pack(self.likelihood, self.bounds, self.scale)

    def function(self) -> Callable[[Array], tuple[float, Array]]:
        """Return u -> (log-posterior, gradient)."""
        call, block, size = entry_points.function("log_posterior"), self.block(), self.size
        place = block.ctypes.data

        def evaluate(u: Array) -> tuple[float, Array]:
            u = np.ascontiguousarray(u, dtype=float)
            out = np.empty(size + 1)
            where = out.ctypes.data
            call(size, u.ctypes.data, where, where + 8 * size, place)
            return float(out[size]), out[:size]

        evaluate.block = block  # type: ignore[attr-defined]  # it has to live as long
        return evaluate

    def to_parameters(self, u: Array) -> Array:
        """Map unbounded coordinates to parameters, shape (..., parameters) both."""
        own = self.likelihood
        return maps.to_parameters(u, self.bounds, own.low, own.high, self.scale)

    def to_unbounded(self, x: Array) -> Array:
        """Map parameters strictly inside their bounds to unbounded coordinates."""
        own = self.likelihood
        return maps.to_unbounded(x, self.bounds, own.low, own.high, self.scale)

    @property
    def reflected(self) -> NDArray[np.bool_]:
        """Which parameters are reflected at their bounds."""
        return np.asarray((self.bounds == FOLDED) | (self.bounds == WINDOWED))

    def without_window(self) -> Self:
        """Return the one in which all copies of reflected sizes count alike; angles stay."""
        return replace(self, bounds=np.where(self.reflected, FOLDED, self.bounds))

    def in_one_copy(self, u: Array) -> Array:
        """Map unbounded coordinates to the copy inside the bounds of those that are reflected."""
        return np.asarray(np.where(self.reflected, self.to_parameters(u), u))

    def density_of_one_copy(self) -> Callable[[Array], float]:
        """Return u -> log-posterior, -inf outside the bounds of those that are reflected.

        Its integral is the evidence.
        """
        evaluate = self.without_window().function()
        low = np.where(self.reflected, self.likelihood.low, -np.inf)
        high = np.where(self.reflected, self.likelihood.high, np.inf)

        def density(u: Array) -> float:
            if (u < low).any() or (u > high).any():
                return -np.inf
            return evaluate(u)[0]

        return density


def log_posterior(likelihood: Likelihood) -> LogPosterior:
    """Return the compiled log-posterior of a likelihood."""
    low, high = likelihood.low, likelihood.high
    bounds = np.where(
        np.isfinite(low),
        np.where(np.isfinite(high), BETWEEN, ABOVE),
        np.where(np.isfinite(high), BELOW, UNBOUNDED),
    ).astype(np.int64)
    power = np.array([parameter.prior.power for parameter in likelihood.parameters])
    signal = np.array([p.role == "signal" for p in likelihood.parameters])
    bounds[(power == -1.0) & (bounds == BETWEEN) & (low > 0.0)] = LOG_BETWEEN
    # x = e^u, in which a log-normal prior is Gaussian; fits have a floor, draws need none.
    bounds[likelihood.log_normal] = EXPONENTIAL
    scale = np.ones(len(bounds))
    for index in np.flatnonzero(bounds == LOG_BETWEEN):
        reach = _reach(likelihood, int(index))
        if reach < SENSITIVE * high[index]:
            scale[index] = min(reach, WALLS * _wall(likelihood, int(index), reach)[1])
            bounds[index] = SOFT_ABOVE
    bounds[signal & (power == 0.0) & (bounds == BETWEEN)] = WINDOWED
    bounds[[parameter.periodic for parameter in likelihood.parameters]] = CIRCLE
    return LogPosterior(likelihood, bounds, scale)


def _reach(likelihood: Likelihood, index: int) -> float:
    """Return how far a size goes from its floor, alone, until chi2 has risen by two."""
    held = np.array([parameter.role == "signal" for parameter in likelihood.parameters])
    without = minimise(likelihood, likelihood.start, held).x
    return signal_scale(likelihood, index, 2.0, without)


def has_thin_wall(likelihood: Likelihood) -> bool:
    """Whether steps that suit a size are too long for the wall that ends it.

    NUTS adapts its steps to what is usual, and then diverges at the wall or does not come near it.
    """
    for index, parameter in enumerate(likelihood.parameters):
        if parameter.role == "signal" and parameter.one_sided:
            place, thickness = _wall(likelihood, index, _reach(likelihood, index))
            if thickness < THIN * place:
                return True
    return False


def _wall(likelihood: Likelihood, index: int, reach: float) -> tuple[float, float]:
    """Return where the wall is that ends a size, and how thick it is with all others held there.

    That is where chi2 has risen by two with the nuisances fitted.
    """
    held = np.arange(len(likelihood.parameters)) == index
    point = likelihood.start.copy()
    lowest = np.inf
    for value in (likelihood.low[index], *(reach * OUTWARD ** np.arange(FARTHEST))):
        point[index] = min(float(value), float(likelihood.high[index]))
        fit = minimise(likelihood, point, held)
        point = fit.x.copy()
        lowest = min(lowest, fit.chi2)
        if fit.chi2 > lowest + 2.0:
            break
    curvature = float(derivatives(likelihood, point)[2][index, index])
    thickness = np.sqrt(2.0 / curvature) if curvature > 0.0 else reach
    return float(point[index]), float(thickness)
