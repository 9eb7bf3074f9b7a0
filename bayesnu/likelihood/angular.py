"""Likelihoods with angles: parameters that enter through their cosine and sine.

The counts are a polynomial in the parameters and in the cosines and sines of some of them, so
the polynomial likelihood does the work and the chain rule does the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.likelihood.priors import Prior
from bayesnu.types import Array


def cosine(name: str) -> str:
    """Return how a term names the cosine of a parameter."""
    return f"cos {name}"


def sine(name: str) -> str:
    """Return how a term names the sine of a parameter."""
    return f"sin {name}"


def expanded_names(names: tuple[str, ...], angles: tuple[int, ...]) -> tuple[str, ...]:
    """Return the factors that a term may have: parameters, then cosines, then sines."""
    chosen = [names[index] for index in angles]
    return (*names, *map(cosine, chosen), *map(sine, chosen))


@dataclass(frozen=True, eq=False)
class AngularLikelihood(Likelihood):
    """A likelihood whose terms may hold cosines and sines of some parameters.

    Attributes
    ----------
    angles : tuple of int
        Those parameters. `factors` counts on after the parameters: first all cosines, then
        all sines; it is padded with the number after the last sine.
    """

    angles: tuple[int, ...] = ()

    @cached_property
    def _angles(self) -> NDArray[np.int64]:
        return np.array(self.angles, dtype=np.int64)

    @cached_property
    def polynomial(self) -> Likelihood:
        """The same counts as a polynomial of parameters, cosines and sines.

        A periodic parameter has no range in it, and cosines and sines have no prior.
        """
        free = Prior()
        own = [replace(p, prior=free) if p.periodic else p for p in self.parameters]
        names = expanded_names(self.names, self.angles)[len(own) :]
        extra = [Parameter(name, "angle", free) for name in names]
        return Likelihood(
            parameters=(*own, *extra),
            factors=self.factors,
            templates=self.templates,
            labels=self.labels,
            observed=self.observed,
            sigma=self.sigma,
            stack=self.stack,
            provenance=self.provenance,
        )

    def expand(self, x: Array) -> Array:
        """Return parameters, cosines and sines, shape (..., parameters + 2 angles)."""
        angles = x[..., self._angles]
        return np.concatenate([x, np.cos(angles), np.sin(angles)], axis=-1)

    def jacobian_of_expansion(self, x: Array) -> Array:
        """Return d expand / d x at one point, shape (parameters + 2 angles, parameters)."""
        size, count = len(self.parameters), len(self.angles)
        jacobian = np.zeros((size + 2 * count, size))
        jacobian[:size] = np.eye(size)
        angles, rows = x[self._angles], size + np.arange(count)
        jacobian[rows, self._angles] = -np.sin(angles)
        jacobian[rows + count, self._angles] = np.cos(angles)
        return jacobian

    def coefficients(self, x: Array) -> Array:
        """Return the product of factors of every term, shape (..., terms)."""
        return self.polynomial.coefficients(self.expand(x))

    def jacobian_of_coefficients(self, x: Array) -> Array:
        """Return d coefficients / d x, shape (terms, parameters)."""
        inner = self.polynomial.jacobian_of_coefficients(self.expand(x))
        return np.asarray(inner @ self.jacobian_of_expansion(x))

    def _bend(self, x: Array, term_slope: Array) -> Array:
        """Return sum_terms slope * d2 coefficient / dx dx, shape (parameters, parameters)."""
        expanded = self.expand(x)
        jacobian = self.jacobian_of_expansion(x)
        result = jacobian.T @ self.polynomial._bend(expanded, term_slope) @ jacobian
        # The second derivatives of cosine and sine are minus themselves.
        size, count = len(self.parameters), len(self.angles)
        slope = self.polynomial.jacobian_of_coefficients(expanded).T @ term_slope
        curved = slope[size:] * expanded[size:]
        result[self._angles, self._angles] -= curved[:count] + curved[count:]
        return np.asarray(result)

    def with_fixed(self, values: Mapping[str, float]) -> AngularLikelihood:
        """Return the likelihood with some parameters held at values and no longer parameters."""
        held = {
            self.names[i]: values[self.names[i]] for i in self.angles if self.names[i] in values
        }
        everything = dict(values)
        everything |= {cosine(name): float(np.cos(value)) for name, value in held.items()}
        everything |= {sine(name): float(np.sin(value)) for name, value in held.items()}
        reduced = self.polynomial.with_fixed(everything)
        kept = tuple(p for p in self.parameters if p.name not in values)
        names = [p.name for p in kept]
        angles = tuple(names.index(self.names[i]) for i in self.angles if self.names[i] in names)
        return replace(
            self,
            parameters=kept,
            factors=reduced.factors,
            templates=reduced.templates,
            angles=angles,
        )


def best_angles(
    likelihood: Likelihood, x: Array, held: NDArray[np.bool_], points: int = 8
) -> Array:
    """Return a point with its free periodic angles moved to where chi2 is lowest on a grid.

    A fit that starts at one phase may end in a worse minimum, or at a saddle where a moment is
    zero and its phase has no gradient.
    """
    if not isinstance(likelihood, AngularLikelihood):
        return x
    free = [i for i in likelihood.angles if likelihood.parameters[i].periodic and not held[i]]
    if not free:
        return x
    axis = np.linspace(-np.pi, np.pi, points, endpoint=False)
    grid = np.stack(np.meshgrid(*[axis] * len(free), indexing="ij"), axis=-1).reshape(-1, len(free))
    trials = np.repeat(x[None], len(grid) + 1, axis=0)
    trials[1:, free] = grid
    return np.asarray(trials[int(np.argmin(likelihood.chi2(trials)))])
