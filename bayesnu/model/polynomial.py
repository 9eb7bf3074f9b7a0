"""Expected counts as an exact polynomial in a signal's parameters."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from bayesnu.errors import InputError
from bayesnu.model.rate import RecoilRate
from bayesnu.physics.signals.base import Signal
from bayesnu.types import Array

Monomial = tuple[str, ...]
"""A product of parameters, sorted by name: () is 1, ("q_ee", "q_ee") is q_ee^2."""

Expansion = dict[str, dict[Monomial, Array]]
"""Terms of the counts by flux component and monomial, shape (response factors, bins) each."""


CHECKS = (1.0, 10.0)
"""Where an expansion is compared with the formula: at random points of up to so many typical
sizes in every parameter at once, never beyond the prior's range. Data decide in this range."""

TOLERANCE = 1e-6
"""Of the signal's own part of the counts. Differences of counts are exact to 1e-16 of the whole,
and a signal is solved for where it is about as large as the rest: a polynomial misses by 1e-11
at most, any other function (of another degree, an exponential) by parts in ten."""


def expansion(
    rate: RecoilRate, signal: Signal, free: Sequence[str], fixed: Mapping[str, float]
) -> Expansion:
    """Return the terms of the counts as exact polynomials in the free parameters.

    The same formulas are evaluated at a few points and the coefficients solved for: exact,
    because the counts are polynomials of known degree.

    Parameters
    ----------
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
    probes = np.array([probe_of(rate, signal, name, fixed) for name in free])
    points = _points(len(free), monomials, free) * probes
    design = np.array([[_value(m, free, x / probes) for m in monomials] for x in points])
    samples: dict[str, list[Array]] = {component: [] for component in rate.source.flux}
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


SHOWS = 1e-3
"""Of the counts: an effect as small as this still leaves its square, and that of the square, many
digits."""


def probe_of(rate: RecoilRate, signal: Signal, name: str, fixed: Mapping[str, float]) -> float:
    """Return a size at which a parameter has an effect, to extract polynomials.

    A heavy mediator is seen at couplings that are larger than usual by its mass: at the usual size
    the highest powers would be lost in roundings.
    """
    meta = signal.parameter(name)
    size = meta.probe
    if not any(fixed.get(p.name, 0.0) > 0.0 for p in signal.parameters if p.shape):
        return size
    without = _total(rate.count_terms(signal, fixed))
    while 10.0 * size <= meta.reach:
        effect = np.abs(_total(rate.count_terms(signal, {**fixed, name: size})) - without)
        if effect.max() > SHOWS * without.max():
            break
        size *= 10.0
    return size


def _total(terms: Mapping[str, Array]) -> Array:
    return np.asarray(sum(own[0] for own in terms.values()))


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


def check_expansion(
    found: Expansion,
    rate: RecoilRate,
    signal: Signal,
    free: Sequence[str],
    fixed: Mapping[str, float],
) -> None:
    """Compare an expansion with the formula at random points.

    Raises
    ------
    InputError
        If the counts are no polynomial of the stated degree.
    """
    # The same points each time: whether a signal is accepted must not depend on luck.
    rng = np.random.default_rng(zlib.crc32(" ".join((signal.tag, *free)).encode()))
    probes = {name: probe_of(rate, signal, name, fixed) for name in free}
    for size in CHECKS:
        values = {}
        for name in free:
            meta = signal.parameter(name)
            share = rng.uniform(0.1, 1.0) * (1.0 if meta.one_sided else rng.choice([-1.0, 1.0]))
            values[name] = float(share) * min(size * probes[name], meta.reach)
        x = np.array([values[name] for name in free])
        with np.errstate(all="ignore"):
            exact = rate.count_terms(signal, dict(fixed) | values)
        for component, counts in exact.items():
            terms = {m: t * _value(m, free, x) for m, t in found[component].items()}
            sum_, own = np.zeros_like(counts), 0.0
            for monomial, term in terms.items():
                sum_ = sum_ + term
                own += float(np.abs(term).max()) if monomial else 0.0
            rest = float(np.abs(terms[()]).max()) if () in terms else 0.0
            miss = np.abs(counts - sum_).max()
            if not miss <= TOLERANCE * own + 1e-9 * rest:
                at = ", ".join(f"{name} = {value:.3g}" for name, value in values.items())
                raise InputError(
                    f"signal {signal.tag}",
                    "degree",
                    found=f"counts that are no polynomial of degree {signal.degree} (at {at})",
                    expected="their degree, or shape=True for a parameter in which they are none",
                )
