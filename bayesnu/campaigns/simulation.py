"""What a toy is: counts and, anew in each, what constrains the nuisances.

The centres of the pulls are measurements as the counts are, so both are drawn around what is
expected of them (the unconditional ensemble; G. Cowan et al., Eur. Phys. J. C 71 (2011) 1554,
section 2). Coverage, sensitivity bands and p-values all rest on this one kind of toy.
"""

from __future__ import annotations

import numpy as np

from bayesnu.likelihood.data import with_data
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array


def simulate(likelihood: Likelihood, point: Array, rng: np.random.Generator) -> Likelihood:
    """Return the likelihood of a toy that is drawn where all parameters have true values."""
    return with_data(likelihood, *draw(likelihood, likelihood.expected(point), point, rng))


def draw(
    likelihood: Likelihood, expected: Array, centres: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Draw counts, shape (bins,), and centres of pulls, shape (parameters,).

    Parameters
    ----------
    likelihood : Likelihood
        Whose bins and widths of pulls hold.
    expected : ndarray, shape (bins,)
    centres : ndarray, shape (parameters,)
        Around which the centres of the pulls lie; for parameters without a pull any number.
    """
    counts = draw_counts(likelihood, expected, rng)
    pulled = likelihood.weight > 0.0
    width = np.where(pulled, 1.0 / np.sqrt(np.maximum(likelihood.weight, 1e-300)), 0.0)
    moved = rng.normal(size=len(centres)) * width
    drawn = np.where(likelihood.log_normal, centres * np.exp(moved), centres + moved)
    return counts, np.where(pulled, drawn, likelihood.centre)


def draw_counts(likelihood: Likelihood, expected: Array, rng: np.random.Generator) -> Array:
    """Draw counts alone: Poisson, or Gaussian with the bin's error, shape (bins,)."""
    noise = rng.normal(size=expected.shape) * likelihood.sigma
    drawn = rng.poisson(expected).astype(float)
    return np.where(likelihood.poisson, drawn, np.maximum(expected + noise, 0.0))
