"""Expected counts along one parameter, given all others: a polynomial in few products of it."""

from __future__ import annotations

import numpy as np

from bayesnu.likelihood.factors import owners, products
from bayesnu.likelihood.likelihood import COUNTS_FLOOR, Likelihood
from bayesnu.types import Array


class Along:
    """The terms of a likelihood, those that have the same of one parameter together."""

    def __init__(self, likelihood: Likelihood, index: int) -> None:
        self.likelihood, self.index = likelihood, index
        count, factors = len(likelihood.names), likelihood.factors
        own = owners(count)[factors] == index
        self._others = np.where(own, count, factors)
        mine = np.sort(np.where(own, factors, count), axis=1)
        self._mine, which = np.unique(mine, axis=0, return_inverse=True)
        self._terms = [np.flatnonzero(which.ravel() == kind) for kind in range(len(self._mine))]
        self._plain = not (likelihood.has_angles or likelihood.has_bends)

    def points(self, x: Array) -> Array:
        """Return points with the parameter at values, shape (values, parameters)."""
        points = np.repeat(self.likelihood.start[None], len(x), axis=0)
        points[:, self.index] = x
        return points

    def expected(self, others: Array, x: Array) -> Array:
        """Return counts at values of the parameter, shape (points, values, bins).

        Parameters
        ----------
        others : ndarray, shape (points, parameters)
            What it is itself there does not matter.
        """
        rest = products(others, self._others, self._plain)
        templates = self.likelihood.templates
        each = np.stack([rest[:, terms] @ templates[terms] for terms in self._terms], axis=1)
        counts = products(self.points(x), self._mine, self._plain) @ each
        return np.asarray(np.maximum(counts, COUNTS_FLOOR, out=counts))
