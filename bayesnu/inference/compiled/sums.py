"""Sums, products and logarithms of arrays, compiled so that a processor takes several at once."""

from __future__ import annotations

import numba
import numpy as np

from bayesnu.types import Array

compiled = numba.njit(error_model="numpy")
"""Division by zero gives an infinity."""

# A sum whose terms may be added in any order is taken several terms at once: in a fixed order
# every addition waits for the one before it.
_in_any_order = numba.njit(error_model="numpy", fastmath={"reassoc", "contract"})


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


@_in_any_order  # type: ignore[untyped-decorator]
def dot(a: Array, b: Array) -> float:
    """Return a sum of products."""
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@_in_any_order  # type: ignore[untyped-decorator]
def dot_of_three(a: Array, b: Array, c: Array) -> float:
    """Return a sum of products of three."""
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i] * c[i]
    return total


@compiled  # type: ignore[untyped-decorator]
def logarithm(values: Array, out: Array) -> None:
    """Write the natural logarithm of positive numbers."""
    for i in range(len(values)):
        out[i] = np.log(values[i])
