"""Minimise chi2 within bounds: damped Newton steps with the exact Hessian.

The counts are polynomials, so the Hessian is a handful of matrix products. Parameters that
would leave their range are held at its edge. The inner fit of a profile with 20 nuisances
takes about a millisecond, which a general-purpose minimiser does not reach; iminuit checks it
in the tests and on request (`bayesnu.inference.cross_check`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotrs

from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

MAX_STEPS = 200
TOLERANCE = 1e-8
"""A step that is expected to lower chi2 by less ends the fit."""

ROUNDING = 1e-11
"""A step that promises less than this share of chi2 cannot be told from rounding."""

FLAT = 1e-4
"""A fit whose second half lowers chi2 by less follows a valley along which chi2 is the same
(moments and phases that a beam cannot tell apart): it has found the minimum, not one point."""


@dataclass(frozen=True)
class Minimum:
    """A minimum of chi2.

    Attributes
    ----------
    x : ndarray, shape (parameters,)
    chi2 : float
    converged : bool
    """

    x: Array
    chi2: float
    converged: bool


def minimise(likelihood: Likelihood, start: Array, held: NDArray[np.bool_]) -> Minimum:
    """Minimise chi2 over all parameters that are not held.

    Parameters
    ----------
    likelihood : Likelihood
    start : ndarray, shape (parameters,)
        Moved into the bounds if outside.
    held : ndarray of bool, shape (parameters,)
        Parameters that keep their value.

    Returns
    -------
    Minimum
        A local one; `converged` says whether the last step was small enough.
    """
    if _is_fitted_often(likelihood):
        return _compiled(likelihood, start, held)
    low, high = likelihood.low, likelihood.high
    x = np.where(held, start, np.clip(start, low, high))
    chi2, gradient, hessian = likelihood.newton(x)
    if held.all():
        return Minimum(x, chi2, True)
    damping = 0.0
    halfway = np.inf
    for number in range(MAX_STEPS):
        if number == MAX_STEPS // 2:
            halfway = chi2
        free = ~held
        free &= ~((x <= low) & (gradient > 0)) & ~((x >= high) & (gradient < 0))
        if not free.any():
            return Minimum(x, chi2, True)
        step, decrease = _step(x, gradient, hessian, free, low, high, damping)
        if decrease < TOLERANCE and damping <= 1e-3:
            return Minimum(x, chi2, True)
        new = likelihood.newton(x + step)
        if new[0] < chi2:
            x = x + step
            chi2, gradient, hessian = new
            damping = 0.0 if damping < 1e-2 else damping * 0.1
        elif decrease < ROUNDING * max(1.0, abs(chi2)):
            return Minimum(x, chi2, True)
        else:
            damping = max(10.0 * damping, 1e-3)
    return Minimum(x, chi2, bool(halfway - chi2 < FLAT))


def _is_fitted_often(likelihood: Likelihood) -> bool:
    """Whether compiling pays: with several signal parameters, a profile is thousands of fits."""
    signals = sum(parameter.role == "signal" for parameter in likelihood.parameters)
    return signals > 1 and type(likelihood) is Likelihood


def _compiled(likelihood: Likelihood, start: Array, held: NDArray[np.bool_]) -> Minimum:
    from bayesnu.inference.compiled_fit import arguments_of, fit

    # A likelihood does not change, and keeps what is derived from it.
    arguments = likelihood.__dict__.get("_fit_arguments")
    if arguments is None:
        arguments = likelihood.__dict__["_fit_arguments"] = arguments_of(likelihood)
    limits = np.array([MAX_STEPS, TOLERANCE, ROUNDING, FLAT])
    try:
        x, chi2, converged = fit(
            np.asarray(start, dtype=float), held, likelihood.low, likelihood.high, limits, arguments
        )
    except SystemError as error:
        # Ctrl-C that is noticed on the way out of compiled code comes as the cause of this.
        if isinstance(error.__cause__, KeyboardInterrupt):
            raise error.__cause__ from None
        raise
    return Minimum(x, float(chi2), bool(converged))


def _step(
    x: Array,
    gradient: Array,
    hessian: Array,
    free: NDArray[np.bool_],
    low: Array,
    high: Array,
    damping: float,
) -> tuple[Array, float]:
    """Return the step within the bounds and the decrease of chi2 it promises."""
    free = free.copy()
    step = np.zeros_like(x)
    diagonal = np.abs(np.diag(hessian))
    scale = 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    # A step beyond a bound stops there; the others then solve again without it.
    for _ in range(len(x)):
        index = np.flatnonzero(free)
        if len(index) == 0:
            break
        matrix = hessian[index[:, None], index] * scale[index] * scale[index, None]
        matrix.flat[:: len(index) + 1] += damping + 1e-12
        right = -scale[index] * (gradient + hessian @ np.where(free, 0.0, step))[index]
        factor, failed = dpotrf(matrix, lower=1)
        if failed:
            # Not convex here: step down along directions of negative curvature as well.
            curvature, directions = np.linalg.eigh(matrix)
            size = np.maximum(np.abs(curvature), 1e-6)
            step[index] = scale[index] * (directions @ (directions.T @ right / size))
        else:
            step[index] = scale[index] * dpotrs(factor, right, lower=1)[0]
        beyond = free & ((x + step < low) | (x + step > high))
        if not beyond.any():
            break
        step = np.where(beyond, np.clip(x + step, low, high) - x, step)
        free &= ~beyond
    return step, float(-(gradient @ step) - 0.5 * step @ hessian @ step)
