"""What chance does to the coverage of a calibrated cut that is measured at several true values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2, norm

LEVEL = 0.9
UNLIKELY = 0.01


class Chance(NamedTuple):
    """Deviations from the level, and what a cut that has it everywhere would show."""

    worst: float
    """The largest deviation."""
    usual: tuple[float, float]
    """What the largest is below in half of all cases, and in 95 of 100."""
    p_of_worst: float
    chi2: float
    dof: int
    p: float
    """Of chi2 over all values."""
    mean: float
    mean_error: float

    @property
    def met(self) -> bool:
        """Whether chance explains the deviations."""
        return min(self.p, self.p_of_worst) > UNLIKELY


def chance(shares: Sequence[dict[str, Any]]) -> Chance:
    """Return what chance says of coverages at several values, whose toys are not the same.

    The errors are those that the true level has: a share above it has a smaller one of its own.
    """
    off = np.array([share["value"] - LEVEL for share in shares])
    own = np.array([share["value"] * (1.0 - share["value"]) for share in shares])
    error = np.array([share["error"] for share in shares]) * np.sqrt(LEVEL * (1.0 - LEVEL) / own)

    def below(height: float) -> float:
        """Return how often no deviation is larger."""
        return float(np.prod(2.0 * norm.cdf(height / error) - 1.0))

    def quantile(share: float) -> float:
        return float(brentq(lambda height: below(height) - share, 0.0, 10.0 * error.max()))

    worst, total = float(np.abs(off).max()), float(((off / error) ** 2).sum())
    return Chance(
        worst,
        (quantile(0.5), quantile(0.95)),
        1.0 - below(worst),
        total,
        len(off),
        float(chi2.sf(total, len(off))),
        float(off.mean()),
        float(np.sqrt((error**2).sum()) / len(off)),
    )
