"""The fit of `bayesnu.inference.minimise`, compiled: for profiles that take thousands of fits.

Where a signal has several free parameters, every point of a profile is fitted from several
starts, and the time goes into calls of small NumPy functions. Here one call makes one fit. The
steps are the same ones; a test holds both to the same minima.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from bayesnu.inference.compiled_sums import add_multiple, dot, logarithm, spans_of
from bayesnu.likelihood.likelihood import COUNTS_FLOOR, Likelihood
from bayesnu.types import Array


@numba.njit(cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def newton(
    x: Array,
    centre: Array,
    weight: Array,
    factors: NDArray[np.int64],
    spans: NDArray[np.int64],
    templates: Array,
    observed: Array,
    log_observed: Array,
    sigma: Array,
    gradient: Array,
    hessian: Array,
) -> float:
    """Return chi2; fill its gradient and Hessian. See `Likelihood.newton`."""
    size = len(x)
    terms, order = factors.shape
    bins = len(observed)
    padded = np.append(x, 1.0)
    expected = np.zeros(bins)
    for t in range(terms):
        product = 1.0
        for k in range(order):
            product *= padded[factors[t, k]]
        first, last = spans[t]
        add_multiple(product, templates[t, first:last], expected[first:last])
    expected = np.maximum(expected, COUNTS_FLOOR)
    log = np.empty(bins)
    logarithm(expected, log)
    slope, curvature = np.empty(bins), np.empty(bins)
    chi2 = 0.0
    for b in range(bins):
        if sigma[b] > 0.0:
            off = (expected[b] - observed[b]) / sigma[b]
            chi2 += off * off
            slope[b] = 2.0 * off / sigma[b]
            curvature[b] = 2.0 / sigma[b] ** 2
        else:
            n = observed[b]
            chi2 += 2.0 * (expected[b] - n + n * (log_observed[b] - log[b]))
            slope[b] = 2.0 * (1.0 - n / expected[b])
            curvature[b] = 2.0 * n / expected[b] ** 2
    hessian[:] = 0.0
    for i in range(size):
        pull = (x[i] - centre[i]) * weight[i]
        chi2 += pull * (x[i] - centre[i])
        gradient[i] = 2.0 * pull
        hessian[i, i] = 2.0 * weight[i]
    # The derivative of each term by the parameter at each of its places.
    by_place = np.empty((terms, order))
    for t in range(terms):
        first, last = spans[t]
        into = dot(slope[first:last], templates[t, first:last])
        for k in range(order):
            product = 1.0
            for other in range(order):
                if other != k:
                    product *= padded[factors[t, other]]
            by_place[t, k] = product
            i = factors[t, k]
            if i == size:
                continue
            gradient[i] += into * product
            for m in range(order):
                j = factors[t, m]
                if m != k and j < size:
                    product = 1.0
                    for other in range(order):
                        if other not in (k, m):
                            product *= padded[factors[t, other]]
                    hessian[i, j] += into * product
    weighted = np.empty(bins)
    for t in range(terms):
        first, last = spans[t]
        for b in range(first, last):
            weighted[b] = curvature[b] * templates[t, b]
        for s in range(t + 1):
            start, stop = max(first, spans[s, 0]), min(last, spans[s, 1])
            if stop <= start:
                continue
            both = dot(weighted[start:stop], templates[s, start:stop])
            for k in range(order):
                i = factors[t, k]
                if i == size:
                    continue
                for m in range(order):
                    j = factors[s, m]
                    if j == size:
                        continue
                    change = both * by_place[t, k] * by_place[s, m]
                    hessian[i, j] += change
                    if s != t:
                        hessian[j, i] += change
    return chi2


@numba.njit(cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def solve(matrix: Array, right: Array) -> bool:
    """Solve in place by Cholesky's method; False if the matrix is not positive definite."""
    size = len(right)
    for j in range(size):
        pivot = matrix[j, j]
        for k in range(j):
            pivot -= matrix[j, k] ** 2
        if not pivot > 0.0:
            return False
        pivot = np.sqrt(pivot)
        matrix[j, j] = pivot
        for i in range(j + 1, size):
            value = matrix[i, j]
            for k in range(j):
                value -= matrix[i, k] * matrix[j, k]
            matrix[i, j] = value / pivot
    for i in range(size):
        for k in range(i):
            right[i] -= matrix[i, k] * right[k]
        right[i] /= matrix[i, i]
    for i in range(size - 1, -1, -1):
        for k in range(i + 1, size):
            right[i] -= matrix[k, i] * right[k]
        right[i] /= matrix[i, i]
    return True


