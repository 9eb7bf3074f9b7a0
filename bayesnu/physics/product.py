"""A matrix times a vector, or a few of them.

PyTensor's own product is compiled by numba for any two matrices, which takes fifteen seconds, for
each layout of theirs anew; this one for what it is.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_default_op_cache_key

from bayesnu.types import Array


class Product(Op):  # type: ignore[misc]
    """The product of a matrix, which is a constant, and a vector or the columns of a matrix."""

    __props__ = ()

    def make_node(self, matrix: Any, vector: Any) -> Apply:
        """Return the node."""
        inputs = [pt.as_tensor_variable(matrix), pt.as_tensor_variable(vector)]
        shape = (*inputs[0].type.shape[:1], *inputs[1].type.shape[1:])
        return Apply(self, inputs, [pt.tensor(dtype="float64", shape=shape)])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        """Multiply."""
        outputs[0][0] = inputs[0] @ inputs[1]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Return the derivatives."""
        (matrix, vector), (along,) = inputs, cotangents
        by_matrix = pt.outer(along, vector) if vector.ndim == 1 else pt.dot(along, vector.T)
        return [by_matrix, self(matrix.T, along)]


product = Product()

LARGE = 100_000
"""Bytes; from a million on numba does not cache what is compiled with an array."""


def held(matrix: Array) -> Any:
    """Return a matrix as a graph holds it: a large one as a variable that is shared."""
    if matrix.nbytes < LARGE:
        return matrix
    return pytensor.shared(np.ascontiguousarray(matrix), borrow=True, shape=matrix.shape)


@register_funcify_default_op_cache_key(Product)  # type: ignore[untyped-decorator]
def _numba(op: Product, node: Any, **_: Any) -> Any:
    @numba_njit  # type: ignore[untyped-decorator]
    def times(matrix: Any, vector: Any) -> Any:
        return np.dot(matrix, np.ascontiguousarray(vector))

    return times


if find_spec("jax") is not None:
    from pytensor.link.jax.dispatch import jax_funcify

    @jax_funcify.register(Product)  # type: ignore[untyped-decorator]
    def _jax(op: Product, **_: Any) -> Any:
        return lambda matrix, vector: matrix @ vector
