"""Run nutpie's NUTS on a compiled function, with progress and a clean Ctrl-C.

Of nutpie's documented parts, `from_pyfunc`, `sample(blocking=False)`, `wait` and `abort` are
used; `bayesnu.inference.samplers.native` is the shorter way for a compiled log-posterior. One
thing is
special: nutpie imports all of ArviZ, plots included (three seconds), for a conversion that is not
needed here; until somebody asks it for one, it gets a stand-in that imports the real ArviZ on
first use.
"""

from __future__ import annotations

import importlib
import sys
import time
import types
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.errors import ComputationError, Interrupted
from bayesnu.inference.samplers import sampler as contract
from bayesnu.inference.samplers.sampler import Drawn, Snapshot, Start
from bayesnu.interrupt import Interrupt
from bayesnu.types import Array, Progress

if TYPE_CHECKING:
    from bayesnu.inference.log_posterior import LogPosterior
    from bayesnu.inference.settings import Settings

LogDensity = Callable[[Array], tuple[float, Array]]


FEWEST_DRAWS = 4
"""R-hat needs as many draws of a chain."""

STATISTICS = {
    "diverging": "diverging",
    "energy": "energy",
    "logp": "lp",
    "depth": "tree_depth",
    "n_steps": "n_steps",
    "step_size": "step_size",
    "mean_tree_accept": "acceptance_rate",
}
"""nutpie's statistics and the names that ArviZ uses for them."""


SNAPSHOT_SECONDS = 5.0
"""How much work a killed process can lose."""


POLL_SECONDS = 0.005
"""How often the end of a run is looked for; a short run takes a tenth of a second."""


