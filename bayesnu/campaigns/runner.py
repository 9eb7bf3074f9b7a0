"""Run a campaign: the same fit many times, each finished one kept, continued where it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from bayesnu import __version__
from bayesnu.campaigns import engines
from bayesnu.campaigns.store import Store
from bayesnu.campaigns.task import Task
from bayesnu.errors import InputError, Interrupted
from bayesnu.interrupt import Interrupt
from bayesnu.results.fits import Fits
from bayesnu.types import Array, Progress

MOST_FITS = 10**8


def run_campaign(
    task: Task,
    number: int,
    *,
    seed: int = 1,
    out: str | Path | None = None,
    resume: bool = False,
    cores: int | None = None,
    client: Any = None,
    progress: Progress | None = None,
    what: str = "fits",
) -> Fits:
    """Do fits 0 to `number` - 1 of a task.

    The results depend on the task and the seed only: not on the engine, the number of
    processes, nor on interruptions.

    Parameters
    ----------
    number : int
        A finished campaign can be resumed with a larger one.
    seed : int
        Every fit has a stream of random numbers of its own, from this and its index.
    out : Path, optional
        Folder that keeps every finished fit at once; without, they are in memory only.
    resume : bool
        Continue the campaign in `out`; refused if its settings differ.
    cores : int, optional
        Processes on this machine (default: all cores); 1 runs in this process.
    client : dask.distributed.Client, optional
        Run on its cluster instead.
    what : str
        The word for a fit, for progress.

    Returns
    -------
    Fits
        After Ctrl-C, those that are finished.

    Raises
    ------
    InputError
        If something given is wrong, or `out` holds another campaign.
    ComputationError
        If the results cannot be written, or workers keep dying.
    Interrupted
        On Ctrl-C before any fit was done.
    """
    if not 1 <= number <= MOST_FITS:
        raise InputError("campaign", "number", found=number, expected=f"in [1, {MOST_FITS}]")
    if not 0 <= seed < 2**32:
        raise InputError("campaign", "seed", found=seed, expected="in [0, 2^32)")
    if cores is not None and cores < 1:
        raise InputError("campaign", "cores", found=cores, expected="at least 1")
    settings = {
        "kind": type(task).__name__,
        "seed": seed,
        **task.settings(),
        "versions": {"bayesnu": __version__, "nutpie": version("nutpie")},
    }
    store = Store(Path(out), settings, task.columns, resume=resume) if out is not None else None
    try:
        rows = store.rows if store is not None else {}
        missing = [index for index in range(number) if index not in rows]
        with Interrupt() as interrupt:
            for index, row in _engine(
                task, seed, missing, lambda: interrupt.requested, cores, client
            ):
                if store is not None:
                    store.add(index, row)
                else:
                    rows[index] = row
                if progress is not None:
                    progress(len(rows) / number, f"{what} {len(rows)}/{number}")
    finally:
        if store is not None:
            store.close()
    if interrupt.requested and not rows:
        raise Interrupted("Interrupted before the first of the fits was done.")
    return collect(rows, task.columns, number)


def _engine(
    task: Task, seed: int, indices: list[int], stop: engines.Stop, cores: int | None, client: Any
) -> Iterator[engines.Result]:
    if not indices:
        return iter(())
    if client is not None:
        return engines.on_dask(task, seed, indices, stop, client)
    wanted = min(cores or engines.available_cores(), len(indices))
    if wanted == 1:
        return engines.in_this_process(task, seed, indices, stop)
    return engines.on_local_cores(task, seed, indices, stop, wanted)


def collect(rows: dict[int, Array], columns: tuple[str, ...], wanted: int) -> Fits:
    """Return rows, as a store keeps them, as a table; those beyond `wanted` are left out."""
    order = sorted(index for index in rows if index < wanted)
    table = np.array([rows[index] for index in order]).reshape(len(order), len(columns) + 2)
    good = table[:, 0] == 0.0
    return Fits(
        columns=columns,
        index=np.array(order, dtype=np.int64)[good],
        values=table[good, 2:],
        seconds=table[good, 1],
        failed=int((~good).sum()),
        wanted=wanted,
    )
