"""The C functions: what is called from outside, by address."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import float64, int64, types, uint64

from bayesnu.inference.block import BROKEN, FINE, LENGTH, OUTSIDE
from bayesnu.inference.compiled.density import log_posterior
from bayesnu.inference.compiled.fit import minimise
from bayesnu.inference.compiled.memory import (
    GRADIENT,
    HESSIAN,
    POINT,
    allocate,
    floats,
    lay_out,
    length_of_room,
    release,
    size_of,
)
from bayesnu.inference.compiled.sums import copy

FLOATS, INTEGERS = types.CPointer(float64), types.CPointer(int64)


@numba.cfunc(int64(uint64, FLOATS, FLOATS, FLOATS, INTEGERS))  # type: ignore[untyped-decorator]
def log_posterior_entry(size: Any, u_: Any, gradient_: Any, value_: Any, block_: Any) -> Any:
    """Write the log-posterior and its gradient; the signature is nutpie's."""
    words = numba.carray(block_, (block_[LENGTH],))
    if size != size_of(words):
        return BROKEN
    length = length_of_room(words)
    memory = allocate(8 * length)
    room = numba.carray(memory, (length,), np.int64)
    lay_out(words, room)
    gradient = numba.carray(gradient_, (size,))
    value = log_posterior(words, room, numba.carray(u_, (size,)), gradient)
    release(memory)
    value_[0] = value
    if not np.isfinite(value):
        return OUTSIDE
    for i in range(size):
        if not np.isfinite(gradient[i]):
            return OUTSIDE
    return FINE


@numba.cfunc(int64(uint64, uint64, FLOATS, FLOATS, INTEGERS))  # type: ignore[untyped-decorator]
def copy_entry(size: Any, expanded: Any, u_: Any, out_: Any, _block: Any) -> Any:
    """Copy a draw: nutpie's other function, for what it should keep of a draw."""
    if size != expanded:
        return BROKEN
    copy(numba.carray(u_, (size,)), numba.carray(out_, (size,)))
    return FINE


@numba.cfunc(int64(INTEGERS, FLOATS, INTEGERS, FLOATS))  # type: ignore[untyped-decorator]
def minimise_entry(block_: Any, x_: Any, held_: Any, out_: Any) -> Any:
    """Move a point to the minimum; return whether the fit converged.

    Written are chi2, its gradient and its Hessian there. Where all parameters are held, nothing
    moves.
    """
    words = numba.carray(block_, (block_[LENGTH],))
    size, length = size_of(words), length_of_room(words)
    memory = allocate(8 * length)
    room = numba.carray(memory, (length,), np.int64)
    lay_out(words, room)
    x = numba.carray(x_, (size,))
    copy(x, floats(room, POINT))
    chi2, converged = minimise(words, room, numba.carray(held_, (size,)))
    copy(floats(room, POINT), x)
    out = numba.carray(out_, (1 + size + size * size,))
    out[0] = chi2
    copy(floats(room, GRADIENT), out[1 : 1 + size])
    copy(floats(room, HESSIAN), out[1 + size :])
    release(memory)
    return int64(converged)


ENTRIES = {
    "log_posterior": log_posterior_entry,
    "copy": copy_entry,
    "minimise": minimise_entry,
}