@numba.njit(cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def bounded_step(
    x: Array,
    gradient: Array,
    hessian: Array,
    movable: NDArray[np.bool_],
    low: Array,
    high: Array,
    damping: float,
    step: Array,
) -> float:
    """Fill the step within the bounds and return the decrease of chi2 it promises."""
    size = len(x)
    free = movable.copy()
    step[:] = 0.0
    scale = np.ones(size)
    for i in range(size):
        if hessian[i, i] != 0.0:
            scale[i] = 1.0 / np.sqrt(abs(hessian[i, i]))
    for _ in range(size):
        index = np.flatnonzero(free)
        count = len(index)
        if count == 0:
            break
        matrix, right = np.empty((count, count)), np.empty(count)
        for a in range(count):
            i = index[a]
            value = gradient[i]
            for j in range(size):
                if not free[j]:
                    value += hessian[i, j] * step[j]
            right[a] = -scale[i] * value
            for b in range(count):
                matrix[a, b] = hessian[i, index[b]] * scale[i] * scale[index[b]]
            matrix[a, a] += damping + 1e-12
        solution = right.copy()
        if not solve(matrix.copy(), solution):
            # Not convex here: step down along directions of negative curvature as well.
            values, directions = np.linalg.eigh(matrix)
            solution = directions @ ((directions.T @ right) / np.maximum(np.abs(values), 1e-6))
        beyond = False
        for a in range(count):
            i = index[a]
            step[i] = scale[i] * solution[a]
        for a in range(count):
            i = index[a]
            if x[i] + step[i] < low[i] or x[i] + step[i] > high[i]:
                step[i] = min(max(x[i] + step[i], low[i]), high[i]) - x[i]
                free[i] = False
                beyond = True
        if not beyond:
            break
    decrease = 0.0
    for i in range(size):
        decrease -= gradient[i] * step[i]
        for j in range(size):
            decrease -= 0.5 * step[i] * hessian[i, j] * step[j]
    return decrease


@numba.njit(cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def fit(
    start: Array,
    held: NDArray[np.bool_],
    low: Array,
    high: Array,
    limits: Array,
    arguments: Any,
) -> tuple[Array, float, bool]:
    """Return the minimum, its chi2 and whether the fit converged; see `minimise`.

    `limits` are the largest number of steps and the three tolerances of that module.
    """
    most, tolerance, rounding, flat = limits
    size = len(start)
    x = start.copy()
    for i in range(size):
        if not held[i]:
            x[i] = min(max(x[i], low[i]), high[i])
    gradient, hessian = np.empty(size), np.empty((size, size))
    new_gradient, new_hessian = np.empty(size), np.empty((size, size))
    step = np.empty(size)
    chi2 = newton(x, *arguments, gradient, hessian)
    damping, halfway = 0.0, np.inf
    for number in range(int(most)):
        if number == int(most) // 2:
            halfway = chi2
        free = ~held
        for i in range(size):
            if (x[i] <= low[i] and gradient[i] > 0) or (x[i] >= high[i] and gradient[i] < 0):
                free[i] = False
        if not free.any():
            return x, chi2, True
        decrease = bounded_step(x, gradient, hessian, free, low, high, damping, step)
        if decrease < tolerance and damping <= 1e-3:
            return x, chi2, True
        new = newton(x + step, *arguments, new_gradient, new_hessian)
        if new < chi2:
            x = x + step
            chi2 = new
            gradient[:] = new_gradient
            hessian[:] = new_hessian
            damping = 0.0 if damping < 1e-2 else damping * 0.1
        elif decrease < rounding * max(1.0, abs(chi2)):
            return x, chi2, True
        else:
            damping = max(10.0 * damping, 1e-3)
    return x, chi2, halfway - chi2 < flat


def arguments_of(likelihood: Likelihood) -> tuple[Any, ...]:
    """Return what `newton` needs to know of a likelihood."""
    observed = np.ascontiguousarray(likelihood.observed, dtype=float)
    return (
        likelihood.centre,
        likelihood.weight,
        np.ascontiguousarray(likelihood.factors),
        spans_of(likelihood.templates),
        np.ascontiguousarray(likelihood.templates),
        observed,
        np.log(np.where(observed > 0.0, observed, 1.0)),
        np.ascontiguousarray(likelihood.sigma),
    )
