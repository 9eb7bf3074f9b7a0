"""A Delta chi2 map of two parameters as plain values."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayesnu.types import Array

REFINE = 8


@dataclass(frozen=True)
class Contour:
    """A Delta chi2 map of two parameters.

    Attributes
    ----------
    parameters : (str, str)
    units : (str, str)
    x, y : ndarray, shape (nx,) and (ny,)
    delta_chi2 : ndarray, shape (ny, nx)
    best_fit : (float, float)
    chi2_min : float
    cuts : tuple of float
        Cuts that the grid encloses.
    notes : tuple of str
        What has to be said beside it: a parameter at an end of its range.
    """

    parameters: tuple[str, str]
    units: tuple[str, str]
    x: Array
    y: Array
    delta_chi2: Array
    best_fit: tuple[float, float]
    chi2_min: float
    cuts: tuple[float, ...]
    notes: tuple[str, ...] = ()

    def lines(self, cut: float) -> list[Array]:
        """Return the boundary of the region below a cut: closed lines, shape (points, 2).

        Lines end at the edge of the grid only where a parameter's range ends.
        """
        from contourpy import contour_generator

        x, y, values = self._fine()
        return [np.asarray(line) for line in contour_generator(x, y, values).lines(cut)]

    def area(self, cut: float) -> float:
        """Return the area of the region below a cut, in the product of the units."""
        from contourpy import FillType, contour_generator

        x, y, values = self._fine()
        generator: Any = contour_generator(x, y, values, fill_type=FillType.OuterOffset)
        total = 0.0
        for points, offsets in zip(*generator.filled(-np.inf, cut), strict=True):
            for start, stop in itertools.pairwise(offsets):
                px, py = points[start:stop, 0], points[start:stop, 1]
                # The shoelace formula; holes run the other way and count negative.
                total += 0.5 * float(px[:-1] @ py[1:] - px[1:] @ py[:-1])
        return abs(total)

    def _fine(self) -> tuple[Array, Array, Array]:
        """Return the map on a finer grid, by a bicubic spline."""
        from scipy.interpolate import RectBivariateSpline

        spline = RectBivariateSpline(self.y, self.x, self.delta_chi2, kx=3, ky=3)
        x, y = (
            np.interp(np.arange(REFINE * (len(axis) - 1) + 1) / REFINE, np.arange(len(axis)), axis)
            for axis in (self.x, self.y)
        )
        return x, y, np.asarray(spline(y, x))

    def to_dict(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "parameters": list(self.parameters),
            "units": list(self.units),
            "best_fit": list(self.best_fit),
            "chi2_min": self.chi2_min,
            "notes": list(self.notes),
            "x": self.x.tolist(),
            "y": self.y.tolist(),
            "delta_chi2": self.delta_chi2.tolist(),
            "contours": [
                {"cut": cut, "lines": [line.tolist() for line in self.lines(cut)]}
                for cut in self.cuts
            ],
        }
