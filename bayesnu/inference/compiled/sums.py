"""Sums, products and logarithms of arrays, compiled so that a processor takes several at once."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from bayesnu.types import Array

compiled = numba.njit(error_model="numpy")
"""Division by zero gives an infinity."""

ROOT_OF_HALF = 0x3FE6A09E00000000
"""The bits of a number just below sqrt(1/2)."""

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""Together ln 2; the first times an exponent is exact."""

LOG_COEFFICIENTS = (
    1.479819860511658591e-01,
    1.531383769920937332e-01,
    1.818357216161805012e-01,
    2.222219843214978396e-01,
    2.857142874366239149e-01,
    3.999999999940941908e-01,
    6.666666666666735130e-01,
)
"""2 / 3, 2 / 5, ... from the last on, as fdlibm (e_log.c) has them."""

# A sum whose terms may be added in any order is taken several terms at once: in a fixed order
# every addition waits for the one before it.
in_any_order = numba.njit(error_model="numpy", fastmath={"reassoc", "contract"})


@intrinsic  # type: ignore[untyped-decorator]
def pointer(_typing: Any, address: Any) -> Any:
    """Return an address as a pointer."""

    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        from llvmlite import ir

        return builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())

    return types.voidptr(address), build


@compiled  # type: ignore[untyped-decorator]
def bits_of(values: Array) -> NDArray[np.int64]:
    """Return the same memory as integers."""
    return numba.carray(pointer(values.ctypes.data), (len(values),), np.int64)


@compiled  # type: ignore[untyped-decorator]
def fill(value: float, to: Array) -> None:
    """Write one number everywhere (an assignment to a slice can raise, which nothing here may)."""
    for i in range(len(to)):
        to[i] = value


@compiled  # type: ignore[untyped-decorator]
def copy(of: Array, to: Array) -> None:
    """Write one array into another."""
    for i in range(len(to)):
        to[i] = of[i]


@compiled  # type: ignore[untyped-decorator]
def add_multiple(factor: float, of: Array, to: Array) -> None:
    """Add a multiple of one array to another."""
    for i in range(len(to)):
        to[i] += factor * of[i]


@in_any_order  # type: ignore[untyped-decorator]
def dot(a: Array, b: Array) -> float:
    """Return a sum of products."""
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@in_any_order  # type: ignore[untyped-decorator]
def four_dots(rows: Array, b: Array) -> tuple[float, float, float, float]:
    """Return the products of four rows with the same array, which is read once."""
    one, two, three, four = rows[0], rows[1], rows[2], rows[3]
    s, t, u, v = 0.0, 0.0, 0.0, 0.0
    for i in range(len(b)):
        s += one[i] * b[i]
        t += two[i] * b[i]
        u += three[i] * b[i]
        v += four[i] * b[i]
    return s, t, u, v


@in_any_order  # type: ignore[untyped-decorator]
def add_four(s: float, t: float, u: float, v: float, rows: Array, to: Array) -> None:
    """Add multiples of four rows to an array."""
    one, two, three, four = rows[0], rows[1], rows[2], rows[3]
    for i in range(len(to)):
        to[i] += s * one[i] + t * two[i] + u * three[i] + v * four[i]


@in_any_order  # type: ignore[untyped-decorator]
def dot_of_three(a: Array, b: Array, c: Array) -> float:
    """Return a sum of products of three."""
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i] * c[i]
    return total


@compiled  # type: ignore[untyped-decorator]
def logarithm(values: Array, out: Array) -> None:
    """Write the natural logarithm of positive numbers, to one unit in the last place.

    The method of fdlibm (e_log.c), from the bits of a number: 2^k m, m within a factor sqrt(2) of
    one, and ln m a polynomial in s^2, s = (m - 1) / (m + 1). It is written out because a processor
    takes eight at once of this, and one of the C library's.
    """
    bits, mantissa = bits_of(values), bits_of(out)
    for i in range(len(values)):
        mantissa[i] = bits[i] - ((bits[i] - ROOT_OF_HALF) >> 52 << 52)
    for i in range(len(values)):
        power = np.float64((bits[i] - ROOT_OF_HALF) >> 52)
        f = out[i] - 1.0
        s = f / (2.0 + f)
        z = s * s
        rest = 0.0
        for coefficient in LOG_COEFFICIENTS:
            rest = z * (coefficient + rest)
        half = 0.5 * f * f
        out[i] = power * LN2_HIGH - ((half - (s * (half + rest) + power * LN2_LOW)) - f)
