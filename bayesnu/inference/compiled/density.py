"""The log-posterior and its gradient on an unbounded scale, for the sampler."""

from __future__ import annotations

import numpy as np

from bayesnu.inference import block
from bayesnu.inference.compiled.counts import evaluate_factors, pull
from bayesnu.inference.compiled.memory import (
    BIN_SLOPE,
    EXPECTED,
    INTO_FACTOR,
    INTO_NODE,
    LOG,
    MAP_CURVE,
    MAP_SLOPE,
    SLOPE,
    Words,
    X,
    floats,
    integers,
    size_of,
)
from bayesnu.inference.compiled.parts import (
    add_counts,
    evaluate_products,
    parts_of,
    project_part,
    project_products,
)
from bayesnu.inference.compiled.sums import compiled, fill, in_any_order, logarithm
from bayesnu.inference.maps import (
    ABOVE,
    BELOW,
    BETWEEN,
    CIRCLE,
    EXPONENTIAL,
    FOLDED,
    SOFT_ABOVE,
    UNBOUNDED,
    WINDOW,
    WINDOWED,
)
from bayesnu.likelihood.likelihood import COUNTS_FLOOR
from bayesnu.types import Array


@compiled  # type: ignore[untyped-decorator]
def window(u: float, width: float, scale: float) -> tuple[float, float]:
    """Return the log of a window on the line, but for a constant, and its derivative.

    s(a) - s(b), s the logistic function: a uniform density from -width to width, convolved with
    a logistic one. Its copies, two widths apart, add up to the same everywhere.
    """
    a, b = 0.5 * (u + width) / scale, 0.5 * (u - width) / scale
    log = -abs(a) - np.log1p(np.exp(-2.0 * abs(a))) - abs(b) - np.log1p(np.exp(-2.0 * abs(b)))
    return log, -0.5 * (np.tanh(a) + np.tanh(b)) / scale


@compiled  # type: ignore[untyped-decorator]
def map_parameter(
    kind: int, low: float, high: float, scale: float, u: float
) -> tuple[float, float, float, float]:
    """Return x, ln|dx/du| with its window, dx/du, and the derivative of the second.

    The logarithm is -inf if the parameter is out of its range.
    """
    width = high - low
    x, log, slope, curve = u, 0.0, 1.0, 0.0
    if kind == UNBOUNDED:
        pass
    elif kind == CIRCLE:
        log, curve = window(u, np.pi, 1.0)
    elif kind == ABOVE:
        slope = np.exp(u)
        x, log, curve = low + slope, u, 1.0
    elif kind == EXPONENTIAL:
        x = slope = np.exp(u)
        log, curve = u, 1.0
    elif kind == BELOW:
        slope = -np.exp(u)
        x, log, curve = high + slope, u, 1.0
    elif kind in (FOLDED, WINDOWED):
        beyond = (u - low) % (2.0 * width)
        x = low + (beyond if beyond <= width else 2.0 * width - beyond)
        slope = 1.0 if beyond <= width else -1.0
        if kind == WINDOWED:
            log, curve = window(u - low, width, WINDOW * width)
    else:
        # s = 1 / (1 + e^-u), the logistic function, without overflow.
        a = np.exp(-abs(u))
        s = 1.0 / (1.0 + a) if u >= 0 else a / (1.0 + a)
        if kind == SOFT_ABOVE:
            x = low + scale * (max(u, 0.0) + np.log1p(a))
            slope, curve = scale * s, 1.0 - s
            log = np.log(scale) + min(u, 0.0) - np.log1p(a) if x <= high else -np.inf
        else:
            log = -abs(u) - 2.0 * np.log1p(a)  # ln(s (1 - s))
            curve = 1.0 - 2.0 * s
            if kind == BETWEEN:
                x = low + width * s
                slope = width * a / (1.0 + a) ** 2
                log += np.log(width)
            else:
                width = np.log(high / low)
                x = low * np.exp(width * s)
                rise = width * a / (1.0 + a) ** 2  # d ln x / du
                slope = x * rise
                log += np.log(x * width)
                curve += rise
    return x, log, slope, curve


