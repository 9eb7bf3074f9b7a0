"""How recoils become counts: linear in the rate, smooth in the detector's nuisances."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from bayesnu.experiments.detector import RecoilGrid
from bayesnu.likelihood.factors import bend
from bayesnu.types import Array

Factors = tuple[str, ...]
"""Nuisances, or their bends, whose product multiplies a term: () for the nominal one,
("t_qy", "t_qy") for t^2."""

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


@dataclass(frozen=True, eq=False)
class TemplateFold:
    """Terms with bins that a nuisance multiplies by factors, known at +1 and -1 sigma."""

    fold: Fold
    name: str
    up: Array
    down: Array
    multiply: bool

    def __call__(self, grid: RecoilGrid) -> Terms:
        terms = self.fold(grid)
        up, down = (ratio[:, None] * terms[()] for ratio in (self.up, self.down))
        return shape(self.name, up, down, multiply=self.multiply).on(terms)


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

SHAPE_RANGE = 5.0
"""Shapes are held within this many sigma: far out their lines lead all counts below zero."""

LARGEST_RATIO = 4.0
"""Relative changes are cut at this where they multiply: bins that almost nothing reaches would
give differences of rounding errors a large weight."""


ROUNDING = 1e-14
"""Curvatures that are smaller, relative to the largest response, are none."""


@dataclass(frozen=True, eq=False)
class Varied:
    """What is known at -1, 0 and +1 sigma of a nuisance t.

    Attributes
    ----------
    up, down : ndarray
        Response or counts at +1 and -1 sigma, other nuisances at their expectation.
    curve : Factors
        What multiplies ``(up + down) / 2 - nominal``: t^2 or its bend.
    multiply : bool
        Ratios multiply those of nuisances before; otherwise differences add.
    """

    name: str
    up: Array
    down: Array
    curve: Factors
    multiply: bool = False

    def scaled(self, factor: float) -> Varied:
        """Return what is known of a nuisance of something larger."""
        return replace(self, up=factor * self.up, down=factor * self.down)

    def on(self, terms: Terms) -> Terms:
        """Return terms with those of this nuisance: exact at -1, 0 and +1."""
        nominal = terms[()]
        # In place: responses are large, and there are many.
        bent, slope = self.up + self.down, self.up - self.down
        bent *= 0.5
        bent -= nominal
        bent[np.abs(bent) <= ROUNDING * np.abs(nominal).max(initial=0.0)] = 0.0
        slope *= 0.5
        changes = {(self.name,): slope, self.curve: bent}
        if not self.multiply:
            return {**terms, **changes}
        safe = np.where(nominal > 0.0, nominal, 1.0)
        products: dict[Factors, Array] = {}
        for own, change in changes.items():
            ratio = np.where(nominal > 0.0, change / safe, 0.0)
            ratio = np.clip(ratio, -LARGEST_RATIO, LARGEST_RATIO)
            products |= {(*known, *own): term * ratio for known, term in terms.items() if known}
        return {**terms, **changes, **products}


def shape(name: str, up: Array, down: Array, *, multiply: bool = False) -> Varied:
    """Return a nuisance with a parabola within one sigma and lines beyond."""
    return Varied(name, up, down, (bend(name),), multiply)


def yield_terms(terms: Terms, variations: Mapping[str, tuple[Array, Array]]) -> Terms:
    """Return terms with those of yields which are known at -1, 0 and +1 sigma.

    Parameters
    ----------
    variations : mapping of str to (ndarray, ndarray)
        For each nuisance the responses at +1 and -1 sigma, all others at zero; (bins, nodes).

    Returns
    -------
    dict of Factors to ndarray
        R = R0 prod_i (1 + a_i t_i + b_i t_i^2): exact at the published points, parabolas between
        and beyond them. Beyond 2 sigma a parabola can turn negative (yields act near threshold
        and saturate), hence `YIELD_RANGE`; within it the counts of solar neutrinos stay positive
        for all signals, which a test measures.
    """
    for name, (up, down) in variations.items():
        terms = Varied(name, up, down, (name, name), multiply=True).on(terms)
    return terms
