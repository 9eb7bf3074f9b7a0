"""Counts before and after a fit with their bands, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bayesnu.results.expectation import ENERGY_AXIS
from bayesnu.types import SavedArray

TOTAL = "total"


@dataclass(frozen=True, eq=False)
class Band:
    """The counts of a component before and after the fit, one standard deviation wide.

    Attributes
    ----------
    prefit, prefit_error, fit, fit_error : ndarray, shape (bins,)
        Parameters that nothing is known of beforehand add nothing to the width before the fit.
    """

    name: str
    prefit: SavedArray
    prefit_error: SavedArray
    fit: SavedArray
    fit_error: SavedArray


@dataclass(frozen=True, eq=False)
class FitSpectra:
    """The spectra of one experiment before and after a fit.

    Attributes
    ----------
    bands : tuple of Band
        One for each component, and the total.
    """

    experiment: str
    axis: str
    edges: SavedArray
    observed: SavedArray
    bands: tuple[Band, ...]

    @property
    def in_energy(self) -> bool:
        """Whether the bins are in energy."""
        return self.axis == ENERGY_AXIS

    def rows(self) -> list[list[str]]:
        """Return a table with a header, one row a bin and component, as a CSV file has it."""
        edge = "_keV" if self.in_energy else ""
        head = ["experiment", f"low{edge}", f"high{edge}", "observed", "component"]
        head += ["prefit", "prefit_error", "fit", "fit_error"]
        table = [head]
        for band in self.bands:
            values = (band.prefit, band.prefit_error, band.fit, band.fit_error)
            for i, numbers in enumerate(zip(*values, strict=True)):
                where = [f"{self.edges[i]:g}", f"{self.edges[i + 1]:g}", f"{self.observed[i]:g}"]
                own = [f"{number:.6g}" for number in numbers]
                table.append([self.experiment, *where, band.name, *own])
        return table

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "experiment": self.experiment,
            "axis": self.axis,
            "edges": np.asarray(self.edges).tolist(),
            "observed": np.asarray(self.observed).tolist(),
            "components": [
                {
                    "name": band.name,
                    "prefit": band.prefit.tolist(),
                    "prefit_error": band.prefit_error.tolist(),
                    "fit": band.fit.tolist(),
                    "fit_error": band.fit_error.tolist(),
                }
                for band in self.bands
            ],
        }
