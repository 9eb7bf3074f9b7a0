"""Sample the PyMC model itself: the same density as the compiled one, slower."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bayesnu.inference.settings import Settings
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.draws import Sampled
from bayesnu.types import Array


def run_pymc(likelihood: Likelihood, settings: Settings, start: Callable[[int], Array]) -> Sampled:
    """Draw with `pymc.sample`.

    Parameters
    ----------
    likelihood : Likelihood
    settings : Settings
    start : callable
        Seed -> starting point, shape (parameters,).
    """
    import pymc as pm

    from bayesnu.likelihood.pymc_model import build_model

    first = dict(zip(likelihood.names, map(float, start(settings.seed)), strict=True))

    def draw() -> Any:
        return pm.sample(
            draws=settings.draws,
            tune=settings.tune,
            chains=settings.chains,
            cores=settings.cores,
            random_seed=settings.seed,
            target_accept=settings.target_accept,
            initvals=first,
            nuts_sampler="nutpie",
            progressbar=False,
        )

    with build_model(likelihood):
        tree = without_broken_cache(draw)
    posterior = tree["posterior"]
    draws = np.stack([posterior[name].values for name in likelihood.names], axis=-1)
    stats = {str(name): value.values for name, value in tree["sample_stats"].items()}
    return Sampled(draws, stats, True)


def without_broken_cache(compile_and_run: Callable[[], Any]) -> Any:
    """Call a function that compiles with PyTensor; again in memory, if numba's cache is no use.

    After a power failure an index in that cache may be empty, on a full or read-only disk it cannot
    be written; numba raises what it meets there.
    """
    from pickle import UnpicklingError

    try:
        return compile_and_run()
    except (EOFError, OSError, UnpicklingError) as error:
        from pytensor import config

        from bayesnu.inference.machine_code import say

        say(f"bayesnu: warning: numba's cache is no use ({error}); compiling in memory.")
        with config.change_flags(numba__cache=False):
            return compile_and_run()
