"""Factors of a term: a parameter, its cosine, its sine, or its bend.

Of n parameters, factor i < n is parameter i. Factor n is the number one, with which short
products are filled up; n + 1 + i is the cosine of parameter i, 2 n + 1 + i its sine, and
3 n + 1 + i its bend: t^2 up to one, 2 |t| - 1 beyond, with a continuous slope. Counts that are
known at t = -1, 0, +1 are N + t (up - down) / 2 + bend(t) ((up + down) / 2 - N): a parabola through
the three, and straight lines beyond (HistFactory's interpolation code 2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesnu.types import Array

Factors = NDArray[np.int64]


def cosine(name: str) -> str:
    """Return how a term names the cosine of a parameter."""
    return f"cos {name}"


def sine(name: str) -> str:
    """Return how a term names the sine of a parameter."""
    return f"sin {name}"


def bend(name: str) -> str:
    """Return how a term names the bend of a parameter."""
    return f"bend {name}"


def factor_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of all factors of these parameters, in their order."""
    return (*names, "1", *map(cosine, names), *map(sine, names), *map(bend, names))


def owners(count: int) -> Factors:
    """Return the parameter that each factor is of; `count` for the number one."""
    own = np.arange(count)
    return np.concatenate([own, [count], own, own, own])


def values(x: Array) -> Array:
    """Return the values of all factors, shape (..., 4 parameters + 1)."""
    one = np.ones((*np.shape(x)[:-1], 1))
    return np.concatenate([x, one, np.cos(x), np.sin(x), bent(x)], axis=-1)


def bent(x: Array) -> Array:
    """Return the bend of parameters."""
    return np.where(np.abs(x) <= 1.0, x**2, 2.0 * np.abs(x) - 1.0)


def slopes(x: Array) -> Array:
    """Return the derivative of each factor by its parameter, shape (4 parameters + 1,)."""
    bends = 2.0 * np.clip(x, -1.0, 1.0)
    return np.concatenate([np.ones(len(x)), [0.0], -np.sin(x), np.cos(x), bends])


def products(x: Array, factors: Factors, plain: bool) -> Array:
    """Return the products of the rows of a table of factors, shape (..., rows).

    They are `plain` where there are parameters only, which saves the rest.
    """
    if not plain:
        value = values(x)
    else:
        value = np.concatenate([x, np.ones((*np.shape(x)[:-1], 1))], axis=-1)
    return np.asarray(np.prod(value[..., factors], axis=-1))


def jacobian(x: Array, factors: Factors) -> Array:
    """Return the derivatives of the products at one point, shape (rows, parameters)."""
    count, (rows, order) = len(x), factors.shape
    value, slope = values(x), slopes(x)
    result = np.zeros((rows, count + 1))
    for place in range(order):
        others = np.prod(value[np.delete(factors, place, axis=1)], axis=1)
        chosen = factors[:, place]
        result[np.arange(rows), owners(count)[chosen]] += others * slope[chosen]
    return result[:, :-1]


def hold(factors: Factors, fixed: dict[int, float], count: int) -> tuple[Factors, Array]:
    """Return the table of the parameters that are left, and what the held ones multiply.

    Parameters
    ----------
    factors : ndarray of int, shape (rows, order)
    fixed : dict of int to float
        Values of some of `count` parameters.
    """
    kept = [index for index in range(count) if index not in fixed]
    x = np.array([fixed.get(index, 0.0) for index in range(count)])
    held = np.isin(owners(count), list(fixed))
    multiplier = np.where(held, values(x), 1.0)
    left = np.full(4 * count + 1, len(kept), dtype=np.int64)
    left[kept] = np.arange(len(kept))
    for block in (1, 2, 3):  # cosines, sines, bends
        start = block * len(kept) + 1
        left[block * count + 1 + np.array(kept, dtype=int)] = start + np.arange(len(kept))
    return left[factors], np.prod(multiplier[factors], axis=1)
