"""Minimise chi2 within bounds: damped Newton steps with the exact Hessian, compiled.

The counts are polynomials, so the Hessian is a handful of matrix products. A fit with 20
nuisances takes a tenth of a millisecond, which a general-purpose minimiser does not reach;
iminuit checks it in the tests and on request (`bayesnu.inference.cross_check`). The steps
themselves are in `bayesnu.inference.compiled.fit`.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from bayesnu.inference import entry_points
from bayesnu.inference.block import HIGH, LOW, pack, size_of
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

Block = NDArray[np.int64]

_blocks: WeakKeyDictionary[Likelihood, Block] = WeakKeyDictionary()
"""A likelihood does not change, and is fitted many times."""


@dataclass(frozen=True)
class Minimum:
    """A minimum of chi2.

    Attributes
    ----------
    x : ndarray, shape (parameters,)
    """

    x: Array
    chi2: float
    converged: bool
    gradient: Array | None = None
    """Of chi2 there, held parameters included; None of a point that no fit has found."""


def minimise(likelihood: Likelihood, start: Array, held: NDArray[np.bool_]) -> Minimum:
    """Minimise chi2 over all parameters that are not held.

    Parameters
    ----------
    start : ndarray, shape (parameters,)
        Moved into the bounds if outside.
    held : ndarray of bool, shape (parameters,)
        Parameters that keep their value.

    Returns
    -------
    Minimum
        A local one; `converged` says whether the last step was small enough.
    """
    return minimise_block(block_of(likelihood), start, held)


def minimise_block(block: Block, start: Array, held: NDArray[np.bool_]) -> Minimum:
    """Minimise chi2 of the likelihood whose numbers are in a block."""
    x = np.array(start, dtype=float)
    out, converged = _run(block, x, held)
    return Minimum(x, float(out[0]), converged, out[1 : 1 + len(x)].copy())


def derivatives(likelihood: Likelihood, x: Array) -> tuple[float, Array, Array]:
    """Return chi2, its gradient and its exact Hessian at one point."""
    size = len(likelihood.names)
    out, _ = _run(block_of(likelihood), np.array(x, dtype=float), np.ones(size, dtype=bool))
    return float(out[0]), out[1 : 1 + size], out[1 + size :].reshape(size, size)


def promised(block: Block, fit: Minimum, held: NDArray[np.bool_]) -> float:
    """Return by how much chi2 would fall with one more step, were it smooth.

    That is next to nothing, unless a fit has stopped at an edge in chi2: where counts reach zero.
    """
    size = size_of(block)
    out, _ = _run(block, fit.x.copy(), np.ones(size, dtype=bool))
    gradient, hessian = out[1 : 1 + size], out[1 + size :].reshape(size, size)
    low, high = (block[block[k] : block[k + 1]].view(float) for k in (LOW, HIGH))
    free = ~held & (fit.x > low) & (fit.x < high)
    step = np.linalg.lstsq(hessian[np.ix_(free, free)], gradient[free])[0]
    return float(0.5 * gradient[free] @ step)


def _run(block: Block, x: Array, held: NDArray[np.bool_]) -> tuple[Array, bool]:
    """Move `x` to the minimum; return chi2 and its derivatives there, and whether it converged."""
    size, kept = size_of(block), np.asarray(held, dtype=np.int64)
    if not len(x) == len(kept) == size:
        raise ValueError(f"{len(x)} values and {len(kept)} marks of {size} parameters")
    out = np.empty(1 + size + size * size)
    converged = entry_points.function("minimise")(
        block.ctypes.data, x.ctypes.data, kept.ctypes.data, out.ctypes.data
    )
    return out, bool(converged)


def block_of(likelihood: Likelihood) -> Block:
    """Return the numbers of a likelihood, packed once."""
    block = _blocks.get(likelihood)
    if block is None:
        block = _blocks[likelihood] = pack(likelihood)
    return block


def best_angles(
    likelihood: Likelihood, x: Array, held: NDArray[np.bool_], points: int = 8
) -> Array:
    """Return a point with its free periodic angles moved to where chi2 is lowest on a grid.

    A fit that starts at one phase may end in a worse minimum, or at a saddle where a moment is
    zero and its phase has no gradient.
    """
    free = [i for i in likelihood.angles if likelihood.parameters[i].periodic and not held[i]]
    if not free:
        return x
    axis = np.linspace(-np.pi, np.pi, points, endpoint=False)
    grid = np.stack(np.meshgrid(*[axis] * len(free), indexing="ij"), axis=-1).reshape(-1, len(free))
    trials = np.repeat(x[None], len(grid) + 1, axis=0)
    trials[1:, free] = grid
    return np.asarray(trials[int(np.argmin(likelihood.chi2(trials)))])
