"""What a posterior would be if the prior's range were twice as long.

A credible limit is the data's if they, and not the end of the prior's range, cut the posterior off.
So what lies beyond an end is added to the density, and who asks compares the two limits. The
likelihood beyond an end is not known to a density; what is known is its height there and how it
falls, and it is taken to go on falling at that rate: right for an exponential, where it does not
fall at all, and too much where it falls ever faster, as it does at a Gaussian's flank.
"""

from __future__ import annotations

import numpy as np

from bayesnu.inference.density import Density
from bayesnu.likelihood.priors import Prior
from bayesnu.types import Array

STRETCHES = (0.1, 0.02)
"""Shares of the range, next to its end, over which the fall is measured: the slower one counts, as
a plateau may have begun."""

POINTS = 400
"""Beyond an end."""

AT = 1e-9
"""Nearer to an end than this share of the range, a grid reaches it."""


def twice_the_range(density: Density, one_sided: bool) -> Density | None:
    """Return the density under twice the range; None if there is nothing beyond its ends.

    Parameters
    ----------
    one_sided : bool
        Whether the range grows at its upper end only, or by half of itself at both.

    Returns
    -------
    Density or None
        Without Monte Carlo errors.
    """
    prior = density.prior
    if prior is None or prior.has_pull or not np.isfinite(prior.high - prior.low):
        return None
    length = prior.high - prior.low
    # Zero is no end of a range that begins there: less has no meaning.
    one_sided = one_sided or prior.low == 0.0
    below = None if one_sided else _beyond(density, prior, prior.low, 0.5 * length)
    above = _beyond(density, prior, prior.high, length if one_sided else 0.5 * length)
    if below is None and above is None:
        return None
    x, p = density.values, density.density
    if below is not None:
        x, p = np.append(below[0][::-1], x), np.append(below[1][::-1], p)
    if above is not None:
        x, p = np.append(x, above[0]), np.append(p, above[1])
    norm = np.trapezoid(p, np.log(x) if density.log else x)
    return Density(x, p / norm, density.log)


def _beyond(
    density: Density, prior: Prior, end: float, length: float
) -> tuple[Array, Array] | None:
    """Return values beyond an end, going away from it, and the density there."""
    x, p = density.values, density.density
    range_ = prior.high - prior.low
    inward = -1.0 if end == prior.high else 1.0
    order = slice(None, None, -1 if inward < 0.0 else 1)
    x, p = x[order], p[order]
    if abs(x[0] - end) > AT * range_ or p[0] <= 0.0:
        return None

    def of_prior(x: Array) -> Array:
        """Return the prior's density per unit of the smooth variable, wherever it ends."""
        power = prior.power + (1.0 if density.log else 0.0)
        return np.asarray(np.abs(x) ** power)

    distance = np.abs(x - end)
    known = (p > 0.0) & (x != 0.0)
    height = np.log(p[known] / of_prior(x[known]))
    falls = []
    for stretch in STRETCHES:
        near = distance[known] <= stretch * range_
        if near.sum() > 1:
            falls.append(float(np.polyfit(distance[known][near], height[near], 1)[0]))
    fall = max(min(falls, default=0.0), 0.0)
    # Steep falls need short steps: these grow with the distance.
    step = length * np.geomspace(1e-6, 1.0, POINTS)
    values = end - inward * step
    return values, p[0] * np.exp(-fall * step) * of_prior(values) / of_prior(x[:1])
