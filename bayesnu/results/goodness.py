"""Goodness of fit as plain values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class GoodnessOfFit:
    """How well the Standard Model and the backgrounds describe the data."""

    deviance: float
    """Sum over bins at the best fit, without the pulls: 2 (lambda - n + n ln(n / lambda)) for
    Poisson bins, ((lambda - n) / sigma)^2 for Gaussian ones."""
    bins: int
    pulls: float
    """What the pulls add to the deviance at the best fit."""
    p_value: float
    """Share of toys, drawn at the best fit and fitted again, with at least this deviance."""
    toys: int
    experiments: tuple[str, ...] = ()
    seed: int = 1

    @property
    def p_value_error(self) -> float:
        """Statistical uncertainty of the p-value (binomial; one toy's worth at 0 and 1)."""
        p = min(max(self.p_value, 1.0 / self.toys), 1.0 - 1.0 / self.toys)
        return float(np.sqrt(p * (1.0 - p) / self.toys))
