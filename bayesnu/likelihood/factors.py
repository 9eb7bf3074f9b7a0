"""Factors of a term: a parameter, its cosine, or its sine.

Of n parameters, factor i < n is parameter i. Factor n is the number one, with which short
products are filled up; n + 1 + i is the cosine of parameter i, and 2 n + 1 + i its sine.
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


def factor_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of all factors of these parameters, in their order."""
    return (*names, "1", *map(cosine, names), *map(sine, names))


def owners(count: int) -> Factors:
    """Return the parameter that each factor is of; `count` for the number one."""
    own = np.arange(count)
    return np.concatenate([own, [count], own, own])


def values(x: Array) -> Array:
    """Return the values of all factors, shape (..., 3 parameters + 1)."""
    one = np.ones((*np.shape(x)[:-1], 1))
    return np.concatenate([x, one, np.cos(x), np.sin(x)], axis=-1)


def slopes(x: Array) -> Array:
    """Return the derivative of each factor by its parameter, shape (3 parameters + 1,)."""
    return np.concatenate([np.ones(len(x)), [0.0], -np.sin(x), np.cos(x)])


def products(x: Array, factors: Factors, has_angles: bool) -> Array:
    """Return the products of the rows of a table of factors, shape (..., rows)."""
    if has_angles:
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
    left = np.full(3 * count + 1, len(kept), dtype=np.int64)
    for block, start in ((0, 0), (count + 1, len(kept) + 1), (2 * count + 1, 2 * len(kept) + 1)):
        left[block + np.array(kept, dtype=int)] = start + np.arange(len(kept))
    return left[factors], np.prod(multiplier[factors], axis=1)
