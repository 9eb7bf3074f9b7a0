"""Expected counts of a likelihood, what they say of the data, and the pulls."""

from __future__ import annotations

import numpy as np

from bayesnu.inference import block
from bayesnu.inference.compiled.memory import (
    BIN_SLOPE,
    EXPECTED,
    INTO,
    LOG,
    SLOPE,
    VALUE,
    Words,
    X,
    floats,
    integer_table,
    size_of,
    table,
    terms_of,
)
from bayesnu.inference.compiled.sums import add_multiple, compiled, dot, fill, logarithm
from bayesnu.likelihood.likelihood import COUNTS_FLOOR
from bayesnu.types import Array


@compiled  # type: ignore[untyped-decorator]
def owner(factor: int, size: int) -> int:
    """Return the parameter that a factor is of; `size` for the number one."""
    if factor <= size:
        return factor
    at = factor - size - 1
    if at >= size:
        at -= size
    return at if at < size else at - size


@compiled  # type: ignore[untyped-decorator]
def evaluate_factors(words: Words, room: Words) -> None:
    """Write the parameters, one, the cosines, sines and bends, and their derivatives."""
    size = size_of(words)
    x, value, slope = floats(room, X), floats(room, VALUE), floats(room, SLOPE)
    for i in range(size):
        value[i], slope[i] = x[i], 1.0
    value[size], slope[size] = 1.0, 0.0
    if words[block.HAS_ANGLES]:
        for i in range(size):
            cosine, sine = np.cos(x[i]), np.sin(x[i])
            value[size + 1 + i], slope[size + 1 + i] = cosine, -sine
            value[2 * size + 1 + i], slope[2 * size + 1 + i] = sine, cosine
    if words[block.HAS_BENDS]:
        for i in range(size):
            inside = min(max(x[i], -1.0), 1.0)
            # t^2 up to one, 2 |t| - 1 beyond
            value[3 * size + 1 + i] = (2.0 * x[i] - inside) * inside
            slope[3 * size + 1 + i] = 2.0 * inside


@compiled  # type: ignore[untyped-decorator]
def derivative_of_product(value: Array, slope: Array, factors: Words, place: int) -> float:
    """Return the derivative of a product by the parameter at one of its places."""
    product = slope[factors[place]]
    for other in range(len(factors)):
        if other != place:
            product *= value[factors[other]]
    return product


@compiled  # type: ignore[untyped-decorator]
def length_of_product(factors: Words, size: int) -> int:
    """Return how many factors there are before the ones that fill a row up."""
    length = len(factors)
    while length > 0 and factors[length - 1] == size:
        length -= 1
    return length


@compiled  # type: ignore[untyped-decorator]
def evaluate_counts(words: Words, room: Words) -> None:
    """Write the expected counts, not below their floor, and their logarithms."""
    evaluate_factors(words, room)
    terms = terms_of(words)
    factors, spans = (
        integer_table(words, block.FACTORS, terms),
        integer_table(words, block.SPANS, terms),
    )
    templates = table(words, block.TEMPLATES, terms)
    value, expected = floats(room, VALUE), floats(room, EXPECTED)
    fill(0.0, expected)
    for t in range(terms):
        product = 1.0
        for k in range(factors.shape[1]):
            product *= value[factors[t, k]]
        first, last = spans[t, 0], spans[t, 1]
        add_multiple(product, templates[t, first:last], expected[first:last])
    for b in range(len(expected)):
        expected[b] = max(expected[b], COUNTS_FLOOR)
    logarithm(expected, floats(room, LOG))


@compiled  # type: ignore[untyped-decorator]
def project(words: Words, room: Words) -> None:
    """Write the derivative by the product of each term, from those by the counts."""
    terms = terms_of(words)
    spans, templates = (
        integer_table(words, block.SPANS, terms),
        table(words, block.TEMPLATES, terms),
    )
    slope, into = floats(room, BIN_SLOPE), floats(room, INTO)
    for t in range(terms):
        first, last = spans[t, 0], spans[t, 1]
        into[t] = dot(slope[first:last], templates[t, first:last])


@compiled  # type: ignore[untyped-decorator]
def pull(x: float, centre: float, weight: float, log_normal: int) -> tuple[float, float, float]:
    """Return what a prior, Gaussian in x or in ln x, adds to chi2, and its two derivatives."""
    if log_normal:
        off = np.log(x / centre)
        # (ln x)'' = -1 / x^2
        return off * off * weight, 2.0 * off * weight / x, 2.0 * weight * (1.0 - off) / (x * x)
    off = (x - centre) * weight
    return off * (x - centre), 2.0 * off, 2.0 * weight
