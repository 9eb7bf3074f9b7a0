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
        Energies, MeV -> values: an array, or a tensor.

    Returns
    -------
    array or tensor, shape (4, n)
    """
    moments = flux_moments(component, threshold, _basis(component))
    flat = moments.reshape(-1, POINTS) @ probability(_points(component))
    return flat.reshape((4, len(threshold)))


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
