"""Run nutpie's NUTS on a compiled function, with progress and a clean Ctrl-C.

Only nutpie's documented parts are used (`from_pyfunc`, `sample(blocking=False)`, `wait`,
`abort`). One thing is special: nutpie imports all of ArviZ, plots included (three seconds),
for a conversion that is not needed here; until somebody asks it for one, it gets a stand-in
that imports the real ArviZ on first use.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bayesnu.errors import ComputationError

if TYPE_CHECKING:
    from bayesnu.inference.posterior import Settings

Array = NDArray[np.float64]
LogDensity = Callable[[Array], tuple[float, Array]]


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


def run_nuts(
    function: LogDensity,
    starts: Array,
    settings: Settings,
    *,
    progress: Callable[[float, str], None] | None = None,
) -> tuple[Array, dict[str, Array], bool]:
    """Sample a density on an unbounded space.

    Parameters
    ----------
    function : callable
        u -> (log-density, gradient), shapes (n,) -> ((), (n,)).
    starts : ndarray, shape (chains, n)
    settings : Settings
    progress : callable, optional
        Called with the fraction done and a word.

    Returns
    -------
    draws : ndarray, shape (chains, draws, n)
    statistics : dict of str to ndarray, shape (chains, draws)
    complete : bool
        False after Ctrl-C; then the shortest chain sets the number of draws.

    Raises
    ------
    ComputationError
        If the sampler fails, or was interrupted before any draw was kept.
    """
    nutpie = import_nutpie()
    from nutpie.compiled_pyfunc import from_pyfunc

    size = starts.shape[1]
    order = iter(range(1_000_000))

    def initial_point(_seed: int) -> Array:
        return np.array(starts[next(order) % len(starts)])

    def expand(_seed1: int, _seed2: int, _chain: int) -> Callable[[Array], dict[str, Array]]:
        return lambda u: {"u": u}

    model = from_pyfunc(
        size,
        lambda: function,
        expand,
        [np.dtype("float64")],
        [(size,)],
        ["u"],
        make_initial_point_fn=initial_point,
    )

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
    complete = True
    try:
        results = sampler.wait()
    except KeyboardInterrupt:
        results = sampler.abort()
        complete = False
    except RuntimeError as error:
        raise ComputationError(f"The sampler failed: {error}.") from None
    draws, statistics = _unpack(results)
    return draws, statistics, complete


def _unpack(results: Any) -> tuple[Array, dict[str, Array]]:
    """Return draws and statistics after tuning, cut to the shortest chain."""
    import pyarrow

    def numbers(batch: Any, name: str) -> Array:
        values = pyarrow.array(batch.column(name))
        flat = values.flatten() if hasattr(values, "flatten") else values
        return np.asarray(flat.to_numpy(zero_copy_only=False))

    chains, stats = [], []
    for draw_batch, stat_batch in zip(*results.get_arrow_trace(), strict=True):
        kept = ~numbers(stat_batch, "tuning").astype(bool)
        chains.append(numbers(draw_batch, "u").reshape(len(kept), -1)[kept])
        stats.append(
            {
                name: numbers(stat_batch, source)[kept]
                for source, name in STATISTICS.items()
                if source in stat_batch.column_names
            }
        )
    length = min((len(chain) for chain in chains), default=0)
    if length < 4:
        raise ComputationError("Sampling ended before any draw could be kept.")
    draws = np.stack([chain[:length] for chain in chains])
    statistics = {name: np.stack([entry[name][:length] for entry in stats]) for name in stats[0]}
    return draws, statistics
