"""From recoil energy to counts: recoil grid, efficiency, resolution, response matrix.

The response is linear: counts = response @ rate, where `rate` is dR/dT on the nodes of a
recoil grid. Quadrature weights, efficiency, resolution and exposure are all in the matrix.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from bayesnu.experiments.smearing import Smearing
from bayesnu.types import Array

NODES_PER_CELL = 4
CELLS_PER_DECADE = 24
NEARBY = 1e-9
"""Edges closer than this, relative, are one."""
NOTHING = 9.0
"""Less than 1e-18 of a Gaussian lies further from its mean, in widths."""
NODES_AT_ONCE = 32
SQRT_2PI = np.sqrt(2.0 * np.pi)


@dataclass(frozen=True)
class RecoilGrid:
    """Gauss-Legendre nodes in cells whose edges sit on every step of the rate.

    Attributes
    ----------
    energy : ndarray, shape (nodes,)
        True recoil energy, keV, ascending.
    weight : ndarray, shape (nodes,)
        Quadrature weight, keV.
    """

    energy: Array
    weight: Array

    def split(self, points: Iterable[float]) -> RecoilGrid:
        """Return the grid with cell edges at further energies, keV, as far as they are inside."""
        half = 0.5 * self.weight.reshape(-1, NODES_PER_CELL).sum(axis=1)
        middle = self.energy.reshape(-1, NODES_PER_CELL).mean(axis=1)
        low, high = middle - half, middle + half
        new = [p for p in points if ((low + NEARBY * p < p) & (p < high - NEARBY * p)).any()]
        return _on_cells(_distinct(np.concatenate([low, high[-1:], new]))) if new else self


def _distinct(edges: Array) -> Array:
    """Return edges in order, those that rounding alone tells apart as one."""
    edges = np.unique(edges)
    apart = np.diff(edges) > NEARBY * edges[1:]
    return np.asarray(edges[np.concatenate([[True], apart])])


def _on_cells(edges: Array) -> RecoilGrid:
    x, w = np.polynomial.legendre.leggauss(NODES_PER_CELL)
    half = 0.5 * np.diff(edges)
    middle = 0.5 * (edges[1:] + edges[:-1])
    return RecoilGrid((middle[:, None] + half[:, None] * x).ravel(), (half[:, None] * w).ravel())


def recoil_grid(
    low: float,
    high: float,
    steps: Iterable[float] = (),
    *,
    refine: int = 1,
    widest: float = np.inf,
) -> RecoilGrid:
    """Return a recoil grid that is logarithmic and has cell edges at all steps.

    Parameters
    ----------
    low, high : float
        Range, keV.
    steps : iterable of float
        Energies at which the rate may jump (atomic shells, end points of neutrino lines) or
        the efficiency has a kink; keV.
    refine : int
        Factor on the number of cells, to test convergence.
    widest : float
        No cell is wider than this, keV (the resolution must be resolved).
    """
    count = int(np.ceil(np.log10(high / low) * CELLS_PER_DECADE))
    edges = np.geomspace(low, high, count + 1)
    inside = [step for step in steps if low < step < high]
    edges = _distinct(np.concatenate([edges, inside]))
    pieces = np.maximum(np.ceil(np.diff(edges) / widest), 1).astype(int) * refine
    edges = np.concatenate(
        [
            np.linspace(a, b, n, endpoint=False)
            for a, b, n in zip(edges[:-1], edges[1:], pieces, strict=True)
        ]
        + [edges[-1:]]
    )
    return _on_cells(edges)


def response_matrix(
    grid: RecoilGrid,
    edges: Array,
    exposure: float,
    *,
    efficiency: tuple[Array, Array],
    efficiency_energy: str,
    smearing: Smearing | None,
) -> Array:
    """Return the response, shape (bins, nodes), in t yr keV.

    Parameters
    ----------
    edges : ndarray, shape (bins + 1,)
        Bin edges in reconstructed energy, keV.
    exposure : float
        t yr.
    efficiency : (ndarray, ndarray)
        Energy (keV) and efficiency, linear between the points, zero below the first point
        and constant above the last.
    efficiency_energy : {"true", "reconstructed"}
        Which energy it is a function of.
    smearing : Smearing or None
        Mean and width of the Gaussian of the reconstructed energy; None for no smearing.

    Notes
    -----
    With smearing, the integral over each bin is done in closed form: erf for the efficiency
    at true energy, and piece by piece of the linear interpolation for an efficiency at
    reconstructed energy,
    int (e0 + s x') N(x'; m, sigma) dx' = (e0 + s m) [Phi] - s sigma^2 [N], with the mean m(T) and
    the width sigma(T).
    """
    knots, values = efficiency
    at_true = np.interp(grid.energy, knots, values, left=0.0)
    if smearing is None:
        inside = (grid.energy >= edges[:-1, None]) & (grid.energy < edges[1:, None])
        return exposure * inside * (grid.weight * at_true)
    mean, sigma = smearing(grid.energy)
    if efficiency_energy == "true":
        below = ndtr((edges[:, None] - mean) / sigma)
        return np.asarray(exposure * np.diff(below, axis=0) * (grid.weight * at_true))
    return exposure * grid.weight * efficiency_after_smearing(edges, knots, values, mean, sigma)


def efficiency_after_smearing(
    edges: Array, knots: Array, values: Array, mean: Array, sigma: Array
) -> Array:
    """Return integrals of Gaussians times an efficiency over bins, shape (bins, nodes).

    Parameters
    ----------
    knots, values : ndarray
        Of the efficiency: linear, zero below the first point and constant above the last.
    mean, sigma : ndarray, shape (nodes,)
        Ascending.
    """
    points, at, slope = linear_pieces(edges, knots, values)
    begin = np.searchsorted(points, edges)
    result = np.zeros((len(edges) - 1, len(mean)))
    for start in range(0, len(mean), NODES_AT_ONCE):
        nodes = slice(start, start + NODES_AT_ONCE)
        m, width = mean[nodes], sigma[nodes]
        first = max(int(np.searchsorted(edges, (m - NOTHING * width).min())) - 1, 0)
        last = min(int(np.searchsorted(edges, (m + NOTHING * width).max())), len(edges) - 1)
        if first >= last:
            continue
        here = slice(begin[first], begin[last])
        z = (points[begin[first] : begin[last] + 1, None] - m) / width
        rise = slope[here, None]
        pieces = (at[here, None] + rise * (m - points[here, None])) * np.diff(ndtr(z), axis=0)
        pieces -= rise * width * np.diff(np.exp(-0.5 * z**2) / SQRT_2PI, axis=0)
        result[first:last, nodes] = np.add.reduceat(pieces, begin[first:last] - begin[first])
    return result


def integrate_curve(energy: Array, rate: Array, edges: Array) -> Array:
    """Integrate a piecewise-linear curve over bins.

    Parameters
    ----------
    energy, rate : ndarray, shape (points,)
        Curve; zero before its first point (a threshold), constant after its last one.
    edges : ndarray, shape (bins + 1,)

    Returns
    -------
    ndarray, shape (bins,)
    """
    points, at, slope = linear_pieces(edges, energy, rate)
    width = np.diff(points)
    cumulative = np.concatenate([[0.0], np.cumsum((at[:-1] + 0.5 * slope * width) * width)])
    return np.diff(np.interp(edges, points, cumulative))


def linear_pieces(edges: Array, knots: Array, values: Array) -> tuple[Array, Array, Array]:
    """Cut a curve into linear pieces that end at its knots and at the edges of bins.

    It is zero before its first knot, where it jumps to its first value: a figure that ends there
    says nothing of what is below. It is constant after the last one.

    Returns
    -------
    points : ndarray, shape (pieces + 1,)
    at : ndarray, shape (pieces + 1,)
        The curve there.
    slope : ndarray, shape (pieces,)
        Of the curve from a point to the next.
    """
    inside = knots[(knots > edges[0]) & (knots < edges[-1])]
    points = np.unique(np.concatenate([edges, inside]))
    at = np.interp(points, knots, values, left=0.0)
    slope = np.where(points[:-1] < knots[0], 0.0, np.diff(at) / np.diff(points))
    return points, at, slope
