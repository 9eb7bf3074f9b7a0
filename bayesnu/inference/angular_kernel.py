"""The compiled log-posterior of a likelihood with angles: the polynomial one, and a chain rule.

A periodic parameter is sampled on the whole line, without a boundary to bump into: the density
of the circle is unrolled and multiplied by a window whose copies, 2 pi apart, add up to one, so
that wrapping the draws gives the density of the circle back exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bayesnu.inference.kernel import UNBOUNDED, Kernel, kernel
from bayesnu.likelihood.angular import AngularLikelihood
from bayesnu.types import Array


def wrap(angle: Array) -> Array:
    """Return an angle within [-pi, pi)."""
    return np.asarray((angle + np.pi) % (2.0 * np.pi) - np.pi)


def log_window(u: Array) -> tuple[Array, Array]:
    """Return the log of the window on the unrolled circle, and its derivative.

    A uniform density on [-pi, pi] convolved with a logistic one of scale one:
    s(u + pi) - s(u - pi), s the logistic function. Its copies add up to one because those of
    the uniform density do.
    """
    # s(a) - s(b) = sinh((a - b) / 2) / (2 cosh(a / 2) cosh(b / 2)), without the constant.
    above, below = 0.5 * (u + np.pi), 0.5 * (u - np.pi)
    log = -np.logaddexp(above, -above) - np.logaddexp(below, -below)
    return log, -0.5 * (np.tanh(above) + np.tanh(below))


@dataclass(frozen=True, eq=False)
class AngularKernel(Kernel):
    """The compiled log-posterior of an `AngularLikelihood`.

    Attributes
    ----------
    polynomial : Kernel
        Of parameters, cosines and sines.
    angles, periodic : ndarray of int
        Parameters that enter through cosine and sine; those of them that are periodic.
    """

    polynomial: Kernel
    angles: NDArray[np.int64]
    periodic: NDArray[np.int64]

    def function(self) -> Callable[[Array], tuple[float, Array]]:
        """Return u -> (log-posterior, gradient)."""
        inner, size = self.polynomial.function(), self.size
        angles, periodic, count = self.angles, self.periodic, len(self.angles)

        def evaluate(u: Array) -> tuple[float, Array]:
            cosines, sines = np.cos(u[angles]), np.sin(u[angles])
            value, slope = inner(np.concatenate([u, cosines, sines]))
            gradient = slope[:size].copy()
            gradient[angles] += cosines * slope[size + count :] - sines * slope[size : size + count]
            window, window_slope = log_window(u[periodic])
            gradient[periodic] += window_slope
            return value + float(window.sum()), gradient

        return evaluate

    def without_window(self) -> Self:
        """Return the kernel in which all copies of reflected sizes count alike; angles stay."""
        return replace(super().without_window(), polynomial=self.polynomial.without_window())

    def to_parameters(self, u: Array) -> Array:
        """Map unbounded coordinates to parameters, shape (..., parameters) both."""
        x = super().to_parameters(u)
        x[..., self.periodic] = wrap(x[..., self.periodic])
        return x


def angular_kernel(likelihood: AngularLikelihood) -> AngularKernel:
    """Return the compiled log-posterior of a likelihood with angles."""
    polynomial = kernel(likelihood.polynomial)
    size = len(likelihood.parameters)
    angles = np.array(likelihood.angles, dtype=np.int64)
    periodic = np.array([i for i in angles if likelihood.parameters[i].periodic], dtype=np.int64)
    # Cosines and sines take unbounded coordinates as they are, and so must the angles.
    assert (polynomial.bounds[[*angles, *range(size, len(polynomial.bounds))]] == UNBOUNDED).all()
    arguments = (*(array[:size] for array in polynomial.arguments[:5]), *polynomial.arguments[5:])
    return AngularKernel(polynomial.bounds[:size], arguments, polynomial, angles, periodic)
