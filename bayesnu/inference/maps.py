"""How the sampler maps each parameter to the whole line, and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesnu.types import Array

UNBOUNDED, ABOVE, BELOW, BETWEEN, FOLDED, LOG_BETWEEN, SOFT_ABOVE, WINDOWED, CIRCLE, EXPONENTIAL = (
    range(10)
)
"""
| kind | x(u) | for |
| --- | --- | --- |
| UNBOUNDED | u | |
| ABOVE, BELOW | low + e^u, high - e^u | one bound |
| EXPONENTIAL | e^u | log-normal priors |
| BETWEEN | logistic | two bounds |
| FOLDED | u, reflected at both bounds | a size from zero on: x = abs(u) has a smooth density in u, as the counts hold even powers only; a piece of a cut range: the density is nearly level at the cut, and a logistic map would bend a mode within a width of it |
| WINDOWED | the same, with weights for the reflected copies (`WINDOW`) | |
| LOG_BETWEEN | logistic in ln x | log-uniform priors that the data do not cut |
| SOFT_ABOVE | low + scale ln(1 + e^u) | those that they do: a steep wall in ln x, at which NUTS diverges; this is logarithmic far below `scale` and linear above it |
| CIRCLE | u, less whole turns | an angle: the circle unrolled, without a boundary to bump into, with a window whose copies, 2 pi apart, add up to one |
"""  # noqa: E501

WINDOW = 0.25
"""How softly the window on the line of a reflected parameter ends, in its range. Without one every
reflected copy is as likely as the first, and where the data allow both bounds a chain wanders
through a thousand of them, with steps far too small. The window is one period wide, and the copies'
weights add up to the same everywhere: the posterior does not change."""

DIRECT = (UNBOUNDED, ABOVE, BELOW, FOLDED, WINDOWED, LOG_BETWEEN, SOFT_ABOVE, CIRCLE, EXPONENTIAL)


def wrap(angle: Array) -> Array:
    """Return an angle within [-pi, pi)."""
    return np.asarray((angle + np.pi) % (2.0 * np.pi) - np.pi)


def to_parameters(
    u: Array, kinds: NDArray[np.int64], low: Array, high: Array, scale: Array
) -> Array:
    """Map unbounded coordinates to parameters, shape (..., parameters) both."""
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
        choices = [u, above, below, folded, folded, log_between, soft, wrap(u), np.exp(u)]
    return np.asarray(np.select([kinds == kind for kind in DIRECT], choices, between))


def to_unbounded(
    x: Array, kinds: NDArray[np.int64], low: Array, high: Array, scale: Array
) -> Array:
    """Map parameters strictly inside their bounds to unbounded coordinates."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        share = (x - low) / (high - low)
        between = np.log(share) - np.log1p(-share)
        share = np.log(x / low) / np.log(high / low)
        log_between = np.log(share) - np.log1p(-share)
        above, below = np.log(x - low), np.log(high - x)
        distance = (x - low) / scale
        soft = distance + np.log(-np.expm1(-distance))
        choices = [x, above, below, x, x, log_between, soft, x, np.log(x)]
    return np.asarray(np.select([kinds == kind for kind in DIRECT], choices, between))
