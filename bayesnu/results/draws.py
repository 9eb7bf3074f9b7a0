"""Draws of a posterior as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayesnu.types import Array


@dataclass(frozen=True)
class Mode:
    """One mode of a posterior with several."""

    bounds: dict[str, tuple[float, float]]
    """Ranges that were cut to separate it."""
    best: dict[str, float]
    """Its minimum of chi2."""
    weight: float
    """Share of the posterior."""
    weight_error: float
    r_hat: float
    """The worst of all parameters within the mode, as the effective sizes."""
    ess_bulk: float
    divergences: int
    ess_tail: float = np.inf


@dataclass(frozen=True)
class Sampled:
    """What a sampler returns."""

    draws: Array
    """Shape (chains, draws, parameters)."""
    statistics: dict[str, Array]
    """Shape (chains, draws)."""
    complete: bool
    """False if it was interrupted."""
    modes: tuple[Mode, ...] = ()
    """Empty if there is one mode."""
    method: str = "NUTS"
    """How they were drawn, as results say it."""


@dataclass(frozen=True, eq=False)
class Column:
    """Draws of one parameter, with what an axis needs to be labelled."""

    values: Array
    """Shape (chains, draws)."""
    latex: str
    """Symbol; the name where there is none."""
    unit: str
    role: str
    """``"signal"``, or what a nuisance is."""


Columns = dict[str, Column]
"""The draws of a posterior by name, in the order of the likelihood."""
