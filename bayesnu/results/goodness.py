"""Goodness of fit as plain values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayesnu.results.interval_text import p_text

BAD = 0.01
"""A p-value below which a limit says that the model does not describe the data well."""


@dataclass(frozen=True)
class GoodnessOfFit:
    """How well the best fit describes the data: of the Standard Model and the backgrounds, and in a
    limit of the signal too."""

    deviance: float
    """Sum over bins at the best fit, without the pulls: 2 (lambda - n + n ln(n / lambda)) for
    Poisson bins, ((lambda - n) / sigma)^2 for Gaussian ones."""
    bins: int
    pulls: float
    """What the pulls add to the deviance at the best fit."""
    p_value: float
    """Share of toys, drawn at the best fit and fitted again, with at least this deviance."""
    toys: int
    """0 where the p-value is an estimate from the mean and the variance of the deviance."""
    experiments: tuple[str, ...] = ()
    seed: int = 1

    @property
    def p_value_error(self) -> float:
        """Statistical uncertainty of the p-value (binomial; one toy's worth at 0 and 1)."""
        if not self.toys:
            return 0.0
        p = min(max(self.p_value, 1.0 / self.toys), 1.0 - 1.0 / self.toys)
        return float(np.sqrt(p * (1.0 - p) / self.toys))

    @property
    def bad(self) -> bool:
        """Whether a limit has to say it."""
        return self.p_value < BAD

    def text(self) -> str:
        """Return the p-value with its error and where it is from."""
        if not self.toys:
            return f"p = {self.p_value:.2g} (estimate)"
        error = f" +- {self.p_value_error:.1g}" if self.p_value > 0.0 else ""
        return f"{p_text(self.p_value, self.toys)}{error} ({self.toys} toys)"
