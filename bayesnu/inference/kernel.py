"""The log-posterior and its gradient as one compiled function, for the sampler.

It computes what `Likelihood.log_posterior` computes, on an unbounded scale and with the
gradient, without allocating memory. All numbers are arguments, so one compilation (cached on
disk by numba) serves every experiment, signal and data set. A test in each run holds it equal
to the NumPy likelihood and to the PyMC model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from bayesnu.angular import AngularLikelihood
from bayesnu.inference.minimise import minimise
from bayesnu.inference.profile import signal_scale
from bayesnu.likelihood import COUNTS_FLOOR, Likelihood

Array = NDArray[np.float64]

UNBOUNDED, ABOVE, BELOW, BETWEEN, FOLDED, LOG_BETWEEN, SOFT_ABOVE = 0, 1, 2, 3, 4, 5, 6
"""How a parameter is mapped to an unbounded one. FOLDED reflects u at both bounds and is linear
between them: for a size from zero on, x = |u|, which has a smooth density in u as the counts
hold even powers only; for a piece of a cut range the density is nearly level at the cut, the
top of a barrier, and a logistic map would bend a mode that lies within a width of it.
LOG_BETWEEN is a logistic map of ln x, for log-uniform priors that the data do not cut. Where they
do, the likelihood is a steep wall in ln x, at which NUTS diverges: SOFT_ABOVE is
x = low + scale ln(1 + e^u), logarithmic far below `scale` and linear above it."""

DIRECT = (UNBOUNDED, ABOVE, BELOW, FOLDED, LOG_BETWEEN, SOFT_ABOVE)

SQRT_HALF = np.array(0.5**0.5).view(np.uint64)[()]
ONE_EXPONENT = np.uint64(52)
BIAS = np.uint64(1 << 62)
EXPONENT = np.uint64(0xFFF << 52)
TWO_TO_52 = np.array(2.0**52).view(np.uint64)[()]
"""Bits of floating-point numbers, for `logarithm`."""

LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""ln 2 in two parts; an integer times the first one is exact."""

SENSITIVE = 0.1
"""A log-uniform prior is cut by the data if chi2 rises within this share of its range."""


# A sum whose terms may be added in any order is taken several terms at once: in a fixed order
# every addition waits for the one before it.
_in_any_order = numba.njit(cache=True, error_model="numpy", fastmath={"reassoc", "contract"})


@_in_any_order  # type: ignore[untyped-decorator]
def dot(a: Array, b: Array) -> float:
    """Return a sum of products."""
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@_in_any_order  # type: ignore[untyped-decorator]
def poisson_sum(observed: Array, log: Array, expected: Array) -> float:
    """Return the sum of n ln(lambda) - lambda."""
    total = 0.0
    for i in range(len(observed)):
        total += observed[i] * log[i] - expected[i]
    return total


