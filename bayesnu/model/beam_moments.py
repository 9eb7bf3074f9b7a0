"""The effective moment squared of a beam as terms of a likelihood."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import cos, sin

import numpy as np
from numpy.typing import NDArray

from bayesnu.likelihood.factors import cosine, sine
from bayesnu.model.nuisances.oscillation import ANGLES, DELTA, pulls_and_phase
from bayesnu.physics.moments.beams import Beam
from bayesnu.physics.moments.mixing import mixing_matrix
from bayesnu.physics.signals.fundamental_moments import FundamentalMoments, Vector
from bayesnu.physics.sources.sun.oscillation import OscillationParameters
from bayesnu.physics.treatment import Oscillation
from bayesnu.types import ComplexArray

Factors = tuple[str, ...]

BeamOf = Callable[[OscillationParameters], Beam]
"""A beam at values of the mixing angles."""


def oscillation_parameters(entry: Oscillation, **changes: float) -> OscillationParameters:
    """Return the mixing parameters of a file's entry, some of them changed."""
    values = {name: getattr(entry, name) for name in (*ANGLES, "dm2_21_eV2", DELTA)} | changes
    return OscillationParameters(**values)


def effective_moment_terms(
    beam: BeamOf,
    signal: FundamentalMoments,
    entry: Oscillation,
    free: Sequence[str],
    fixed: Mapping[str, float],
) -> dict[Factors, float]:
    """Return mu^2 of a beam as a sum of coefficients times products of factors.

    In the sizes of moments, and the cosines and sines of the phases and of delta_cp, it is an
    exact polynomial. In the sin^2 of the mixing angles it is expanded to first order, as the
    solar counts are.

    Parameters
    ----------
    signal : FundamentalMoments
        Whose parameters they are: of Majorana or of Dirac neutrinos.
    free : sequence of str
        Parameters that stay variables.
    fixed : mapping
        Values of the others, 1e-11 mu_B and radian; zero if not named.

    Returns
    -------
    dict of factors to float
        (1e-11 mu_B)^2; factors are parameters, ``cos phi_1``, ``sin delta_cp`` and the like.
    """
    nuisances = {parameter.name for parameter in pulls_and_phase(entry)}
    result: dict[Factors, float] = {}
    for pull, form_terms in _expanded_forms(beam, signal, entry, nuisances):
        for delta, form in form_terms.items():
            for vector in signal.vectors:
                for moments, value in _hermitian_terms(form, vector).items():
                    kept, factor = _substitute(moments, set(free), fixed)
                    key = tuple(sorted((*pull, *delta, *kept)))
                    result[key] = result.get(key, 0.0) + value * factor
    size = max(map(abs, result.values()), default=0.0)
    return {key: value for key, value in result.items() if abs(value) > 1e-12 * size}


def _expanded_forms(
    beam: BeamOf, signal: FundamentalMoments, entry: Oscillation, nuisances: set[str]
) -> list[tuple[Factors, dict[Factors, ComplexArray]]]:
    """Return the quadratic form, and its derivatives by the pulls, by powers of delta_cp."""
    with_delta = DELTA in nuisances
    forms: list[tuple[Factors, dict[Factors, ComplexArray]]] = [
        ((), _by_delta(beam, signal, entry, with_delta, {}))
    ]
    for name in ANGLES:
        if f"pull_{name}" in nuisances:
            value, sigma = getattr(entry, name), getattr(entry, f"sigma_{name}")
            up, down = (
                _by_delta(beam, signal, entry, with_delta, {name: value + sign * sigma})
                for sign in (1.0, -1.0)
            )
            forms.append(((f"pull_{name}",), {key: 0.5 * (up[key] - down[key]) for key in up}))
    return forms


def _by_delta(
    beam: BeamOf,
    signal: FundamentalMoments,
    entry: Oscillation,
    with_delta: bool,
    changes: dict[str, float],
) -> dict[Factors, ComplexArray]:
    """Return the quadratic form by powers of cos and sin of delta_cp, which go up to two."""

    def form(**more: float) -> ComplexArray:
        parameters = oscillation_parameters(entry, **changes, **more)
        return signal.form(beam(parameters), mixing_matrix(parameters))

    if not with_delta:
        return {(): form()}
    deltas = 2.0 * np.pi * np.arange(5) / 5
    values = np.array([form(delta_cp=float(delta)) for delta in deltas])
    c, s = cosine(DELTA), sine(DELTA)
    basis: dict[Factors, NDArray[np.float64]] = {
        (): np.ones(5),
        (c,): np.cos(deltas),
        (s,): np.sin(deltas),
        (c, c): np.cos(deltas) ** 2,
        (c, s): np.cos(deltas) * np.sin(deltas),
    }
    solution = np.linalg.solve(np.array(list(basis.values())).T, values.reshape(5, 9))
    return {key: row.reshape(3, 3) for key, row in zip(basis, solution, strict=True)}


def _hermitian_terms(form: ComplexArray, vector: Vector) -> dict[Factors, float]:
    """Return v^dagger A v by products of sizes, cosines and sines.

    The parts of A_ij e^{i (phi_j - phi_i)} with its conjugate: 2 Re A_ij cos - 2 Im A_ij sin.
    """
    result: dict[Factors, float] = {}
    for i in range(3):
        result[(vector[i][0], vector[i][0])] = float(form[i, i].real)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        sizes = (vector[i][0], vector[j][0])
        for (a, first), (b, second) in product(
            _phase_factor(vector[j][1], 1), _phase_factor(vector[i][1], -1)
        ):
            # Re(A a b): a and b are 1 or i times +-1.
            value = 2.0 * float((form[i, j] * first * second).real)
            key = (*sizes, *a, *b)
            result[key] = result.get(key, 0.0) + value
    return result


def _phase_factor(name: str | None, sign: int) -> list[tuple[Factors, complex]]:
    """Return e^{+-i phi} as cosine and sine."""
    if name is None:
        return [((), 1.0)]
    return [((cosine(name),), 1.0), ((sine(name),), sign * 1j)]


def _substitute(
    moments: Factors, free: set[str], fixed: Mapping[str, float]
) -> tuple[Factors, float]:
    """Put numbers for the parameters that are not free."""
    kept: list[str] = []
    value = 1.0
    for factor in moments:
        kind, _, name = factor.rpartition(" ")
        if name in free:
            kept.append(factor)
        else:
            number = fixed.get(name, 0.0)
            value *= {"cos": cos, "sin": sin}[kind](number) if kind else number
    return tuple(kept), value
