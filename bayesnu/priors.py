"""Priors of parameters: a power of |x| times a Gaussian, on an interval.

One form covers what the package needs: flat (power 0), flat in the square (power 1),
log-uniform (power -1) and Gaussian. The Gaussian part is also the pull of the Delta chi2
statement; power and interval belong to the Bayesian statement, except that the interval
bounds a profile too. Everything that a prior is asked is answered here: its density, its
quantiles, its words, and the numbers that a saved posterior keeps of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

SAVED = "prior_"
"""What the attributes of a saved variable that hold its prior's numbers begin with."""


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
        0 flat, 1 flat in x^2, -1 flat in log x. There is none beside a Gaussian part.
    """

    low: float = -np.inf
    high: float = np.inf
    centre: float = 0.0
    sigma: float = np.inf
    power: float = 0.0

    def pull(self, x: float) -> float:
        """Return ((x - centre) / sigma)^2, the chi2 contribution."""
        return ((x - self.centre) / self.sigma) ** 2 if np.isfinite(self.sigma) else 0.0

    def log_density(self, x: ArrayLike) -> Array:
        """Return the log-density up to its constant, -inf outside the interval, shape of `x`."""
        x = np.asarray(x, dtype=float)
        with np.errstate(divide="ignore"):
            power = self.power * np.log(np.abs(x)) if self.power else 0.0
        pull = 0.5 * ((x - self.centre) / self.sigma) ** 2 if self.is_gaussian else 0.0
        return np.where((x >= self.low) & (x <= self.high), power - pull, -np.inf)

    def density(self, x: ArrayLike) -> Array:
        """Return the density, shape of `x`; zero if the prior has no finite integral."""
        return np.asarray(np.exp(self.log_density(x)) / self._integral)

    @property
    def _integral(self) -> float:
        """The integral of exp(log_density)."""
        if self.is_gaussian:
            from scipy.special import ndtr

            _, a, b = self._standard_bounds
            return float((ndtr(b) - ndtr(a)) * self.sigma * np.sqrt(2.0 * np.pi))
        if self.is_logarithmic:
            return float(np.log(self.high / self.low))
        order = self.power + 1.0
        return float((self.high**order - self.low**order) / order)

    def ppf(self, share: ArrayLike) -> Array:
        """Return the quantiles at `share`, the inverse of the cumulative, shape of `share`."""
        share = np.asarray(share, dtype=float)
        if self.is_gaussian:
            from scipy.special import ndtr, ndtri

            sign, a, b = self._standard_bounds
            below = ndtr(a) + (share if sign > 0 else 1.0 - share) * (ndtr(b) - ndtr(a))
            x = self.centre + sign * self.sigma * ndtri(below)
            return np.asarray(np.clip(x, self.low, self.high))
        if self.is_logarithmic:
            return np.asarray(self.low * (self.high / self.low) ** share)
        if self.power == 0.0:
            return np.asarray(self.low + share * (self.high - self.low))
        order = self.power + 1.0
        start = self.low**order
        return np.asarray((start + share * (self.high**order - start)) ** (1.0 / order))

    @property
    def _standard_bounds(self) -> tuple[float, float, float]:
        """The sign of the Gaussian's variable, and its bounds.

        Where both bounds lie in the upper tail it is mirrored: differences keep their digits there.
        """
        a, b = (self.low - self.centre) / self.sigma, (self.high - self.centre) / self.sigma
        return (-1.0, -b, -a) if a > 0 else (1.0, a, b)

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation of a Gaussian prior, its truncation included."""
        from scipy.special import ndtr

        sign, a, b = self._standard_bounds
        share = ndtr(b) - ndtr(a)
        pa, pb = (np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi) for z in (a, b))
        za, zb = (z * p if np.isfinite(z) else 0.0 for z, p in ((a, pa), (b, pb)))
        shift = (pa - pb) / share
        variance = 1.0 + (za - zb) / share - shift**2
        return float(self.centre + sign * self.sigma * shift), float(self.sigma * np.sqrt(variance))

    @property
    def is_gaussian(self) -> bool:
        """Whether there is a Gaussian part (a pull)."""
        return bool(np.isfinite(self.sigma))

    @property
    def is_logarithmic(self) -> bool:
        """Whether it is flat in log x: its posterior is smooth in log x, not in x."""
        return self.power == -1.0 and self.low > 0.0

    @property
    def start(self) -> float:
        """Return a typical value: the centre, or for a norm without one 1, its expectation."""
        return self.centre if self.is_gaussian else max(self.low, min(self.high, 1.0))

    def words(self, name: str) -> str:
        """Return the prior in words, for tables: ``flat in mu_eff on [0, 100]``."""
        if self.is_gaussian:
            return f"Gaussian in {name}, {self.centre:g} +- {self.sigma:g}"
        shape = {0.0: "flat in {}", 1.0: "flat in {}^2", -1.0: "flat in log {}"}[self.power]
        return f"{shape.format(name)} on [{self.low:g}, {self.high:g}]"

    def to_attributes(self) -> dict[str, float]:
        """Return its numbers as attributes of a saved variable."""
        return {SAVED + key: float(value) for key, value in asdict(self).items()}

    @classmethod
    def from_attributes(cls, attributes: Mapping[Any, Any]) -> Self | None:
        """Return the prior of a saved variable; None if the file holds no numbers of it."""
        keys = [entry.name for entry in fields(cls)]
        if any(SAVED + key not in attributes for key in keys):
            return None
        return cls(**{key: float(attributes[SAVED + key]) for key in keys})


def gaussian(centre: float, sigma: float, low: float = -np.inf, high: float = np.inf) -> Prior:
    """Return a Gaussian prior, truncated to [low, high]."""
    return Prior(low=low, high=high, centre=centre, sigma=sigma)


def flat(low: float, high: float) -> Prior:
    """Return a flat prior on [low, high]."""
    return Prior(low=low, high=high)
