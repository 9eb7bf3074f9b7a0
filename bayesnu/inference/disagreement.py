"""The errors of the ends of a limit whose draws have not converged.

A Monte Carlo error that is made from draws supposes that they are from the posterior, correlated as
they may be. Chains that have not converged sit apart, or have not been everywhere, and that
supposition is wrong. What they do show is how far apart the limits of their parts are: each half of
each chain has its own, and their scatter around the printed end, not divided by a root of their
number, is its error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from bayesnu.results.draws import Sampled
from bayesnu.types import Interval

FEWEST = 4
"""Draws in half of a chain that have a limit."""


def errors_of_parts(
    sampled: Sampled,
    intervals: Sequence[Interval],
    errors: Sequence[Interval],
    limit_of: Callable[[Sampled], Sequence[Interval]],
) -> tuple[Interval, ...]:
    """Return the errors of ends, no smaller than the stated ones.

    Parameters
    ----------
    intervals, errors
        Of all draws.
    limit_of : callable
        Reads intervals off other draws.

    Returns
    -------
    tuple of Interval
        Empty if no error is known: a part has no such end.
    """
    parts = [limit_of(part) for part in _halves(sampled)]
    found = []
    for pair, stated in zip(intervals, errors, strict=True):
        ends: list[float | None] = []
        for side, (end, error) in enumerate(zip(pair, stated, strict=True)):
            if end is None:
                ends.append(None)
                continue
            others = [[x[side] for x in part if x[side] is not None] for part in parts]
            if not others or not all(others):
                return ()
            nearest = [min(abs(x - end) for x in each if x is not None) for each in others]
            ends.append(max(float(np.sqrt(np.mean(np.square(nearest)))), error or 0.0))
        found.append((ends[0], ends[1]))
    return tuple(found)


def _halves(sampled: Sampled) -> Iterator[Sampled]:
    """Yield both halves of every chain."""
    chains, length, _ = sampled.draws.shape
    half = length // 2
    if half < FEWEST:
        return
    for chain in range(chains):
        for rows in (slice(0, half), slice(length - half, length)):
            yield replace(
                sampled,
                draws=sampled.draws[chain : chain + 1, rows],
                statistics={k: v[chain : chain + 1, rows] for k, v in sampled.statistics.items()},
            )
