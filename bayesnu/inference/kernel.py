"""The log-posterior and its gradient as one compiled function, for the sampler.

It computes what `Likelihood.log_posterior` computes, on an unbounded scale and with the
gradient, without allocating memory. All numbers are arguments, so one compilation (cached on
disk by numba) serves every experiment, signal and data set. A test in each run holds it equal
to the NumPy likelihood and to the PyMC model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import numba
import numpy as np
from numpy.typing import NDArray

from bayesnu.inference.compiled_sums import (
    add_templates,
    log_likelihood_and_slope,
    project_on_templates,
    spans_of,
)
from bayesnu.inference.minimise import minimise
from bayesnu.inference.profile import signal_scale
from bayesnu.likelihood.angular import AngularLikelihood
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

UNBOUNDED, ABOVE, BELOW, BETWEEN, FOLDED, LOG_BETWEEN, SOFT_ABOVE, WINDOWED = range(8)
"""How a parameter is mapped to an unbounded one. FOLDED reflects u at both bounds and is linear
between them: for a size from zero on, x = |u|, which has a smooth density in u as the counts
hold even powers only; for a piece of a cut range the density is nearly level at the cut, the
top of a barrier, and a logistic map would bend a mode that lies within a width of it. WINDOWED is
the same, with weights for the reflected copies (`WINDOW`).
LOG_BETWEEN is a logistic map of ln x, for log-uniform priors that the data do not cut. Where they
do, the likelihood is a steep wall in ln x, at which NUTS diverges: SOFT_ABOVE is
x = low + scale ln(1 + e^u), logarithmic far below `scale` and linear above it."""

WINDOW = 0.25
"""How softly the window on the line of a reflected parameter ends, in its range. Without one every
reflected copy is as likely as the first, and where the data allow both bounds a chain wanders
through a thousand of them, with steps far too small. The window is one period wide, and the copies'
weights add up to the same everywhere: the posterior does not change."""

DIRECT = (UNBOUNDED, ABOVE, BELOW, FOLDED, WINDOWED, LOG_BETWEEN, SOFT_ABOVE)

SENSITIVE = 0.1
"""A log-uniform prior is cut by the data if chi2 rises within this share of its range."""


@numba.njit(cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def log_posterior_and_gradient(
    u: Array,
    bounds: NDArray[np.int64],
    low: Array,
    high: Array,
    centre: Array,
    weight: Array,
    power: Array,
    factors: NDArray[np.int64],
    spans: NDArray[np.int64],
    templates: Array,
    observed: Array,
    sigma: Array,
    gradient: Array,
) -> float:
    """Return the log-posterior of unbounded `u`; fill `gradient`, shape (parameters,)."""
    size = len(u)
    terms, order = factors.shape
    bins = len(observed)
    x = np.empty(size + 1)
    x[size] = 1.0
    slope = np.empty(size)  # dx/du
    curve = np.empty(size)  # d ln|dx/du| / du
    total = 0.0
    for i in range(size):
        if bounds[i] == UNBOUNDED:
            x[i] = u[i]
            slope[i] = 1.0
            curve[i] = 0.0
        elif bounds[i] == ABOVE:
            slope[i] = np.exp(u[i])
            x[i] = low[i] + slope[i]
            total += u[i]
            curve[i] = 1.0
        elif bounds[i] == FOLDED or bounds[i] == WINDOWED:
            width = high[i] - low[i]
            beyond = (u[i] - low[i]) % (2.0 * width)
            x[i] = low[i] + (beyond if beyond <= width else 2.0 * width - beyond)
            slope[i] = 1.0 if beyond <= width else -1.0
            curve[i] = 0.0
            if bounds[i] == WINDOWED:
                # ln(s(a) - s(b)) but for a constant, s the logistic function: a uniform density
                # over one period, convolved with a logistic one.
                a = 0.5 * (u[i] - low[i] + width) / (WINDOW * width)
                b = 0.5 * (u[i] - low[i] - width) / (WINDOW * width)
                total -= abs(a) + np.log1p(np.exp(-2.0 * abs(a)))
                total -= abs(b) + np.log1p(np.exp(-2.0 * abs(b)))
                curve[i] = -0.5 * (np.tanh(a) + np.tanh(b)) / (WINDOW * width)
        elif bounds[i] == BELOW:
            slope[i] = -np.exp(u[i])
            x[i] = high[i] + slope[i]
            total += u[i]
            curve[i] = 1.0
        elif bounds[i] == SOFT_ABOVE:
            a = np.exp(-abs(u[i]))
            s = 1.0 / (1.0 + a) if u[i] >= 0 else a / (1.0 + a)
            # A log-uniform prior has no centre: its place holds the scale of the map.
            x[i] = low[i] + centre[i] * (max(u[i], 0.0) + np.log1p(a))
            if x[i] > high[i]:
                gradient[:] = 0.0
                return -np.inf
            slope[i] = centre[i] * s
            total += np.log(centre[i]) + min(u[i], 0.0) - np.log1p(a)
            curve[i] = 1.0 - s
        else:
            # log(s (1 - s)) without overflow, s the logistic function.
            a = np.exp(-abs(u[i]))
            s = 1.0 / (1.0 + a) if u[i] >= 0 else a / (1.0 + a)
            total -= abs(u[i]) + 2.0 * np.log1p(a)
            curve[i] = 1.0 - 2.0 * s
            if bounds[i] == BETWEEN:
                x[i] = low[i] + (high[i] - low[i]) * s
                slope[i] = (high[i] - low[i]) * a / (1.0 + a) ** 2
                total += np.log(high[i] - low[i])
            else:
                width = np.log(high[i] / low[i])
                x[i] = low[i] * np.exp(width * s)
                rise = width * a / (1.0 + a) ** 2  # d ln x / du
                slope[i] = x[i] * rise
                total += np.log(x[i] * width)
                curve[i] += rise
        pull = (x[i] - centre[i]) * weight[i]
        total -= 0.5 * pull * (x[i] - centre[i])
        gradient[i] = -pull
        if power[i] != 0.0:
            distance = max(abs(x[i]), 1e-300)
            total += power[i] * np.log(distance)
            gradient[i] += power[i] / distance if x[i] >= 0 else -power[i] / distance
    coefficient = np.empty(terms)
    for t in range(terms):
        product = 1.0
        for k in range(order):
            product *= x[factors[t, k]]
        coefficient[t] = product
    expected = np.zeros(bins)
    add_templates(coefficient, templates, spans, expected)
    total += log_likelihood_and_slope(expected, observed, sigma)
    into = np.empty(terms)  # d total / d coefficient
    project_on_templates(expected, templates, spans, into)
    for t in range(terms):
        for k in range(order):
            i = factors[t, k]
            if i < size:
                product = into[t]
                for other in range(order):
                    if other != k:
                        product *= x[factors[t, other]]
                gradient[i] += product
    for i in range(size):
        gradient[i] = gradient[i] * slope[i] + curve[i]
    return float(total)


@dataclass(frozen=True, eq=False)
class Kernel:
    """The compiled log-posterior of one likelihood, and the map to and from its parameters."""

    bounds: NDArray[np.int64]
    arguments: tuple[NDArray[Any], ...]

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.bounds)

    def function(self) -> Callable[[Array], tuple[float, Array]]:
        """Return u -> (log-posterior, gradient)."""
        bounds, arguments, size = self.bounds, self.arguments, self.size

        def evaluate(u: Array) -> tuple[float, Array]:
            gradient = np.empty(size)
            return log_posterior_and_gradient(u, bounds, *arguments, gradient), gradient

        return evaluate

    def to_parameters(self, u: Array) -> Array:
        """Map unbounded coordinates to parameters, shape (..., parameters) both."""
        low, high, scale = self.arguments[:3]
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            width = high - low
            share = 0.5 * (1.0 + np.tanh(0.5 * u))
            between = low + width * share
            log_between = low * (high / low) ** share
            above = low + np.exp(u)
            below = high - np.exp(u)
            soft = low + scale * np.logaddexp(0.0, u)
            beyond = np.mod(u - low, 2.0 * width)
            folded = low + np.where(beyond <= width, beyond, 2.0 * width - beyond)
        return np.asarray(
            np.select(
                [self.bounds == kind for kind in DIRECT],
                [u, above, below, folded, folded, log_between, soft],
                between,
            )
        )

    @property
    def reflected(self) -> NDArray[np.bool_]:
        """Which parameters are reflected at their bounds."""
        return np.asarray((self.bounds == FOLDED) | (self.bounds == WINDOWED))

    def without_window(self) -> Self:
        """Return the kernel in which all copies of reflected parameters count alike."""
        return replace(self, bounds=np.where(self.reflected, FOLDED, self.bounds))

    def in_one_copy(self, u: Array) -> Array:
        """Map unbounded coordinates to the copy inside the bounds of those that are reflected."""
        return np.asarray(np.where(self.reflected, self.to_parameters(u), u))

    def density_of_one_copy(self) -> Callable[[Array], float]:
        """Return u -> log-posterior, -inf outside the bounds of those that are reflected.

        Its integral is the evidence.
        """
        evaluate = self.without_window().function()
        low = np.where(self.reflected, self.arguments[0], -np.inf)
        high = np.where(self.reflected, self.arguments[1], np.inf)

        def density(u: Array) -> float:
            if (u < low).any() or (u > high).any():
                return -np.inf
            return evaluate(u)[0]

        return density

    def to_unbounded(self, x: Array) -> Array:
        """Map parameters strictly inside their bounds to unbounded coordinates."""
        low, high, scale = self.arguments[:3]
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            share = (x - low) / (high - low)
            between = np.log(share) - np.log1p(-share)
            share = np.log(x / low) / np.log(high / low)
            log_between = np.log(share) - np.log1p(-share)
            above, below = np.log(x - low), np.log(high - x)
            distance = (x - low) / scale
            soft = distance + np.log(-np.expm1(-distance))
        return np.asarray(
            np.select(
                [self.bounds == kind for kind in DIRECT],
                [x, above, below, x, x, log_between, soft],
                between,
            )
        )


def kernel(likelihood: Likelihood) -> Kernel:
    """Return the compiled log-posterior of a likelihood."""
    if isinstance(likelihood, AngularLikelihood):
        from bayesnu.inference.angular_kernel import angular_kernel

        return angular_kernel(likelihood)
    low, high = likelihood.low, likelihood.high
    bounds = np.where(
        np.isfinite(low),
        np.where(np.isfinite(high), BETWEEN, ABOVE),
        np.where(np.isfinite(high), BELOW, UNBOUNDED),
    ).astype(np.int64)
    power = np.array([parameter.prior.power for parameter in likelihood.parameters])
    signal = np.array([p.role == "signal" for p in likelihood.parameters])
    bounds[(power == -1.0) & (low > 0.0)] = LOG_BETWEEN
    centre = likelihood.centre.copy()
    for index in np.flatnonzero(bounds == LOG_BETWEEN):
        reach = _reach(likelihood, int(index))
        if reach < SENSITIVE * high[index]:
            centre[index], bounds[index] = reach, SOFT_ABOVE
    bounds[signal & (power == 0.0) & (bounds == BETWEEN)] = WINDOWED
    arguments = (
        low,
        high,
        centre,
        likelihood.weight,
        power,
        np.ascontiguousarray(likelihood.factors),
        spans_of(likelihood.templates),
        np.ascontiguousarray(likelihood.templates),
        np.ascontiguousarray(likelihood.observed, dtype=float),
        np.ascontiguousarray(likelihood.sigma),
    )
    return Kernel(bounds, arguments)


def _reach(likelihood: Likelihood, index: int) -> float:
    """Return how far a size goes from its floor, alone, until chi2 has risen by two."""
    held = np.array([parameter.role == "signal" for parameter in likelihood.parameters])
    without = minimise(likelihood, likelihood.start, held).x
    return signal_scale(likelihood, index, 2.0, without)
