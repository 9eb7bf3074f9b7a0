"""Expected counts by tables of a few bins each, and what their slopes say of products and factors.

How the tables are made says `bayesnu.inference.layout`.
"""

from __future__ import annotations

import numba
import numpy as np

from bayesnu.inference import block
from bayesnu.inference.compiled.memory import (
    BIN_SLOPE,
    COLUMN,
    EXPECTED,
    INTO_FACTOR,
    INTO_NODE,
    NODE,
    VALUE,
    Words,
    entries_of,
    floats,
    integer_table,
    nodes_of,
)
from bayesnu.inference.compiled.sums import (
    add_four,
    add_multiple,
    compiled,
    dot,
    fill,
    four_dots,
    pointer,
)
from bayesnu.types import Array

PART = 6
"""Words that say where the table of a part is."""


@compiled  # type: ignore[untyped-decorator]
def parts_of(words: Words) -> int:
    """Return the number of tables."""
    return (words[block.ENTRIES] - words[block.PARTS]) // PART


@compiled  # type: ignore[untyped-decorator]
def span_of(words: Words, part: int) -> Words:
    """Return the words that say where the table of a part is."""
    at = words[block.PARTS] + PART * part
    return words[at : at + PART]


@compiled  # type: ignore[untyped-decorator]
def table_of(words: Words, span: Words) -> Array:
    """Return a table, shape (bins, columns)."""
    place = words.ctypes.data + 8 * (words[block.TABLES] + span[5])
    return numba.carray(pointer(place), (span[1] - span[0], span[4]), np.float64)


@compiled  # type: ignore[untyped-decorator]
def evaluate_products(words: Words, room: Words) -> None:
    """Write the products of factors: each is a shorter one, which stands before, and a factor."""
    nodes = integer_table(words, block.NODES, nodes_of(words))
    factor, node = floats(room, VALUE), floats(room, NODE)
    node[0] = 1.0
    for k in range(1, len(nodes)):
        node[k] = node[nodes[k, 0]] * factor[nodes[k, 1]]


@compiled  # type: ignore[untyped-decorator]
def add_counts(words: Words, room: Words, part: int) -> None:
    """Write the expected counts of a part."""
    span = span_of(words, part)
    entries = integer_table(words, block.ENTRIES, entries_of(words))
    shares, node = floats(words, block.SHARES), floats(room, NODE)
    rows, value = table_of(words, span), floats(room, COLUMN)[: span[4]]
    expected = floats(room, EXPECTED)[span[0] : span[1]]
    fill(0.0, value)
    for e in range(span[2], span[3]):
        value[entries[e, 1]] += shares[e] * node[entries[e, 0]]
    whole = len(rows) - len(rows) % 4
    for b in range(0, whole, 4):
        four = four_dots(rows[b : b + 4], value)
        expected[b], expected[b + 1], expected[b + 2], expected[b + 3] = four
    for b in range(whole, len(rows)):
        expected[b] = dot(rows[b], value)


@compiled  # type: ignore[untyped-decorator]
def project_part(words: Words, room: Words, part: int) -> None:
    """Add the derivatives by the products, from those by the counts of a part."""
    span = span_of(words, part)
    entries = integer_table(words, block.ENTRIES, entries_of(words))
    shares, by_node = floats(words, block.SHARES), floats(room, INTO_NODE)
    rows, by_value = table_of(words, span), floats(room, COLUMN)[: span[4]]
    slope = floats(room, BIN_SLOPE)[span[0] : span[1]]
    fill(0.0, by_value)
    whole = len(rows) - len(rows) % 4
    for b in range(0, whole, 4):
        add_four(slope[b], slope[b + 1], slope[b + 2], slope[b + 3], rows[b : b + 4], by_value)
    for b in range(whole, len(rows)):
        add_multiple(slope[b], rows[b], by_value)
    for e in range(span[2], span[3]):
        by_node[entries[e, 0]] += shares[e] * by_value[entries[e, 1]]


@compiled  # type: ignore[untyped-decorator]
def project_products(words: Words, room: Words) -> None:
    """Write the derivatives by the factors, from those by the products.

    Back through the tree: what comes after a product has told it all that it depends on.
    """
    nodes = integer_table(words, block.NODES, nodes_of(words))
    factor, node = floats(room, VALUE), floats(room, NODE)
    by_factor, by_node = floats(room, INTO_FACTOR), floats(room, INTO_NODE)
    fill(0.0, by_factor)
    last, along = 0, 0.0
    for k in range(len(nodes) - 1, 0, -1):
        before, own = nodes[k, 0], nodes[k, 1]
        if own != last:
            by_factor[last] += along
            last, along = own, 0.0
        by_node[before] += by_node[k] * factor[own]
        along += by_node[k] * node[before]
    by_factor[last] += along