@numba.njit(cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def add_multiple(factor: float, of: Array, to: Array) -> None:
    """Add a multiple of one array to another."""
    for i in range(len(to)):
        to[i] += factor * of[i]


@numba.njit(cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def logarithm(values: Array, out: Array) -> None:
    """Write the natural logarithm of positive normal numbers, to rounding.

    Plain arithmetic on the bits, without branches, so that a processor takes several numbers at
    once; calls of the library's function, one by one, would be most of the kernel's time where
    there are many bins. x = 2^k m, ln m = 2 artanh((m - 1) / (m + 1)), m in [0.7, 1.4).
    """
    size = len(values)
    bits = values.view(np.uint64)
    mantissa, power = np.empty(size), np.empty(size)
    mantissa_bits, power_bits = mantissa.view(np.uint64), power.view(np.uint64)
    for i in range(size):
        # Less the bits of sqrt(1/2), so that the exponent steps where m is sqrt(1/2).
        shifted = bits[i] - SQRT_HALF + BIAS
        power_bits[i] = (shifted >> ONE_EXPONENT) + TWO_TO_52  # the number 2^52 + 1024 + k
        mantissa_bits[i] = bits[i] - (shifted & EXPONENT) + BIAS
    for i in range(size):
        m = mantissa[i]
        s = (m - 1.0) / (m + 1.0)
        z = s * s
        series = 1.0 / 23.0
        series = series * z + 1.0 / 21.0
        series = series * z + 1.0 / 19.0
        series = series * z + 1.0 / 17.0
        series = series * z + 1.0 / 15.0
        series = series * z + 1.0 / 13.0
        series = series * z + 1.0 / 11.0
        series = series * z + 1.0 / 9.0
        series = series * z + 1.0 / 7.0
        series = series * z + 1.0 / 5.0
        series = series * z + 1.0 / 3.0
        k = power[i] - (2.0**52 + 1024.0)
        out[i] = k * LN2_HIGH + (2.0 * s + (2.0 * s * z * series + k * LN2_LOW))


@numba.njit(cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def log_likelihood_and_slope(expected: Array, observed: Array, sigma: Array) -> float:
    """Return the log-likelihood; overwrite expected counts by its derivative by them.

    Poisson where sigma is zero, without its constants; below `COUNTS_FLOOR` the line that goes
    on from there.
    """
    bins = len(expected)
    total = 0.0
    start = 0
    while start < bins:  # runs of bins of one kind
        poisson = sigma[start] == 0.0
        stop = start + 1
        while stop < bins and (sigma[stop] == 0.0) == poisson:
            stop += 1
        counts = expected[start:stop]
        n = observed[start:stop]
        if poisson:
            safe = np.maximum(counts, COUNTS_FLOOR)
            log = np.empty(stop - start)
            logarithm(safe, log)
            total += poisson_sum(n, log, safe)
            for i in range(stop - start):
                counts[i] = n[i] / safe[i] - 1.0
        else:
            for i in range(stop - start):
                distance = (counts[i] - n[i]) / sigma[start + i]
                total -= 0.5 * distance * distance
                counts[i] = -distance / sigma[start + i]
        start = stop
    return total


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
        elif bounds[i] == FOLDED:
            width = high[i] - low[i]
            beyond = (u[i] - low[i]) % (2.0 * width)
            x[i] = low[i] + (beyond if beyond <= width else 2.0 * width - beyond)
            slope[i] = 1.0 if beyond <= width else -1.0
            curve[i] = 0.0
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
    for t in range(terms):
        first, last = spans[t]
        add_multiple(coefficient[t], templates[t, first:last], expected[first:last])
    total += log_likelihood_and_slope(expected, observed, sigma)
    for t in range(terms):
        first, last = spans[t]
        into = dot(expected[first:last], templates[t, first:last])
        for k in range(order):
            i = factors[t, k]
            if i < size:
                product = into
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
                [u, above, below, folded, log_between, soft],
                between,
            )
        )

    def in_one_copy(self, u: Array) -> Array:
        """Map unbounded coordinates to the copy inside the bounds of those that are reflected."""
        return np.asarray(np.where(self.bounds == FOLDED, self.to_parameters(u), u))

    def density_of_one_copy(self) -> Callable[[Array], float]:
        """Return u -> log-posterior, -inf outside the bounds of those that are reflected.

        Its integral is the evidence; that of `function` counts every reflected copy.
        """
        evaluate = self.function()
        low = np.where(self.bounds == FOLDED, self.arguments[0], -np.inf)
        high = np.where(self.bounds == FOLDED, self.arguments[1], np.inf)

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
                [x, above, below, x, log_between, soft],
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
    bounds[signal & (power == 0.0) & (bounds == BETWEEN)] = FOLDED
    arguments = (
        low,
        high,
        centre,
        likelihood.weight,
        power,
        np.ascontiguousarray(likelihood.factors),
        _spans(likelihood.templates),
        np.ascontiguousarray(likelihood.templates),
        np.ascontiguousarray(likelihood.observed, dtype=float),
        np.ascontiguousarray(likelihood.sigma),
    )
    return Kernel(bounds, arguments)


def _spans(templates: Array) -> NDArray[np.int64]:
    """Return the first bin of every term and the one after its last, shape (terms, 2).

    Of combined experiments a term has counts in few bins.
    """
    filled = templates != 0.0
    last = templates.shape[1] - np.argmax(filled[:, ::-1], axis=1)
    spans = np.stack([np.argmax(filled, axis=1), last], axis=1)
    return np.where(filled.any(axis=1)[:, None], spans, 0).astype(np.int64)


def _reach(likelihood: Likelihood, index: int) -> float:
    """Return how far a size goes from its floor, alone, until chi2 has risen by two."""
    held = np.array([parameter.role == "signal" for parameter in likelihood.parameters])
    without = minimise(likelihood, likelihood.start, held).x
    return signal_scale(likelihood, index, 2.0, without)
