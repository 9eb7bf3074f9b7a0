"""Where fits run: in this process, in several on this machine, or on a Dask cluster.

Each engine takes a task and indices, and yields results as they finish, in any order. A worker
that dies takes no result with it: what it was doing is done again by another.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import numpy as np

from bayesnu.campaigns.dask_client import Workers
from bayesnu.campaigns.processes import follow_parent, starting
from bayesnu.campaigns.task import Task, seed_of
from bayesnu.errors import ComputationError, Interrupted
from bayesnu.types import Array

Result = tuple[int, Array]
"""Index, and the row: failed (0 or 1), seconds, and the task's own numbers."""

Stop = Callable[[], bool]
"""Whether no more fits should be begun."""

AHEAD = 3
"""Tasks handed out for each worker before the first of them is back."""

MOST_DEATHS = 3
"""Workers may die so many times without any fit being finished in between."""

START_SECONDS = 3.0
"""What a process takes to start."""

POLL_SECONDS = 0.2

DASK_FEWEST = 200
"""Fits handed to a cluster at any time: a cluster that grows with its work must see some."""

COUNT_SECONDS = 2.0
"""How often the cores of a cluster are counted: workers join and leave."""


def one_fit(task: Task, seed: int, index: int) -> Result:
    """Do one fit; a fit that fails becomes a row that says so.

    Raises
    ------
    Interrupted
        On Ctrl-C: then there is no row.
    """
    began = time.perf_counter()
    try:
        row = task.run(index, seed_of(seed, index))
        values = [0.0, time.perf_counter() - began, *(row[name] for name in task.columns)]
    except Interrupted:
        raise
    except ComputationError:
        values = [1.0, time.perf_counter() - began, *(np.nan for _ in task.columns)]
    return index, np.array(values, dtype=float)


def in_this_process(task: Task, seed: int, indices: Sequence[int], stop: Stop) -> Iterator[Result]:
    """Fit one after the other."""
    for index in indices:
        if stop():
            return
        try:
            yield one_fit(task, seed, index)
        except Interrupted:
            return


_task: Task
"""The task of a worker process, set once when the process starts."""


def _start_worker(task: Task) -> None:
    global _task
    _task = task
    follow_parent()


def _fit_in_worker(seed: int, index: int) -> Result:
    return one_fit(_task, seed, index)


def on_local_cores(
    task: Task, seed: int, indices: Sequence[int], stop: Stop, cores: int
) -> Iterator[Result]:
    """Fit in several processes; each compiles once, and those that die are replaced."""
    remaining = dict.fromkeys(indices)
    deaths = 0
    while remaining and not stop():
        # Fresh interpreters: a fork would copy the threads' locks in whatever state they are.
        with starting():
            pool = ProcessPoolExecutor(
                min(cores, len(remaining)),
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_start_worker,
                initargs=(task,),
            )
        try:
            for result in _through_pool(pool, seed, list(remaining), stop, AHEAD * cores):
                deaths = 0
                del remaining[result[0]]
                yield result
        except BrokenProcessPool:
            deaths += 1
            if deaths >= MOST_DEATHS:
                raise ComputationError(
                    f"{deaths} times in a row a worker process died without finishing a fit "
                    "(a script needs `if __name__ == '__main__':` around its calls)."
                ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _through_pool(
    pool: ProcessPoolExecutor, seed: int, indices: list[int], stop: Stop, ahead: int
) -> Iterator[Result]:
    """Keep the pool busy, without handing out everything at once."""
    waiting = iter(indices)
    running: set[Future[Result]] = set()
    while True:
        while len(running) < ahead and not stop():
            index = next(waiting, None)
            if index is None:
                break
            with starting():  # the pool starts a worker whenever none is idle
                running.add(pool.submit(_fit_in_worker, seed, index))
        if not running:
            return
        if stop():
            running = {future for future in running if not future.cancel()}
        finished, running = wait(running, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        # A result that is there is taken before the news that the pool is broken.
        for future in sorted(finished, key=_is_broken):
            if future.cancelled():
                continue
            try:
                yield future.result()
            except Interrupted:
                continue


def _is_broken(future: Future[Result]) -> bool:
    return not future.cancelled() and future.exception() is not None


def on_dask(
    task: Task, seed: int, indices: Sequence[int], stop: Stop, client: Any
) -> Iterator[Result]:
    """Fit on a Dask cluster, given a ``dask.distributed.Client``.

    Workers may come and go; the scheduler gives the work of a lost one to another.
    """
    distributed: Any = importlib.import_module("distributed")
    workers = Workers(client)
    if not workers.wait(stop):
        return
    waiting = iter(indices)
    running: dict[str, Any] = {}
    finished, wanted, counted = 0, 0, -np.inf

    def submit() -> list[Any]:
        nonlocal wanted, counted
        if time.monotonic() - counted > COUNT_SECONDS:
            wanted = max(DASK_FEWEST, AHEAD * workers.cores())
            counted = time.monotonic()
        new = []
        while len(running) < wanted and not stop():
            index = next(waiting, None)
            if index is None:
                break
            future = client.submit(one_fit, task, seed, index, pure=False)
            running[future.key] = future
            new.append(future)
        return new

    try:
        queue = distributed.as_completed(submit(), loop=client.loop, raise_errors=False)
        for future in queue:
            del running[future.key]
            if future.status == "finished":
                finished += 1
                yield future.result()
            elif future.status == "error":
                _raise_from(future, distributed.KilledWorker)
            elif future.status in ("pending", "lost"):
                # Its worker has died since it was done: the cluster does it again.
                running[future.key] = future
                queue.add(future)
            if stop():
                return
            queue.update(submit())
    finally:
        client.cancel(list(running.values()))
    if finished < len(indices):
        raise ComputationError("The connection to the Dask cluster was lost.")


def _raise_from(future: Any, killed: type[Exception]) -> None:
    """Raise what went wrong with a fit on a cluster."""
    error = future.exception()
    if isinstance(error, killed):
        raise ComputationError(
            "Several Dask workers died one after another with the same fit."
        ) from None
    raise error


def available_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def useful_cores(wanted: int, seconds: float) -> int:
    """Return how many processes are worth starting for work that takes one of them so long."""
    return max(1, min(wanted, available_cores(), int(seconds / START_SECONDS)))
