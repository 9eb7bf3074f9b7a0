"""The credible region of two parameters together: of highest density, each mode on its own grid.

On one grid over all draws, modes that lie far apart fall into a few cells, and a region that is
read off it holds less than it says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayesnu.inference.point_density import groups
from bayesnu.types import Array

BINS = 60
SMOOTH = 1.5
"""Width, in bins, of the kernel that smooths a histogram."""


@dataclass(frozen=True, eq=False)
class RegionOfMode:
    """One mode of a posterior of two parameters.

    Attributes
    ----------
    x, y : ndarray, shape (bins,)
    density : ndarray, shape (bins, bins)
        Probability per unit of both parameters.
    cut : float
        The region is where the density is above it, the same in all modes.
    """

    x: Array
    y: Array
    density: Array
    cut: float


def credible_region(draws: Array, level: float) -> list[RegionOfMode]:
    """Return the region of highest density that holds `level` of the draws.

    Parameters
    ----------
    draws : ndarray, shape (2, draws)
    """
    from scipy.ndimage import gaussian_filter

    modes = []
    for part in _modes(draws):
        counts, *edges = np.histogram2d(
            part[0], part[1], bins=BINS, range=np.array([_range(row) for row in part])
        )
        x, y = (0.5 * (edge[1:] + edge[:-1]) for edge in edges)
        cell = float(np.ptp(x) * np.ptp(y)) / (BINS - 1) ** 2
        density = gaussian_filter(counts, SMOOTH) / (draws.shape[1] * cell)
        modes.append((part, x, y, density))
    # The density at every draw: the level is what the draws say, not the sum over cells.
    heights = np.concatenate([_at(*mode) for mode in modes])
    cut = float(np.quantile(heights, 1.0 - level))
    return [RegionOfMode(x, y, density, cut) for _, x, y, density in modes]


def _modes(draws: Array) -> list[Array]:
    """Return the draws in groups that a gap in either parameter separates."""
    for row in range(2):
        ordered = draws[:, np.argsort(draws[row])]
        parts = groups(ordered[row])
        if len(parts) > 1:
            return [mode for part in parts for mode in _modes(ordered[:, part])]
    return [draws]


def _range(values: Array) -> tuple[float, float]:
    """Return a range a little beyond the draws, so that the smoothed edge has room."""
    margin = 0.08 * float(np.ptp(values)) or 1e-9
    return float(values.min()) - margin, float(values.max()) + margin


def _at(draws: Array, x: Array, y: Array, density: Array) -> Array:
    """Return the density at draws, by the cell that holds each."""
    places = [
        np.clip(np.rint((row - grid[0]) / (grid[1] - grid[0])).astype(int), 0, BINS - 1)
        for row, grid in zip(draws, (x, y), strict=True)
    ]
    return np.asarray(density[places[0], places[1]])
