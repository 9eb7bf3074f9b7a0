"""How the numbers of a likelihood lie in memory, so that few are read, one after the other.

Templates of many components, each with what nuisances of shapes change of it, are the bulk of what
an evaluation reads. Bins that know few of them have tables of their own, templates of one shape are
one column, and a product of factors is one multiplication away from a shorter one: a tree. All of
this is exact.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

Integers = NDArray[np.int64]

AT_ONCE = 8
"""Numbers that a processor may take at once: tables have a multiple of so many columns."""

SHORTEST = 16
"""Bins of the shortest table."""

COST_OF_A_COLUMN = 8
"""What the coefficient of a column costs, in evaluations of a bin."""

SAME_SHAPE = 1e-13
"""Templates that differ by less than this, of their largest bin, have one shape: an efficiency does
to all components the same."""


class Terms(NamedTuple):
    """Terms of different factors; their order does not matter.

    Attributes
    ----------
    factors : ndarray of int, shape (terms, order)
        Filled up with the number one.
    templates : ndarray, shape (terms, bins)
    """

    factors: Integers
    templates: Array


class Tree(NamedTuple):
    """Products of factors, each of a shorter one and one factor.

    Attributes
    ----------
    nodes : ndarray of int, shape (nodes, 2)
        The shorter product, which stands before, and the factor. The first is the number one.
    of : ndarray of int, shape (terms,)
        Which node is the product of each term.
    """

    nodes: Integers
    of: Integers


class Parts(NamedTuple):
    """Tables of templates, each of some neighbouring bins and the products that these know.

    Attributes
    ----------
    spans : ndarray of int, shape (parts, 6)
        First bin and the one after the last, the same of `entries`, the number of columns, and
        where the table begins.
    entries : ndarray of int, shape (entries, 2)
        Node and column: which products make up the coefficient of a column.
    shares : ndarray, shape (entries,)
        How much of it a product is: templates of one shape are one column.
    tables : ndarray
        Of shape (bins, columns) each, one after the other.
    """

    spans: Integers
    entries: Integers
    shares: Array
    tables: Array


def merged(likelihood: Likelihood) -> Terms:
    """Return the terms of a likelihood, those of equal factors summed, and without empty ones."""
    one = len(likelihood.names)
    beyond = np.iinfo(np.int64).max
    rows = np.sort(np.where(likelihood.factors == one, beyond, likelihood.factors), axis=1)
    rows, which = np.unique(rows, axis=0, return_inverse=True)
    templates = np.zeros((len(rows), likelihood.templates.shape[1]))
    np.add.at(templates, which.ravel(), likelihood.templates)
    used = templates.any(axis=1)
    used[0] |= not used.any()  # nothing expected at all is a term too
    return Terms(np.where(rows == beyond, one, rows)[used], templates[used])


def tree_of(factors: Integers, one: int) -> Tree:
    """Return the products of rows of factors, filled up with `one`."""
    often = np.bincount(factors.ravel())
    paths = []
    for row in factors.tolist():
        # What is in many products comes first: then they have more of their beginning in common.
        paths.append(tuple(sorted((f for f in row if f != one), key=lambda f: (-often[f], f))))
    beginnings = {path[:length] for path in paths for length in range(len(path) + 1)}
    # Those that end with the same factor are neighbours: the sum over them stays in a register.
    ordered = sorted(beginnings, key=lambda path: (len(path), path[-1:], path))
    place = {path: number for number, path in enumerate(ordered)}
    nodes = [(place[path[:-1]], path[-1]) if path else (0, one) for path in ordered]
    of = [place[path] for path in paths]
    return Tree(np.array(nodes, dtype=np.int64), np.array(of, dtype=np.int64))


def parts_of(likelihood: Likelihood, templates: Array, of: Integers) -> Parts:
    """Return tables of templates; `of` says which node each is multiplied with."""
    spans, entries, shares, tables = [], [], [], []
    entry = place = 0
    for bins in likelihood.stack:
        for part in _pieces(templates != 0.0, bins.part):
            own = templates[:, part]
            known = np.flatnonzero(own.any(axis=1))
            column, share, shapes = _shapes(own[known])
            shapes = np.pad(shapes, ((0, -len(shapes) % AT_ONCE), (0, 0)))
            spans.append((part.start, part.stop, entry, entry + len(known), len(shapes), place))
            entries.append(np.stack([of[known], column], axis=1))
            shares.append(share)
            tables.append(shapes.T.ravel())
            entry, place = entry + len(known), place + shapes.size
    return Parts(
        np.array(spans, dtype=np.int64),
        np.concatenate(entries),
        np.concatenate(shares),
        np.concatenate(tables),
    )


def _pieces(filled: NDArray[np.bool_], bins: slice) -> list[slice]:
    """Cut bins where that leaves out more of the templates that are empty there than it costs."""

    def cost(piece: slice) -> int:
        known = int(filled[:, piece].any(axis=1).sum())
        return known * int(piece.stop - piece.start + COST_OF_A_COLUMN)

    pieces: list[slice] = []
    for start in range(bins.start, bins.stop, SHORTEST):
        pieces.append(slice(start, min(start + SHORTEST, bins.stop)))
        while len(pieces) > 1:
            both = slice(pieces[-2].start, pieces[-1].stop)
            if cost(both) > cost(pieces[-2]) + cost(pieces[-1]):
                break
            pieces[-2:] = [both]
    return pieces


def _shapes(templates: Array) -> tuple[Integers, Array, Array]:
    """Return which shape each template is, how many times, and the shapes: the largest of each."""
    which = np.argmax(np.abs(templates), axis=1)
    size = templates[np.arange(len(templates)), which]
    unit = templates / size[:, None]
    column = np.zeros(len(templates), dtype=np.int64)
    chosen: list[int] = []
    for row in np.argsort(-np.abs(size)):
        off = np.abs(unit[chosen] - unit[row]).max(axis=1, initial=0.0)
        same = np.flatnonzero(off <= SAME_SHAPE)
        if len(same) == 0:
            chosen.append(int(row))
        column[row] = same[0] if len(same) else len(chosen) - 1
    return column, size / size[chosen][column], templates[chosen]


def spans_of(templates: Array) -> Integers:
    """Return the first bin of every term and the one after its last, shape (terms, 2).

    Of combined experiments a term has counts in few bins.
    """
    filled = templates != 0.0
    last = templates.shape[1] - np.argmax(filled[:, ::-1], axis=1)
    spans = np.stack([np.argmax(filled, axis=1), last], axis=1)
    return np.where(filled.any(axis=1)[:, None], spans, 0).astype(np.int64)
