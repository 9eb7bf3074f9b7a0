"""What of a saved run goes into tables for others: limits, curves, posterior densities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayesnu.output.names import file_name
from bayesnu.results.limit import Limit
from bayesnu.results.record import Curve
from bayesnu.saved.runs import SavedFit, SavedRun
from bayesnu.types import Array

DENSITY_BINS = 60


@dataclass(frozen=True)
class Density:
    """A histogram of draws, normalised to one.

    Attributes
    ----------
    edges : ndarray, shape (bins + 1,)
    height : ndarray, shape (bins,)
        Per unit of the parameter.
    """

    edges: Array
    height: Array


def curve_of(fit: SavedFit) -> Curve | None:
    """Return the Delta chi2 curve of a limit."""
    return fit.record.curve if fit.record is not None else None


def density_of(fit: SavedFit) -> Density | None:
    """Return the histogram of the draws of the parameter of interest, None without a posterior."""
    draws = fit.draws()
    if draws is None:
        return None
    height, edges = np.histogram(draws, bins=DENSITY_BINS, density=True)
    return Density(edges, height)


def limits_of(run: SavedRun) -> list[tuple[SavedFit, Limit]]:
    """Return the fits that have a limit, with it."""
    return [(fit, fit.limit) for fit in run.fits if fit.limit is not None]


def stem_of(fit: SavedFit) -> str:
    """Return a name for the files of a fit."""
    return file_name(fit.name.partition("-")[2] or fit.parameter)
