"""Saved scans: Delta chi2 curves and regions as plain numbers, which can be drawn again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from bayesnu.results.curve import Profile
from bayesnu.results.region import Contour
from bayesnu.types import Floats, Interval


@dataclass(frozen=True)
class ProfileRecord:
    """A Delta chi2 curve of one or several experiments, as ``bayesnu profile --json`` has it.

    Attributes
    ----------
    experiments : tuple of str
    signal, parameter, unit, latex, fit : str
    free : tuple of str
        All signal parameters that were fitted.
    level : float
    dof : int
    threshold : float
    best_fit, chi2_min : float
    minima : tuple of float
    intervals : tuple of Interval
    values, delta_chi2 : tuple of float
    fixed : dict of str to float
        Every value that was held.
    fixed_units : dict of str to str
    """

    experiments: tuple[str, ...]
    signal: str
    parameter: str
    unit: str
    latex: str
    fit: str
    free: tuple[str, ...]
    level: float
    dof: int
    threshold: float
    best_fit: float
    chi2_min: float
    minima: Floats
    intervals: tuple[Interval, ...]
    values: Floats
    delta_chi2: Floats
    fixed: dict[str, float] = field(default_factory=dict)
    fixed_units: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The experiments."""
        return " + ".join(self.experiments)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    def profile(self) -> Profile:
        """Return the curve as a `Profile`, interpolated between its points."""
        values, delta = np.array(self.values), np.array(self.delta_chi2)
        return Profile(
            parameter=self.parameter,
            unit=self.unit,
            values=values,
            delta_chi2=delta,
            best_fit=self.best_fit,
            chi2_min=self.chi2_min,
            best_point={self.parameter: self.best_fit},
            minima=self.minima,
            one_sided=False,
            lower_bound=float(values[0]),
            upper_bound=float(values[-1]),
            _evaluate=lambda x: float(np.interp(x, values, delta)),
        )


@dataclass(frozen=True)
class ContourLines:
    """Closed lines at one cut, each a tuple of points."""

    cut: float
    lines: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True)
class ContourRecord:
    """A Delta chi2 map of two parameters, as ``bayesnu contour --json`` has it.

    Attributes
    ----------
    experiments : tuple of str
    signal, fit : str
    free : tuple of str
    levels : tuple of float
    dof : int
    parameters, units, latex : (str, str)
    best_fit : (float, float)
    chi2_min : float
    x, y : tuple of float
    delta_chi2 : tuple of tuple of float
        Rows of equal y.
    contours : tuple of ContourLines
        In the order of `levels`.
    fixed : dict of str to float
        Every value that was held.
    fixed_units : dict of str to str
    """

    experiments: tuple[str, ...]
    signal: str
    fit: str
    free: tuple[str, ...]
    levels: Floats
    dof: int
    parameters: tuple[str, str]
    units: tuple[str, str]
    latex: tuple[str, str]
    best_fit: tuple[float, float]
    chi2_min: float
    x: Floats
    y: Floats
    delta_chi2: tuple[Floats, ...]
    contours: tuple[ContourLines, ...]
    fixed: dict[str, float] = field(default_factory=dict)
    fixed_units: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The experiments."""
        return " + ".join(self.experiments)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    def contour(self) -> Contour:
        """Return the map as a `Contour`."""
        return Contour(
            parameters=self.parameters,
            units=self.units,
            x=np.array(self.x),
            y=np.array(self.y),
            delta_chi2=np.array(self.delta_chi2),
            best_fit=self.best_fit,
            chi2_min=self.chi2_min,
            cuts=tuple(lines.cut for lines in self.contours),
        )

    def reach(self, cut: float) -> tuple[Interval, Interval]:
        """Return the range of each parameter inside the region below a cut."""
        lines = next(entry.lines for entry in self.contours if entry.cut == cut)
        points = np.array([point for line in lines for point in line]).reshape(-1, 2)
        if not len(points):
            return (None, None), (None, None)
        low, high = points.min(axis=0), points.max(axis=0)
        return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))