class _LazyArviz(types.ModuleType):
    """Stands in for ArviZ while nutpie is imported; becomes the real one when it is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get("arviz") is self:
            del sys.modules["arviz"]
        return getattr(importlib.import_module("arviz"), name)


def import_nutpie() -> Any:
    """Import nutpie without waiting for the whole of ArviZ."""
    if "nutpie" not in sys.modules and "arviz" not in sys.modules:
        stand_in = _LazyArviz("arviz")
        sys.modules["arviz"] = stand_in
        try:
            nutpie = importlib.import_module("nutpie")
        finally:
            if sys.modules.get("arviz") is stand_in:
                del sys.modules["arviz"]
        return nutpie
    return importlib.import_module("nutpie")


class Nuts:
    """NUTS on the compiled log-posterior."""

    name = "kernel"
    words = "compiled likelihood, fast"
    method = "NUTS"
    library = "nutpie"
    software: tuple[str, ...] = ("nuts", "nutpie", "numba")

    def draw(
        self,
        density: contract.LogDensity,
        start: Start,
        settings: Settings,
        *,
        progress: Progress | None = None,
        snapshot: Snapshot | None = None,
    ) -> Drawn:
        """Draw; see `Sampler.draw`."""
        from bayesnu.inference.log_posterior import LogPosterior

        found = run_nuts(
            density.function(),
            start,
            settings,
            compiled=density if isinstance(density, LogPosterior) else None,
            progress=progress,
            snapshot=snapshot,
        )
        return Drawn(*found)


def run_nuts(
    function: LogDensity,
    start: Callable[[int], Array],
    settings: Settings,
    *,
    compiled: LogPosterior | None = None,
    progress: Callable[[float, str], None] | None = None,
    snapshot: Callable[[Array, dict[str, Array]], None] | None = None,
) -> tuple[Array, dict[str, Array], bool]:
    """Sample a density on an unbounded space.

    Parameters
    ----------
    function : callable
        u -> (log-density, gradient), shapes (n,) -> ((), (n,)).
    start : callable
        Chain's seed -> starting point, shape (n,).
    compiled : LogPosterior, optional
        What is behind `function`, if it is one: it is called without Python in between, with the
        same draws.
    progress : callable, optional
        Called with the fraction done and a word.
    snapshot : callable, optional
        Called with the draws and statistics so far every `SNAPSHOT_SECONDS`.

    Returns
    -------
    draws : ndarray, shape (chains, draws, n)
    statistics : dict of str to ndarray, shape (chains, draws)
    complete : bool
        False after Ctrl-C; then of the chains, and of the draws of each, as many are kept as
        make the most draws in all (chains that wait for a core have none).

    Raises
    ------
    ComputationError
        If the sampler fails.
    Interrupted
        On Ctrl-C before any draw was kept.
    """
    nutpie = import_nutpie()
    model = _model_of(function, start, compiled)

    def report(chains: list[Any]) -> None:
        if progress is not None:
            total = sum(chain.total_draws for chain in chains)
            done = sum(chain.finished_draws for chain in chains)
            divergent = sum(chain.divergences for chain in chains)
            warning = f", {divergent} divergences" if divergent else ""
            progress(done / max(total, 1), f"sampling {done}/{total}{warning}")

    sampler = nutpie.sample(
        model,
        draws=settings.draws,
        tune=settings.tune,
        chains=settings.chains,
        cores=settings.cores,
        seed=settings.seed,
        target_accept=settings.target_accept,
        progress_bar=False,
        progress_callback=report,
        progress_rate=100,
        save_warmup=True,
        blocking=False,
        return_raw_trace=True,
    )
    due = time.monotonic() + SNAPSHOT_SECONDS
    try:
        with Interrupt() as interrupt:
            while not (_is_finished(sampler) or interrupt.requested):
                time.sleep(POLL_SECONDS)
                if snapshot is not None and time.monotonic() > due:
                    before = time.monotonic()
                    _try_snapshot(sampler, snapshot)
                    # Writing never takes more than a tenth of the time.
                    spent = time.monotonic() - before
                    due = time.monotonic() + max(SNAPSHOT_SECONDS, 10.0 * spent)
            complete = not interrupt.requested
            results = sampler.wait() if complete else sampler.abort()
    except RuntimeError as error:
        # What follows the first line is a backtrace of the sampler's own language.
        reason = str(error).strip().partition("\n")[0]
        raise ComputationError(f"The sampler failed: {reason}.") from None
    draws, statistics = _unpack(results)
    return draws, statistics, complete


def _model_of(
    function: LogDensity, start: Callable[[int], Array], compiled: LogPosterior | None
) -> Any:
    """Return what nutpie samples: C functions if it takes them, else the Python function."""
    if compiled is not None:
        from bayesnu.inference.samplers.native import native_model

        model = native_model(compiled.size, compiled.block(), start)
        if model is not None:
            return model
    from nutpie.compiled_pyfunc import from_pyfunc

    size = len(start(0))
    function(start(0))  # compile before the clock of the sampler runs

    def expand(_seed1: int, _seed2: int, _chain: int) -> Callable[[Array], dict[str, Array]]:
        return lambda u: {"u": u}

    return from_pyfunc(
        size,
        lambda: function,
        expand,
        [np.dtype("float64")],
        [(size,)],
        ["u"],
        make_initial_point_fn=start,
    )


def largest_block(lengths: Sequence[int]) -> tuple[list[int], int]:
    """Return which chains, and how many draws of each, make the largest full block of draws."""
    order = sorted(range(len(lengths)), key=lambda chain: -lengths[chain])
    sizes = [(rank + 1) * lengths[chain] for rank, chain in enumerate(order)]
    rank = max(range(len(sizes)), key=lambda r: (sizes[r], r))
    return sorted(order[: rank + 1]), lengths[order[rank]]


def _is_finished(sampler: Any) -> bool:
    try:
        return bool(sampler.is_finished)
    except TimeoutError:  # what nutpie raises while it is busy
        return False


def _try_snapshot(sampler: Any, snapshot: Callable[[Array, dict[str, Array]], None]) -> None:
    try:
        draws, statistics = _unpack(sampler.inspect())
    except ComputationError:
        return  # still tuning
    snapshot(draws, statistics)


def _unpack(results: Any) -> tuple[Array, dict[str, Array]]:
    """Return draws and statistics after tuning, as one full block of chains and draws."""
    import pyarrow

    def numbers(batch: Any, name: str) -> Array:
        values = pyarrow.array(batch.column(name))
        flat = values.flatten() if hasattr(values, "flatten") else values
        return np.asarray(flat.to_numpy(zero_copy_only=False))

    chains: list[Array] = []
    stats: list[dict[str, Array]] = []
    for draw_batch, stat_batch in zip(*results.get_arrow_trace(), strict=True):
        kept = ~numbers(stat_batch, "tuning").astype(bool)
        if not kept.any():
            continue
        chains.append(numbers(draw_batch, "u").reshape(len(kept), -1)[kept])
        stats.append(
            {
                name: numbers(stat_batch, source)[kept]
                for source, name in STATISTICS.items()
                if source in stat_batch.column_names
            }
        )
    chosen, length = largest_block([len(chain) for chain in chains]) if chains else ([], 0)
    if length < FEWEST_DRAWS:
        raise Interrupted("Interrupted before the sampler had tuned: no draw could be kept.")
    draws = np.stack([chains[chain][:length] for chain in chosen])
    statistics = {
        name: np.stack([stats[chain][name][:length] for chain in chosen]) for name in stats[0]
    }
    return draws, statistics