@compiled  # type: ignore[untyped-decorator]
def log_posterior(words: Words, room: Words, u: Array, gradient: Array) -> float:
    """Return the log-posterior of unbounded `u`; fill its gradient, shape (parameters,)."""
    total = log_prior(words, room, u, gradient)
    if total == -np.inf:
        return total
    evaluate_factors(words, room)
    evaluate_products(words, room)
    parts = parts_of(words)
    for part in range(parts):
        add_counts(words, room, part)
    total += log_likelihood(words, room)
    fill(0.0, floats(room, INTO_NODE))
    for part in range(parts):
        project_part(words, room, part)
    project_products(words, room)
    size, own = size_of(words), floats(room, INTO_FACTOR)
    slope = floats(room, SLOPE)
    map_slope, map_curve = floats(room, MAP_SLOPE), floats(room, MAP_CURVE)
    for i in range(size):
        gradient[i] += own[i]
    if words[block.HAS_ANGLES]:
        for i in range(size):
            cosine, sine = size + 1 + i, 2 * size + 1 + i
            gradient[i] += own[cosine] * slope[cosine] + own[sine] * slope[sine]
    if words[block.HAS_BENDS]:
        for i in range(size):
            bend = 3 * size + 1 + i
            gradient[i] += own[bend] * slope[bend]
    for i in range(size):
        gradient[i] = gradient[i] * map_slope[i] + map_curve[i]
    return total


@compiled  # type: ignore[untyped-decorator]
def log_prior(words: Words, room: Words, u: Array, gradient: Array) -> float:
    """Write the parameters; return the log of prior and map, and write the prior's gradient."""
    kinds, low, high = (
        integers(words, block.BOUNDS),
        floats(words, block.LOW),
        floats(words, block.HIGH),
    )
    centre, weight = floats(words, block.CENTRE), floats(words, block.WEIGHT)
    log_normal = integers(words, block.LOG_NORMAL)
    power, scale = floats(words, block.POWER), floats(words, block.SCALE)
    x, map_slope, map_curve = floats(room, X), floats(room, MAP_SLOPE), floats(room, MAP_CURVE)
    total = 0.0
    for i in range(len(u)):
        x[i], log, map_slope[i], map_curve[i] = map_parameter(
            kinds[i], low[i], high[i], scale[i], u[i]
        )
        chi2, slope, _ = pull(x[i], centre[i], weight[i], log_normal[i])
        total += log - 0.5 * chi2
        gradient[i] = -0.5 * slope
        if power[i] != 0.0:
            distance = max(abs(x[i]), 1e-300)
            total += power[i] * np.log(distance)
            gradient[i] += power[i] / (distance if x[i] >= 0 else -distance)
    return total


@compiled  # type: ignore[untyped-decorator]
def log_likelihood(words: Words, room: Words) -> float:
    """Return the log-likelihood without its constants; write its derivative by the counts."""
    expected, logs = floats(room, EXPECTED), floats(room, LOG)
    for b in range(len(expected)):
        expected[b] = max(expected[b], COUNTS_FLOOR)
    logarithm(expected, logs)
    return log_likelihood_of_bins(
        floats(words, block.OBSERVED),
        floats(words, block.SIGMA),
        expected,
        logs,
        floats(room, BIN_SLOPE),
    )


@in_any_order  # type: ignore[untyped-decorator]
def log_likelihood_of_bins(
    observed: Array, sigma: Array, expected: Array, logs: Array, slope: Array
) -> float:
    """Return the sum over bins; without branches, so that several are taken at once."""
    total = 0.0
    for b in range(len(expected)):
        n, counts, distance = observed[b], expected[b], (expected[b] - observed[b]) / sigma[b]
        poisson = sigma[b] == 0.0
        total += n * logs[b] - counts if poisson else -0.5 * distance * distance
        change = n / counts - 1.0 if poisson else -distance / sigma[b]
        slope[b] = change if counts > COUNTS_FLOOR else 0.0
    return total
