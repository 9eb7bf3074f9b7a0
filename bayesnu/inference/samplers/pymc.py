"""Sample the PyMC model itself: the same density, compiled from its graph by PyTensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bayesnu.inference.samplers.sampler import Drawn, Snapshot, Start
from bayesnu.types import Progress

if TYPE_CHECKING:
    from bayesnu.inference.log_posterior import LogPosterior
    from bayesnu.inference.settings import Settings


class PyMC:
    """NUTS on the PyMC model."""

    name = "pymc"
    words = "the PyMC model itself, the same density"
    method = "NUTS"
    library = "pymc"
    software: tuple[str, ...] = ("nuts", "nutpie", "pymc")

    def draw(
        self,
        density: LogPosterior,
        start: Start,
        settings: Settings,
        *,
        progress: Progress | None = None,
        snapshot: Snapshot | None = None,
    ) -> Drawn:
        """Draw; see `Sampler.draw`. All chains start from one point."""
        import pymc as pm

        from bayesnu.likelihood.pymc_model import build_model

        likelihood = density.likelihood
        point = density.to_parameters(start(settings.seed))
        with build_model(likelihood):
            tree = pm.sample(
                draws=settings.draws,
                tune=settings.tune,
                chains=settings.chains,
                cores=settings.cores,
                random_seed=settings.seed,
                target_accept=settings.target_accept,
                initvals=dict(zip(likelihood.names, map(float, point), strict=True)),
                nuts_sampler="nutpie",
                progressbar=False,
            )
        posterior = tree["posterior"]
        draws = np.stack([posterior[name].values for name in likelihood.names], axis=-1)
        statistics = {str(name): value.values for name, value in tree["sample_stats"].items()}
        return Drawn(density.to_unbounded(draws), statistics)
