"""Sample the PyMC model itself: the same density, compiled from its graph by PyTensor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.errors import InputError
from bayesnu.inference.samplers.sampler import Drawn, LogDensity, Snapshot, Start
from bayesnu.types import Progress

if TYPE_CHECKING:
    from bayesnu.inference.settings import Settings

EXTRA = "jax"
"""The optional dependencies that the last of these samplers needs."""


@dataclass
class PyMC:
    """NUTS on the PyMC model.

    Attributes
    ----------
    sampler : str
        As `pymc.sample` calls it.
    unscattered : dict
        The arguments of `pymc.sample` with which this one starts where it is told to.
    """

    name: str
    words: str
    library: str
    software: tuple[str, ...]
    sampler: str
    unscattered: dict[str, Any]
    method: str = "NUTS"

    def draw(
        self,
        density: LogDensity,
        start: Start,
        settings: Settings,
        *,
        progress: Progress | None = None,
        snapshot: Snapshot | None = None,
    ) -> Drawn:
        """Draw; see `Sampler.draw`. All chains start from one point."""
        if find_spec(self.library) is None:
            raise InputError(
                "sampling",
                "backend",
                found=f"{self.name} without {self.library}",
                expected=f"`pip install bayesnu[{EXTRA}]`, or another sampler",
            )
        import pymc as pm

        likelihood = density.likelihood
        point = density.to_parameters(start(settings.seed))

        def run() -> Any:
            return pm.sample(
                draws=settings.draws,
                tune=settings.tune,
                chains=settings.chains,
                cores=settings.cores,
                random_seed=settings.seed,
                target_accept=settings.target_accept,
                initvals=dict(zip(likelihood.names, map(float, point), strict=True)),
                nuts_sampler=self.sampler,
                progressbar=False,
                compute_convergence_checks=False,
                # All would scatter starting points, which are near the best fit already.
                **self.unscattered,
            )

        with density.model():
            try:
                tree = without_broken_cache(run)
            except NotImplementedError as error:
                raise InputError(
                    "sampling",
                    "backend",
                    found=f"{self.name}, which cannot compile a part of the model ({error})",
                    expected="another sampler",
                ) from None
        posterior = tree["posterior"]
        draws = np.stack([posterior[name].values for name in likelihood.names], axis=-1)
        statistics = {str(name): value.values for name, value in tree["sample_stats"].items()}
        return Drawn(density.to_unbounded(draws), statistics)


def without_broken_cache[T](compile_and_run: Callable[[], T]) -> T:
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
