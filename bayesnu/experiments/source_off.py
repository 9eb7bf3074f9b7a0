"""Data without the source, and backgrounds of which nothing else is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bayesnu.experiments.backgrounds import Background, norm_prior
from bayesnu.experiments.experiment import SourceOff
from bayesnu.experiments.format import background as entries
from bayesnu.experiments.format.electron_recoil import EnergyFile
from bayesnu.experiments.observed import read_observed
from bayesnu.files.tables import Table
from bayesnu.types import Array


def read_source_off(
    path: Path, file: EnergyFile, edges: Array, table: Callable[[str], Table]
) -> SourceOff | None:
    """Return the data without the source, if the file has any."""
    entry = file.source_off
    if entry is None:
        return None
    observed = read_observed(path, entry.observed, edges, table)
    return SourceOff(f"{path.stem}-off", entry.exposure_t_yr / file.exposure_t_yr, observed)


def free_bins(
    path: Path, name: str, entry: entries.Background, off: SourceOff | None
) -> Background:
    """Return a background with a norm for every bin, of the size that data without source have.

    Where they have no event the unit is one event.
    """
    assert off is not None and off.observed is not None
    counts = np.maximum(off.observed, 1.0) / off.exposure
    free = norm_prior(path, f"backgrounds.{name}", entry.prior, float(counts.sum()))
    label = entry.label or name
    return Background(name, label, {(): counts}, None, free, None, (), "derived", free_bins=True)
