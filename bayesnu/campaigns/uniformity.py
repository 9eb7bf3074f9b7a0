"""Are ranks uniform? Empirical distribution functions with simultaneous bands.

After T. Säilynoja, P.-C. Bürkner and A. Vehtari, Statistics and Computing 32 (2022) 32,
arXiv:2103.10522: at each evaluation point the number of values below it is binomial; the band's
pointwise level is set by simulation so that 95% of uniform samples stay inside everywhere. The
p-value is the share of uniform samples whose most extreme point is at least as extreme.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import bdtr

from bayesnu.results.calibration import Uniformity
from bayesnu.types import Array

POINTS = 100
SIMULATIONS = 10_000
BATCH = 500


def uniformity(values: Array, *, level: float = 0.95) -> Uniformity:
    """Compare values with the uniform distribution on (0, 1)."""
    size = len(values)
    z = np.arange(1, POINTS) / POINTS
    table, extremes = _reference(size)
    counts = np.searchsorted(np.sort(values), z, side="right")
    extreme = float(table[np.arange(len(z)), counts].min())
    # Counts are discrete: an extreme equal to a simulated one differs by rounding only.
    p_value = (1.0 + float((extremes <= extreme * (1.0 + 1e-9)).sum())) / (1.0 + len(extremes))
    pointwise = float(np.quantile(extremes, 1.0 - level))
    inside = table >= pointwise
    low = np.argmax(inside, axis=1) / size
    high = (size - np.argmax(inside[:, ::-1], axis=1)) / size
    return Uniformity(z, counts / size, low, high, p_value)


@lru_cache(maxsize=8)
def _reference(size: int) -> tuple[Array, Array]:
    """Return two-sided tail probabilities of every count, and the extremes of uniform samples.

    Returns
    -------
    table : ndarray, shape (points, size + 1)
        2 min(P(count <= k), P(count >= k)), at most 1.
    extremes : ndarray, shape (SIMULATIONS,)
        The smallest of them over all points, for samples that are uniform.
    """
    z = np.arange(1, POINTS) / POINTS
    counts = np.arange(size + 1)
    below = bdtr(counts[None, :].astype(float), size, z[:, None])
    above = np.concatenate([np.ones((len(z), 1)), 1.0 - below[:, :-1]], axis=1)
    table = np.minimum(2.0 * np.minimum(below, above), 1.0)
    rng = np.random.default_rng(20250101)
    extremes = []
    for _ in range(SIMULATIONS // BATCH):
        bins = rng.multinomial(size, np.full(POINTS, 1.0 / POINTS), size=BATCH)
        drawn = np.cumsum(bins, axis=1)[:, :-1]
        extremes.append(table[np.arange(len(z)), drawn].min(axis=1))
    return table, np.concatenate(extremes)
