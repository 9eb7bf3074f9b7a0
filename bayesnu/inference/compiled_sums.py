"""Sums, products and logarithms of arrays, compiled so that a processor takes several at once."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from bayesnu.likelihood.likelihood import COUNTS_FLOOR
from bayesnu.types import Array

SQRT_HALF = np.array(0.5**0.5).view(np.uint64)[()]
ONE_EXPONENT = np.uint64(52)
BIAS = np.uint64(1 << 62)
EXPONENT = np.uint64(0xFFF << 52)
TWO_TO_52 = np.array(2.0**52).view(np.uint64)[()]
"""Bits of floating-point numbers, for `logarithm`."""

LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""ln 2 in two parts; an integer times the first one is exact."""


def spans_of(templates: Array) -> NDArray[np.int64]:
    """Return the first bin of every term and the one after its last, shape (terms, 2).

    Of combined experiments a term has counts in few bins.
    """
    filled = templates != 0.0
    last = templates.shape[1] - np.argmax(filled[:, ::-1], axis=1)
    spans = np.stack([np.argmax(filled, axis=1), last], axis=1)
    return np.where(filled.any(axis=1)[:, None], spans, 0).astype(np.int64)


# A sum whose terms may be added in any order is taken several terms at once: in a fixed order
# every addition waits for the one before it.
_in_any_order = numba.njit(cache=True, error_model="numpy", fastmath={"reassoc", "contract"})


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _four_alike(spans: NDArray[np.int64], t: int) -> bool:
    """Return whether a term and the three after it fill the same bins."""
    if t + 3 >= len(spans):
        return False
    for k in range(1, 4):
        if spans[t + k, 0] != spans[t, 0] or spans[t + k, 1] != spans[t, 1]:
            return False
    return True


@numba.njit(cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def add_multiple(factor: float, of: Array, to: Array) -> None:
    """Add a multiple of one array to another."""
    for i in range(len(to)):
        to[i] += factor * of[i]


@_in_any_order  # type: ignore[untyped-decorator]
def dot(a: Array, b: Array) -> float:
    """Return a sum of products."""
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@_in_any_order  # type: ignore[untyped-decorator]
def add_templates(
    coefficients: Array, templates: Array, spans: NDArray[np.int64], to: Array
) -> None:
    """Add templates times their coefficients to counts, four at once where they fill the same
    bins: the counts are read and written once for all four."""
    terms = len(coefficients)
    t = 0
    while t < terms:
        first, last = spans[t]
        if _four_alike(spans, t):
            a, b = templates[t, first:last], templates[t + 1, first:last]
            c, d = templates[t + 2, first:last], templates[t + 3, first:last]
            x, y, z, w = coefficients[t : t + 4]
            part = to[first:last]
            for i in range(last - first):
                part[i] += (x * a[i] + y * b[i]) + (z * c[i] + w * d[i])
            t += 4
        else:
            add_multiple(coefficients[t], templates[t, first:last], to[first:last])
            t += 1


@_in_any_order  # type: ignore[untyped-decorator]
def project_on_templates(
    values: Array, templates: Array, spans: NDArray[np.int64], out: Array
) -> None:
    """Write the sum of products of every template with values, four at once as above."""
    terms = len(out)
    t = 0
    while t < terms:
        first, last = spans[t]
        if _four_alike(spans, t):
            a, b = templates[t, first:last], templates[t + 1, first:last]
            c, d = templates[t + 2, first:last], templates[t + 3, first:last]
            part = values[first:last]
            x, y, z, w = 0.0, 0.0, 0.0, 0.0
            for i in range(last - first):
                x += a[i] * part[i]
                y += b[i] * part[i]
                z += c[i] * part[i]
                w += d[i] * part[i]
            out[t], out[t + 1], out[t + 2], out[t + 3] = x, y, z, w
            t += 4
        else:
            out[t] = dot(values[first:last], templates[t, first:last])
            t += 1


@_in_any_order  # type: ignore[untyped-decorator]
def poisson_sum(observed: Array, log: Array, expected: Array) -> float:
    """Return the sum of n ln(lambda) - lambda."""
    total = 0.0
    for i in range(len(observed)):
        total += observed[i] * log[i] - expected[i]
    return total


@_in_any_order  # type: ignore[untyped-decorator]
def count_zeros(values: Array) -> int:
    """Return how many numbers are zero."""
    total = 0
    for i in range(len(values)):
        total += values[i] == 0.0
    return total


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})  # type: ignore[untyped-decorator]
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
        y = z * z
        # Two sums beside each other: a step of one does not wait for the other.
        even = 1.0 / 19.0
        even = even * y + 1.0 / 15.0
        even = even * y + 1.0 / 11.0
        even = even * y + 1.0 / 7.0
        even = even * y + 1.0 / 3.0
        odd = 1.0 / 21.0
        odd = odd * y + 1.0 / 17.0
        odd = odd * y + 1.0 / 13.0
        odd = odd * y + 1.0 / 9.0
        odd = odd * y + 1.0 / 5.0
        series = even + z * odd
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
    alike = count_zeros(sigma) in (0, bins)
    while start < bins:  # runs of bins of one kind
        poisson = sigma[start] == 0.0
        stop = bins if alike else start + 1
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
