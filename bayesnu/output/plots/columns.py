"""The draws of a posterior by parameter, with what an axis needs to be labelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bayesnu.types import Array

if TYPE_CHECKING:
    import xarray as xr

    from bayesnu.analyses.limit import LimitRun


@dataclass(frozen=True, eq=False)
class Column:
    """Draws of one parameter.

    Attributes
    ----------
    values : ndarray, shape (chains, draws)
    latex : str
        Symbol; the name where there is none.
    unit : str
    role : str
        ``"signal"``, or what a nuisance is.
    """

    values: Array
    latex: str
    unit: str
    role: str


Columns = dict[str, Column]
"""By name, in the order of the likelihood."""


def columns_of_run(run: LimitRun) -> Columns:
    """Return the draws of a fresh limit; none where there is no posterior."""
    if run.sampled is None:
        return {}
    return {
        p.name: Column(run.sampled.draws[..., index], p.latex or p.name, p.unit, p.role)
        for index, p in enumerate(run.likelihood.parameters)
    }


def columns_of_tree(tree: xr.DataTree) -> Columns:
    """Return the draws of a saved posterior."""
    posterior = tree["posterior"].to_dataset()
    found = {}
    for name in map(str, posterior):
        says = posterior[name].attrs
        found[name] = Column(
            np.asarray(posterior[name]),
            str(says.get("long_name", name)),
            str(says.get("unit", "")),
            str(says.get("role", "")),
        )
    return found
