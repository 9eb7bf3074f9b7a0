"""How recoils become counts: linear in the rate, polynomial in the detector's nuisances."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from bayesnu.experiments.detector import RecoilGrid
from bayesnu.types import Array

Factors = tuple[str, ...]
"""Nuisances whose product multiplies a term: () for the nominal one, ("t_qy", "t_qy") for t^2."""

Terms = dict[Factors, Array]

Target = Literal["electrons", "nuclei"]

Fold = Callable[[RecoilGrid], Terms]
"""How recoils on a grid become counts: matrices of shape (bins, nodes), t yr keV."""


@dataclass(frozen=True, eq=False)
class Response:
    """The response to recoils of one kind of target.

    counts = sum over terms of (product of the factors) * matrix @ dR/dT.

    Attributes
    ----------
    target : {"electrons", "nuclei"}
    terms : dict of Factors to ndarray, shape (bins, nodes)
        t yr keV; the term () is the response with all nuisances at their expectation.
    fold : callable
        Computes the terms on any grid.
    """

    target: Target
    grid: RecoilGrid
    terms: Terms
    fold: Fold = field(repr=False)

    @property
    def nominal(self) -> Array:
        """Response with all nuisances at their expectation, shape (bins, nodes)."""
        return self.terms[()]

    def split(self, points: Iterable[float]) -> Response:
        """Return the response on a grid that has cell edges at further recoil energies, keV."""
        grid = self.grid.split(points)
        return self if grid is self.grid else folded(self.target, grid, self.fold)

    def responding(self, change: Callable[[Fold], Fold]) -> Response:
        """Return the response with other terms."""
        fold = change(self.fold)
        return self if fold is self.fold else folded(self.target, self.grid, fold)

    def scaled(self, factor: float) -> Response:
        """Return the response of another exposure."""
        terms = {factors: factor * term for factors, term in self.terms.items()}
        return Response(self.target, self.grid, terms, ScaledFold(self.fold, factor))


@dataclass(frozen=True)
class ScaledFold:
    """Terms times a factor: no closure, so that experiments can go to other processes."""

    fold: Fold
    factor: float

    def __call__(self, grid: RecoilGrid) -> Terms:
        return {factors: self.factor * term for factors, term in self.fold(grid).items()}


def folded(target: Target, grid: RecoilGrid, fold: Fold) -> Response:
    """Return a response on a grid."""
    return Response(target, grid, fold(grid), fold)


YIELD_RANGE = 2.0
"""A yield nuisance, standard normal, is held within this many sigma: see `yield_terms`."""

LARGEST_RATIO = 4.0
"""Relative changes are cut at this where they multiply: bins that almost nothing reaches would
give differences of rounding errors a large weight."""


def yield_terms(nominal: Array, variations: Mapping[str, tuple[Array, Array]]) -> Terms:
    """Return a response that depends smoothly on yields which are known at -1, 0 and +1 sigma.

    Parameters
    ----------
    nominal : ndarray, shape (bins, nodes)
    variations : mapping of str to (ndarray, ndarray)
        For each nuisance the responses at +1 and -1 sigma, the others at zero.

    Returns
    -------
    dict of Factors to ndarray
        R = R0 prod_i (1 + a_i t_i + b_i t_i^2): exact at the published points, parabolas between
        and beyond them. Beyond 2 sigma a parabola can turn negative (yields act near threshold
        and saturate), hence `YIELD_RANGE`; within it the counts of solar neutrinos stay positive
        for all signals, which a test measures.
    """
    terms: Terms = {(): nominal}
    safe = np.where(nominal > 0.0, nominal, 1.0)
    for name, (up, down) in variations.items():
        changes = {(name,): 0.5 * (up - down), (name, name): 0.5 * (up + down) - nominal}
        products: dict[Factors, Array] = {}
        for own, change in changes.items():
            ratio = np.where(nominal > 0.0, change / safe, 0.0)
            ratio = np.clip(ratio, -LARGEST_RATIO, LARGEST_RATIO)
            products |= {(*known, *own): term * ratio for known, term in terms.items() if known}
        terms |= changes | products
    return terms
