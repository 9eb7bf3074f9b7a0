"""Arrays in a block of words: the numbers of a likelihood, and room to work in.

Every function is given the block of the likelihood and that of the room, and takes from them what
it needs; arrays by the dozen as arguments would take numba minutes to compile.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import types
from numpy.typing import NDArray

from bayesnu.inference import block
from bayesnu.inference.compiled.sums import compiled, pointer
from bayesnu.inference.layout import AT_ONCE
from bayesnu.types import Array

Words = NDArray[np.int64]

allocate = types.ExternalFunction("malloc", types.voidptr(types.uintp))
release = types.ExternalFunction("free", types.void(types.voidptr))

X, MAP_SLOPE, MAP_CURVE, POINT, GRADIENT, NEW_GRADIENT, STEP, UNIT, RIGHT, SOLUTION, INDEX, FREE = (
    range(12)
)
"""A number for each parameter: where the counts are evaluated, dx/du and d ln|dx/du| / du; of a fit
the best point so far, gradients, the step and its units, and of those that may move, which they are
(`INDEX`, `FREE`) and the equation for their step (`RIGHT`, `SOLUTION`)."""

HESSIAN, NEW_HESSIAN, MATRIX, FACTOR, VECTORS = range(12, 17)
"""Parameters by parameters."""

VALUE, SLOPE = range(17, 19)
"""Of the factors, and their derivatives by their parameters."""

INTO = 19
"""The derivative of chi2 by the product of each term."""

EXPECTED, LOG, BIN_SLOPE, BIN_CURVE = range(20, 24)
"""Counts, their logarithms, and the derivatives of chi2 by them."""

JACOBIAN, REACH = range(24, 26)
"""The derivative of the counts by each parameter, and the bins where it is not zero."""

NODE, INTO_NODE = range(26, 28)
"""The products of the tree, and the derivatives of the log-likelihood by them."""

COLUMN = 28
"""The coefficients of the columns of one part; then the derivatives by them."""

INTO_FACTOR = 29
"""The derivatives of the log-likelihood by the factors."""

FIELDS = 30


@compiled  # type: ignore[untyped-decorator]
def floats(words: Words, field: int) -> Array:
    """Return an array of a block."""
    at = words[field]
    return numba.carray(pointer(words.ctypes.data + 8 * at), (words[field + 1] - at,), np.float64)


@compiled  # type: ignore[untyped-decorator]
def table(words: Words, field: int, rows: int) -> Array:
    """Return an array of a block that has rows."""
    at = words[field]
    shape = (rows, (words[field + 1] - at) // rows)
    return numba.carray(pointer(words.ctypes.data + 8 * at), shape, np.float64)


@compiled  # type: ignore[untyped-decorator]
def integers(words: Words, field: int) -> Words:
    """Return an array of integers of a block."""
    return words[words[field] : words[field + 1]]


@compiled  # type: ignore[untyped-decorator]
def integer_table(words: Words, field: int, rows: int) -> Words:
    """Return an array of integers of a block that has rows."""
    at = words[field]
    shape = (rows, (words[field + 1] - at) // rows)
    return numba.carray(pointer(words.ctypes.data + 8 * at), shape, np.int64)


@compiled  # type: ignore[untyped-decorator]
def size_of(words: Words) -> int:
    """Return the number of parameters."""
    return words[block.LOG_NORMAL] - words[block.BOUNDS]


@compiled  # type: ignore[untyped-decorator]
def terms_of(words: Words) -> int:
    """Return the number of terms."""
    return (words[block.TEMPLATES] - words[block.SPANS]) // 2


@compiled  # type: ignore[untyped-decorator]
def nodes_of(words: Words) -> int:
    """Return the number of products in the tree."""
    return (words[block.PARTS] - words[block.NODES]) // 2


@compiled  # type: ignore[untyped-decorator]
def entries_of(words: Words) -> int:
    """Return how many products make up the coefficients of columns."""
    return (words[block.SHARES] - words[block.ENTRIES]) // 2


@compiled  # type: ignore[untyped-decorator]
def length_of_field(words: Words, field: int) -> int:
    """Return how many words an array of the room takes."""
    n, bins = size_of(words), words[block.SIGMA] - words[block.OBSERVED]
    if field < HESSIAN:
        return n
    if field < VALUE:
        return n * n
    if field < INTO:
        return 4 * n + 1
    if field == INTO:
        return terms_of(words)
    if field < JACOBIAN:
        return bins
    if field < NODE:
        return n * bins if field == JACOBIAN else 2 * n
    if field < COLUMN:
        return nodes_of(words)
    if field < INTO_FACTOR:
        return entries_of(words) + AT_ONCE
    return 4 * n + 1


@compiled  # type: ignore[untyped-decorator]
def length_of_room(words: Words) -> int:
    """Return how many words the room for a likelihood takes."""
    length = FIELDS + 1 + AT_ONCE
    for field in range(FIELDS):
        length += length_of_field(words, field)
    return length


@compiled  # type: ignore[untyped-decorator]
def lay_out(words: Words, room: Words) -> None:
    """Write where each array of the room begins; the columns as their tables do."""
    at = FIELDS + 1
    for field in range(FIELDS):
        if field == COLUMN:
            at += -(room.ctypes.data // 8 + at) % AT_ONCE
        room[field] = at
        at += length_of_field(words, field)
    room[FIELDS] = at
