"""Draws of a posterior as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayesnu.types import Array


@dataclass(frozen=True)
class Mode:
    """One mode of a posterior with several.

    Attributes
    ----------
    bounds : dict of str to (float, float)
        Ranges that were cut to separate it.
    best : dict of str to float
        Its minimum of chi2.
    weight, weight_error : float
        Share of the posterior.
    r_hat, ess_bulk, ess_tail : float
        The worst of all parameters within the mode.
    """

    bounds: dict[str, tuple[float, float]]
    best: dict[str, float]
    weight: float
    weight_error: float
    r_hat: float
    ess_bulk: float
    divergences: int
    ess_tail: float = np.inf


@dataclass(frozen=True)
class Sampled:
    """What a sampler returns.

    Attributes
    ----------
    draws : ndarray, shape (chains, draws, parameters)
    statistics : dict of str to ndarray, shape (chains, draws)
    complete : bool
        False if it was interrupted.
    modes : tuple of Mode
        Empty if there is one mode.
    method : str
        How they were drawn, as results say it.
    """

    draws: Array
    statistics: dict[str, Array]
    complete: bool
    modes: tuple[Mode, ...] = ()
    method: str = "NUTS"


@dataclass(frozen=True, eq=False)
class Column:
    """Draws of one parameter, with what an axis needs to be labelled.

    Attributes
    ----------
    values : ndarray, shape (chains, draws)
    latex : str
        Symbol; the name where there is none.
    role : str
        ``"signal"``, or what a nuisance is.
    """

    values: Array
    latex: str
    unit: str
    role: str


Columns = dict[str, Column]
"""The draws of a posterior by name, in the order of the likelihood."""
