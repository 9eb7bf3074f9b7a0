"""The maps to the sampler's unbounded scale, with each derivative written out."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, log_expit

from bayesnu.inference import maps


def log_jacobian(likelihood, compiled, u):
    """Return ln |dx/du|, each map's derivative written out."""
    total = 0.0
    for i, kind in enumerate(compiled.bounds):
        low, high = likelihood.low[i], likelihood.high[i]
        logistic = log_expit(u[i]) + log_expit(-u[i])
        if kind in (maps.ABOVE, maps.BELOW, maps.EXPONENTIAL):
            total += u[i]
        elif kind == maps.BETWEEN:
            total += np.log(high - low) + logistic
        elif kind == maps.LOG_BETWEEN:
            x = low * (high / low) ** np.exp(log_expit(u[i]))
            total += np.log(x) + np.log(np.log(high / low)) + logistic
        elif kind == maps.WINDOWED:
            total += log_window(u[i] - low, high - low)
        elif kind == maps.CIRCLE:
            total += log_window(u[i], np.pi, 1.0)
        elif kind == maps.SOFT_ABOVE:
            total += np.log(compiled.scale[i]) + log_expit(u[i])
    return total


def log_window(distance, width, scale=None):
    """Return the log of a uniform density over two widths, convolved with a logistic one, but
    for a constant that depends on the width only."""
    scale = maps.WINDOW * width if scale is None else scale
    ends = expit((width - abs(distance)) / scale) - expit((-width - abs(distance)) / scale)
    return np.log(ends / (2.0 * np.sinh(width / scale)))
