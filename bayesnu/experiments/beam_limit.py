"""Experiments given as a limit on the effective moment of a beam: one Gaussian bin in mu^2."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.special import gammaincinv

from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.format.effective_moment import EffectiveMomentFile

TERM = "mu_squared"
"""Name of the only component: the effective moment squared, in (1e-11 mu_B)^2."""


def read_effective_moment(path: Path, file: EffectiveMomentFile) -> Experiment:
    """Return an experiment of one Gaussian bin, whose expectation is mu^2 of the beam.

    The recoil rate is linear in mu^2, so a measurement of it is taken to be Gaussian, centred
    at zero, with Delta chi2 = (mu^2 / sigma)^2 equal to the cut of the stated level at the
    published limit. This is derived from a published limit: where the true best fit was not
    zero, the shape is another one.

    Returns
    -------
    Experiment
        Observed zero; sigma = limit^2 / sqrt(2.706) for a level of 90%.
    """
    cut = 2.0 * float(gammaincinv(0.5, file.level))
    return Experiment(
        name=path.stem,
        path=path,
        file=file,
        edges=np.array([0.0, 1.0]),
        observed=np.zeros(1),
        sigma=np.array([file.upper_limit_1e11_mu_B**2 / cut**0.5]),
        responses=(),
        backgrounds=(),
        tables=(),
    )
