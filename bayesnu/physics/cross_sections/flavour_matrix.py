"""Hermitian matrices of flavours, and products of them, of numbers, arrays or tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bayesnu.physics.cross_sections.electroweak import FLAVOURS, PAIRS

Pair = tuple[str, str]

Element = tuple[str, str, str]
"""Of a density matrix rho: "Re" or "Im" of rho_ab, and its two flavours."""


@dataclass(frozen=True)
class FlavourMatrix:
    """A hermitian matrix, rows and columns e, mu, tau.

    Attributes
    ----------
    diagonal : mapping of flavour to value
    real, imaginary : mapping of pair to value
        Of the elements above the diagonal, by the pairs of
        `bayesnu.physics.cross_sections.electroweak.PAIRS`.
    """

    diagonal: Mapping[str, Any]
    real: Mapping[Pair, Any]
    imaginary: Mapping[Pair, Any]

    # NumPy must leave ``array * matrix`` to __rmul__ instead of looping over elements.
    __array_ufunc__ = None

    def __add__(self, other: FlavourMatrix) -> FlavourMatrix:
        return FlavourMatrix(
            {flavour: one + other.diagonal[flavour] for flavour, one in self.diagonal.items()},
            {pair: one + other.real[pair] for pair, one in self.real.items()},
            {pair: one + other.imaginary[pair] for pair, one in self.imaginary.items()},
        )

    def __mul__(self, factor: Any) -> FlavourMatrix:
        return FlavourMatrix(
            {flavour: _times(factor, one) for flavour, one in self.diagonal.items()},
            {pair: _times(factor, one) for pair, one in self.real.items()},
            {pair: _times(factor, one) for pair, one in self.imaginary.items()},
        )

    __rmul__ = __mul__

    def _element(self, a: str, b: str) -> tuple[Any, Any]:
        """Return the real and the imaginary part of an element."""
        if a == b:
            return self.diagonal[a], 0.0
        if (a, b) in self.real:
            return self.real[a, b], self.imaginary[a, b]
        return self.real[b, a], -self.imaginary[b, a]

    def product(self, other: FlavourMatrix, part: str, a: str, b: str) -> Any:
        """Return what an `Element` of a state rho multiplies in Tr(rho {A, B}) / 2."""
        found: Any = 0.0
        for c in FLAVOURS:
            for one, two in ((self, other), (other, self)):
                (x, y), (u, v) = one._element(a, c), two._element(c, b)
                if part == "Re":
                    found = found + _times(x, u) - _times(y, v)
                else:
                    found = found + _times(x, v) + _times(y, u)
        # An element above the diagonal has its conjugate below.
        return _times(0.5 if a == b else 1.0, found)


def diagonal(values: Mapping[str, Any]) -> FlavourMatrix:
    """Return a diagonal matrix."""
    nothing = dict.fromkeys(PAIRS, 0.0)
    return FlavourMatrix(values, nothing, nothing)


def _times(one: Any, two: Any) -> Any:
    """Return the product; what vanishes stays a number, so that no graph grows by it."""
    if any(isinstance(value, float | int) and value == 0 for value in (one, two)):
        return 0.0
    return one * two
