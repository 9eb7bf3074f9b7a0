"""A Delta chi2 map of two parameters as plain values."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bayesnu.results.held import Held
from bayesnu.results.plain import plain
from bayesnu.types import Array, Floats, Interval, SavedArray

REFINE = 8


@dataclass(frozen=True, eq=False)
class Contour(Held):
    """A Delta chi2 map of two parameters, computed, saved and drawn."""

    parameters: tuple[str, str]
    units: tuple[str, str]
    x: SavedArray
    """Shape (nx,)."""
    y: SavedArray
    """Shape (ny,)."""
    delta_chi2: SavedArray
    """Shape (ny, nx)."""
    best_fit: tuple[float, float]
    chi2_min: float
    cuts: Floats
    """Cuts that the grid encloses, for `dof` degrees of freedom in the order of `levels`."""
    notes: tuple[str, ...] = ()
    """What has to be said beside it: a parameter at an end of its range."""
    latex: tuple[str, str] = ("", "")
    experiments: tuple[str, ...] = ()
    signal: str = ""
    free: tuple[str, ...] = ()
    """All signal parameters that were fitted."""
    fixed: dict[str, float] = field(default_factory=dict)
    """Every value that was held."""
    fixed_units: dict[str, str] = field(default_factory=dict)
    levels: Floats = ()
    dof: int = 2

    @property
    def fit(self) -> str:
        """Whether other parameters of the signal were free."""
        return "marginal" if len(self.free) > 2 else "one-at-a-time"

    def lines(self, cut: float) -> list[Array]:
        """Return the boundary of the region below a cut: closed lines, shape (points, 2).

        Lines end at the edge of the grid only where a parameter's range ends.
        """
        from contourpy import contour_generator

        x, y, values = self._fine()
        return [np.asarray(line) for line in contour_generator(x, y, values).lines(cut)]

    def reach(self, cut: float) -> tuple[Interval, Interval]:
        """Return the range of each parameter inside the region below a cut."""
        lines = self.lines(cut)
        if not lines:
            return (None, None), (None, None)
        points = np.concatenate(lines)
        (a, b), (c, d) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        return (a, c), (b, d)

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
        """Return it as plain values, as ``bayesnu contour --json`` prints it."""
        return {
            **plain(self, "experiments", "signal", "fit", "free", "fixed", "fixed_units"),
            **plain(self, "levels", "dof", "parameters", "units", "latex", "best_fit"),
            **plain(self, "chi2_min", "notes", "x", "y", "delta_chi2"),
            "contours": [
                {"cut": cut, "lines": [line.tolist() for line in self.lines(cut)]}
                for cut in self.cuts
            ],
        }
