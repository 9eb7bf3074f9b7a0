"""A time axis: what share of each component of a source arrives in each bin."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.format.nuclear_recoil import NuclearRecoilFile, Run
from bayesnu.files.tables import Table
from bayesnu.physics.source import SourceOptions
from bayesnu.types import Array

PIECES = 50
"""Of a bin, within which the efficiency is taken as constant."""


def arrival_shares(
    path: Path, file: NuclearRecoilFile, components: Iterable[str], table: Callable[[str], Table]
) -> dict[str, Array]:
    """Return for each component the share that arrives, and is accepted, in each bin of all runs.

    Returns
    -------
    dict of str to ndarray, shape (bins,)
        Empty where no run has a time axis.

    Raises
    ------
    InputError
        If the source has no distribution in time, or times do not ascend.
    """
    if all(run.time is None for run in file.runs.values()):
        return {}
    return {
        component: np.concatenate(
            [_of_run(path, run, file.source, component, table) for run in file.runs.values()]
        )
        for component in components
    }


def _of_run(
    path: Path, run: Run, source: SourceOptions, component: str, table: Callable[[str], Table]
) -> Array:
    observed = table(run.observed.table)
    if run.time is None:
        return np.ones(len(observed))
    low, high = observed.column(run.time.low), observed.column(run.time.high)
    if (high <= low).any():
        row = int(np.argmax(high <= low))
        raise InputError(
            observed.path,
            f"{run.time.high}, row {row + 1}",
            found=f"{high[row]:g}",
            expected=f"more than {low[row]:g}",
        )
    shares = {
        (a, b): _accepted(np.linspace(a, b, PIECES + 1), run, source, component, table)
        for a, b in set(zip(low.tolist(), high.tolist(), strict=True))
    }
    return np.array([shares[bin_] for bin_ in zip(low.tolist(), high.tolist(), strict=True)])


def _accepted(
    edges: Array, run: Run, source: SourceOptions, component: str, table: Callable[[str], Table]
) -> float:
    """Return the share that arrives between the first and the last edge, times the efficiency."""
    arriving = source.time_shares(component, edges)
    assert run.time is not None
    if run.time.efficiency is None:
        return float(arriving.sum())
    curve = table(run.time.efficiency)
    time = curve.column("time_us", ascending=True)
    efficiency = curve.column("efficiency", minimum=0.0, maximum=1.0)
    return float(arriving @ np.interp(0.5 * (edges[1:] + edges[:-1]), time, efficiency))
