"""Expected counts as an exact polynomial in a signal's parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bayesnu.model.rate import SolarRate
from bayesnu.physics.signals.base import Signal
from bayesnu.types import Array

Monomial = tuple[str, ...]
"""A product of parameters, sorted by name: () is 1, ("q_ee", "q_ee") is q_ee^2."""

Expansion = dict[str, dict[Monomial, Array]]
"""Terms of the counts by flux component and monomial, shape (response factors, bins) each."""


def expansion(
    rate: SolarRate, signal: Signal, free: Sequence[str], fixed: Mapping[str, float]
) -> Expansion:
    """Return the terms of the counts as exact polynomials in the free parameters.

    The same formulas are evaluated at a few points and the coefficients solved for: exact,
    because the counts are polynomials of known degree.

    Parameters
    ----------
    rate : SolarRate
    signal : Signal
    free : sequence of str
        Parameters that stay variables.
    fixed : mapping
        Values of the others, in O(1) units.

    Returns
    -------
    dict of str to dict of Monomial to ndarray, shape (len(rate.factors), bins)
        By flux component; monomials that vanish are left out.
    """
    monomials = _monomials(tuple(free), signal.degree)
    probes = np.array([signal.parameter(name).probe for name in free])
    points = _points(len(free), monomials, free) * probes
    design = np.array([[_value(m, free, x / probes) for m in monomials] for x in points])
    samples: dict[str, list[Array]] = {component: [] for component in rate.sun.flux}
    for x in points:
        values = dict(fixed) | dict(zip(free, map(float, x), strict=True))
        for component, terms in rate.count_terms(signal, values).items():
            samples[component].append(terms.ravel())
    shape = (len(rate.factors), rate.experiment.bins)
    result: dict[str, dict[Monomial, Array]] = {}
    for component, rows in samples.items():
        solution = np.linalg.solve(design, np.array(rows))
        size = np.abs(solution).max()
        result[component] = {
            monomial: (coefficient / _value(monomial, free, probes)).reshape(shape)
            for monomial, coefficient in zip(monomials, solution, strict=True)
            if np.abs(coefficient).max() > 1e-12 * size
        }
    return result


def _monomials(free: tuple[str, ...], degree: int) -> list[Monomial]:
    monomials: list[Monomial] = [()]
    frontier: list[Monomial] = [()]
    for _ in range(degree):
        frontier = sorted({tuple(sorted((*m, name))) for m in frontier for name in free})
        monomials += frontier
    return monomials


def _value(monomial: Monomial, free: Sequence[str], x: Array) -> float:
    index = {name: i for i, name in enumerate(free)}
    return float(np.prod([x[index[name]] for name in monomial]))


def _points(count: int, monomials: list[Monomial], free: Sequence[str]) -> Array:
    """Return as many points as monomials, well conditioned: one on each monomial's lattice site.

    A monomial p^a q^b sits at (t_a, t_b) with t = 0, 1, -1, 2, -2, ...: the interpolation
    problem on such a lower set is always solvable.
    """
    ladder = [0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0]
    return np.array([[ladder[m.count(name)] for name in free] for m in monomials]).reshape(
        len(monomials), count
    )
