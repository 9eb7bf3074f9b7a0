"""The numbers of a likelihood as one block of memory, which compiled code reads.

One compilation serves every experiment, signal and data set, as all numbers are arguments.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesnu.inference.layout import AT_ONCE, merged, parts_of, spans_of, tree_of
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

LENGTH, HAS_ANGLES, HAS_BENDS = range(3)
BOUNDS, LOG_NORMAL, LOW, HIGH, CENTRE, WEIGHT, POWER, SCALE = range(3, 11)
FACTORS, SPANS, TEMPLATES, OBSERVED, SIGMA, NODES, PARTS, ENTRIES, SHARES, TABLES, END = range(
    11, 22
)
"""Words before the numbers: how many words there are in all, whether there are cosines and sines,
or bends, and where each array begins; it ends where the next one begins. A fit goes through the
terms one by one (`FACTORS` to `TEMPLATES`), the log-posterior through bins (`NODES` to `TABLES`:
`bayesnu.inference.layout`)."""

HEADER = 22

FINE, BROKEN, OUTSIDE = 0, -1, 4
"""What nutpie is told: go on, stop, treat this point as outside (a divergence)."""

MAX_STEPS = 200
TOLERANCE = 1e-8
"""A step that is expected to lower chi2 by less ends the fit."""

ROUNDING = 1e-11
"""A step that promises less than this share of chi2 cannot be told from rounding."""

FLAT = 1e-4
"""A fit whose second half lowers chi2 by less follows a valley along which chi2 is the same
(moments and phases that a beam cannot tell apart): it has found the minimum, not one point."""


def pack(
    likelihood: Likelihood, bounds: NDArray[np.int64] | None = None, scale: Array | None = None
) -> NDArray[np.int64]:
    """Return a block of eight-byte words, integers and floats mixed.

    `bounds` and `scale` say how the sampler maps each parameter to the line; a fit needs neither.
    """
    n = len(likelihood.names)
    power = np.array([parameter.prior.power for parameter in likelihood.parameters])
    floats = [
        likelihood.low,
        likelihood.high,
        likelihood.centre,
        likelihood.weight,
        power,
        np.zeros(n) if scale is None else scale,
    ]
    terms = merged(likelihood)
    tree = tree_of(terms.factors, n)
    parts = parts_of(likelihood, terms.templates, tree.of)
    body = [
        np.zeros(n, dtype=np.int64) if bounds is None else bounds,
        likelihood.log_normal.astype(np.int64),
        *map(_words, floats),
        np.ravel(terms.factors),
        np.ravel(spans_of(terms.templates)),
        *map(_words, (terms.templates, likelihood.observed, likelihood.sigma)),
        np.ravel(tree.nodes),
        np.ravel(parts.spans),
        np.ravel(parts.entries),
        _words(parts.shares),
        _words(parts.tables),
    ]
    # Tables begin where a processor takes several numbers at once.
    gap = -(HEADER + sum(map(len, body[:-1]))) % AT_ONCE
    body[-2] = np.pad(body[-2], (0, gap))
    places = HEADER + np.cumsum([0, *map(len, body)])
    flags = (likelihood.has_angles, likelihood.has_bends)
    whole = _aligned(int(places[-1]))
    return np.concatenate([[places[-1], *flags, *places], *body], out=whole)


def _aligned(length: int) -> NDArray[np.int64]:
    """Return memory that begins where `AT_ONCE` numbers can be taken at once."""
    whole = np.empty(length + AT_ONCE, dtype=np.int64)
    first = -(whole.ctypes.data // whole.itemsize) % AT_ONCE
    return whole[first : first + length]


def with_data(block: NDArray[np.int64], centre: Array, observed: Array) -> NDArray[np.int64]:
    """Return the block of the same likelihood with other centres of its pulls and other counts."""
    changed = block.copy()
    changed[block[CENTRE] : block[CENTRE + 1]] = _words(centre)
    changed[block[OBSERVED] : block[OBSERVED + 1]] = _words(observed)
    return changed


def size_of(block: NDArray[np.int64]) -> int:
    """Return the number of parameters."""
    return int(block[LOG_NORMAL] - block[BOUNDS])


def _words(values: Array) -> NDArray[np.int64]:
    return np.ascontiguousarray(values, dtype=float).ravel().view(np.int64)
