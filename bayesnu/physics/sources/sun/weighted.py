"""Moments of a flux times a probability that is a variable: linear in its values at a few energies.

A probability with matter effects is smooth on the scale of a few MeV. It is replaced by the
polynomial through its values at Chebyshev points, whose moments are computed once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from bayesnu.physics.sources.sun.flux_moments import flux_moments
from bayesnu.physics.sources.sun.oscillation import OscillationParameters, cosine_in_matter
from bayesnu.physics.sources.sun.spectra import endpoint_energy
from bayesnu.types import Array

POINTS = 40
"""The polynomial misses the probability by 10^-9: it falls by two with each further point."""


def weighted_moments(component: str, threshold: Array, probability: Callable[[Array], Any]) -> Any:
    """Return the moments of a unit-normalised spectrum times a probability.

    Parameters
    ----------
    threshold : ndarray, shape (n,)
        Smallest neutrino energy, MeV.
    probability : callable
        Energies, MeV -> values: an array, or a tensor; several rows of them have an axis of their
        own in what is returned.

    Returns
    -------
    array or tensor, shape (4, n) or (4, rows, n)
    """
    values, matrix = probability(_points(component)), _matrix(component, threshold.tobytes())
    if isinstance(values, np.ndarray):
        flat = matrix @ values.T
    else:
        from bayesnu.physics.product import product

        flat = product(_held(component, threshold.tobytes()), values.T)
    if values.ndim == 1:
        return flat.reshape((4, len(threshold)))
    return flat.reshape((4, len(threshold), values.shape[0])).transpose(0, 2, 1)


def with_cosine(
    component: str, threshold: Array, parameters: OscillationParameters, model: str
) -> tuple[Array, Any]:
    """Return the moments of a spectrum, and those of it times cos(2 theta_12) in matter.

    Returns
    -------
    (array, array or tensor)
        Shapes (4, n), or (4, 1, n) and (4, suns, n) if the parameters are those of several suns.
    """
    cosine = weighted_moments(
        component, threshold, lambda e: cosine_in_matter(e, component, parameters, model)
    )
    total = flux_moments(component, threshold)
    return (total if cosine.ndim == 2 else total[:, None]), cosine


@lru_cache(maxsize=32)
def _matrix(component: str, thresholds: bytes) -> Array:
    """Return what makes moments of values at the points, shape (4 n, points)."""
    found = flux_moments(component, np.frombuffer(thresholds), _basis(component))
    return found.reshape(-1, POINTS)


@lru_cache(maxsize=32)
def _held(component: str, thresholds: bytes) -> Any:
    """Return the same as a graph holds it, once: flavours and mass states have it in common."""
    from bayesnu.physics.product import held

    return held(_matrix(component, thresholds))


@lru_cache(maxsize=16)
def _points(component: str) -> Array:
    chebyshev = np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
    return np.asarray(0.5 * 1.001 * endpoint_energy(component) * (1.0 - chebyshev))


@lru_cache(maxsize=16)
def _basis(component: str) -> Callable[[Array], Array]:
    """Return the polynomials that are one at one of the points and zero at the others."""
    points = _points(component)
    angle = np.pi * (np.arange(POINTS) + 0.5) / POINTS
    weight = (-1.0) ** np.arange(POINTS) * np.sin(angle)

    def evaluate(energy: Array) -> Array:
        # Tables go on beyond the end of the spectrum, where there is nothing to weigh.
        distance = np.minimum(energy, 1.001 * endpoint_energy(component))[..., None] - points
        # At a point itself its own polynomial is one: the barycentric formula, with a limit.
        distance = np.where(distance == 0.0, 1e-300, distance)
        terms = weight / distance
        return np.asarray(terms / terms.sum(axis=-1, keepdims=True))

    return evaluate
