"""Priors of parameters: a power of |x| times a Gaussian, on an interval.

One form covers what the package needs: flat (power 0), flat in the square (power 1),
log-uniform (power -1) and Gaussian. The Gaussian part is also the pull of the Delta chi2
statement; power and interval belong to the Bayesian statement, except that the interval
bounds a profile too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Prior:
    """p(x) proportional to |x|^power exp(-(x - centre)^2 / (2 sigma^2)) for low <= x <= high.

    Attributes
    ----------
    low, high : float
        Interval; infinite where the prior is not bounded.
    centre, sigma : float
        Gaussian part; `sigma` is infinite where there is none.
    power : float
        0 flat, 1 flat in x^2, -1 flat in log x.
    """

    low: float = -np.inf
    high: float = np.inf
    centre: float = 0.0
    sigma: float = np.inf
    power: float = 0.0

    def pull(self, x: float) -> float:
        """Return ((x - centre) / sigma)^2, the chi2 contribution."""
        return ((x - self.centre) / self.sigma) ** 2 if np.isfinite(self.sigma) else 0.0

    def log_density(self, x: float) -> float:
        """Return the log-density up to its constant; -inf outside the interval."""
        if not self.low <= x <= self.high:
            return -np.inf
        power = self.power * np.log(abs(x)) if self.power else 0.0
        return power - 0.5 * self.pull(x)

    @property
    def is_gaussian(self) -> bool:
        """Whether there is a Gaussian part (a pull)."""
        return bool(np.isfinite(self.sigma))

    @property
    def start(self) -> float:
        """Return a typical value: the centre, or for a norm without one 1, its expectation."""
        return self.centre if self.is_gaussian else max(self.low, min(self.high, 1.0))

    def describe(self, name: str) -> str:
        """Return the prior in words, for tables: ``flat in mu_eff on [0, 100]``."""
        if self.is_gaussian:
            return f"Gaussian in {name}, {self.centre:g} +- {self.sigma:g}"
        shape = {0.0: "flat in {}", 1.0: "flat in {}^2", -1.0: "flat in log {}"}[self.power]
        return f"{shape.format(name)} on [{self.low:g}, {self.high:g}]"


def gaussian(centre: float, sigma: float, low: float = -np.inf, high: float = np.inf) -> Prior:
    """Return a Gaussian prior, truncated to [low, high]."""
    return Prior(low=low, high=high, centre=centre, sigma=sigma)


def flat(low: float, high: float) -> Prior:
    """Return a flat prior on [low, high]."""
    return Prior(low=low, high=high)
