"""The compiled log-posterior as a C function, which nutpie calls without Python in between.

Through a Python function every evaluation waits for the interpreter's lock and crosses two
languages, which costs more than the evaluation itself. Here the kernel's numbers lie in one
block of memory, and one function, compiled once and cached on disk, reads them from there.

nutpie compiles PyMC models to the same two C functions; its class for them is used, which is
not a documented part. Where it is missing or has changed, `native_model` returns None and the
sampler calls the Python function: the same density, slower.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from bayesnu.inference import compiled_sums
from bayesnu.inference import kernel as kernel_module
from bayesnu.inference.kernel import Kernel, log_posterior_and_gradient
from bayesnu.types import Array

HEADER = 5
"""Words before the numbers: length of the block, parameters, terms, order of a term, bins."""

ARGUMENTS = 10
"""Arrays of a kernel that the C function below unpacks."""

FINE, BROKEN, OUTSIDE = 0, -1, 4
"""What nutpie is told: go on, stop, treat this point as outside (a divergence)."""


def pack(kernel: Kernel) -> NDArray[np.int64]:
    """Return a kernel's numbers as one block of eight-byte words, integers and floats mixed."""
    *vectors, factors, spans, templates, observed, sigma = kernel.arguments
    floats = [np.ravel(part).view(np.int64) for part in vectors]
    tail = [np.ravel(part).view(np.int64) for part in (templates, observed, sigma)]
    whole = [np.ravel(factors), np.ravel(spans)]
    body = np.concatenate([kernel.bounds, *floats, *whole, *tail])
    header = [HEADER + len(body), kernel.size, *factors.shape, len(observed)]
    return np.concatenate([np.array(header, dtype=np.int64), body])


@cache
def _functions() -> tuple[Any, Any]:
    """Return the two C functions: the log-posterior, and the copy of a draw."""
    word = numba.types
    doubles = word.CPointer(word.double)
    density = word.int64(word.uint64, doubles, doubles, doubles, word.voidptr)
    copying = word.int64(word.uint64, word.uint64, doubles, doubles, word.voidptr)
    files = [Path(str(module.__file__)).stat() for module in (kernel_module, compiled_sums)]
    stamp = sum(file.st_mtime_ns ^ file.st_size for file in files)
    return (
        numba.cfunc(density, cache=True)(_log_posterior_of(stamp)),
        numba.cfunc(copying, cache=True)(_copy),
    )


def _log_posterior_of(stamp: int) -> Callable[..., Any]:
    """Return the log-posterior as a C function's body.

    numba looks at this file only to see whether a function on disk is still good; the stamp
    says the same of the two files whose code becomes a part of the function.
    """

    def _log_posterior(size: Any, u_: Any, gradient_: Any, value_: Any, block_: Any) -> Any:
        length = numba.carray(block_, (1,), np.int64)[0]
        if stamp < 0:  # never; it makes the stamp a part of the function
            return BROKEN
        words = numba.carray(block_, (length,), np.int64)
        numbers = numba.carray(block_, (length,), np.float64)
        terms, order, bins = words[2], words[3], words[4]
        if size != words[1]:
            return BROKEN
        n = words[1]
        u = numba.carray(u_, (n,))
        gradient = numba.carray(gradient_, (n,))
        value = numba.carray(value_, (1,))
        at = HEADER
        bounds = words[at : at + n]
        low = numbers[at + n : at + 2 * n]
        high = numbers[at + 2 * n : at + 3 * n]
        centre = numbers[at + 3 * n : at + 4 * n]
        weight = numbers[at + 4 * n : at + 5 * n]
        power = numbers[at + 5 * n : at + 6 * n]
        at += 6 * n
        factors = words[at : at + terms * order].reshape((terms, order))
        at += terms * order
        spans = words[at : at + 2 * terms].reshape((terms, 2))
        at += 2 * terms
        templates = numbers[at : at + terms * bins].reshape((terms, bins))
        at += terms * bins
        observed = numbers[at : at + bins]
        sigma = numbers[at + bins : at + 2 * bins]
        value[0] = log_posterior_and_gradient(
            u,
            bounds,
            low,
            high,
            centre,
            weight,
            power,
            factors,
            spans,
            templates,
            observed,
            sigma,
            gradient,
        )
        if not np.isfinite(value[0]):
            return OUTSIDE
        for i in range(n):
            if not np.isfinite(gradient[i]):
                return OUTSIDE
        return FINE

    return _log_posterior


def _copy(size: Any, expanded: Any, u_: Any, out_: Any, block_: Any) -> Any:
    if size != expanded:
        return BROKEN
    u = numba.carray(u_, (size,))
    out = numba.carray(out_, (size,))
    for i in range(size):
        out[i] = u[i]
    return FINE


def native_model(kernel: Kernel, start: Callable[[int], Array]) -> Any | None:
    """Return a model that `nutpie.sample` takes, of one variable ``u`` on the unbounded scale.

    Parameters
    ----------
    kernel : Kernel
    start : callable
        Chain's seed -> starting point, shape (parameters,).

    Returns
    -------
    CompiledModel or None
        None if the kernel is no plain one (it has angles), or nutpie has no such class.
    """
    if type(kernel) is not Kernel or len(kernel.arguments) != ARGUMENTS:
        return None
    try:
        from nutpie.compile_pymc import CompiledPyMCModel

        density, copying = _functions()
        block = pack(kernel)
        return CompiledPyMCModel(
            dims={},
            _coords={},
            _shapes={"u": (kernel.size,)},
            _n_dim=kernel.size,
            compiled_logp_func=SimpleNamespace(address=density.address),
            compiled_expand_func=SimpleNamespace(address=copying.address),
            initial_point_func=start,
            shared_data={},
            shared_var_keys={},
            user_data=block,
            n_expanded=kernel.size,
            shape_info=(["u"], [slice(0, kernel.size)], [(kernel.size,)]),
            logp_func=None,
            expand_func=None,
            reparameterized_names=None,
        )
    except (ImportError, AttributeError, TypeError):
        return None
