"""Priors of parameters: a power of |x| times a Gaussian, on an interval.

One form covers what the package needs: flat (power 0), flat in the square (power 1),
log-uniform (power -1) and Gaussian. The Gaussian part is also the pull of the Delta chi2
statement; power and interval belong to the Bayesian statement, except that the interval
bounds a profile too. A log-normal prior is a Gaussian in the logarithm: what it multiplies, an
efficiency, cannot reach zero. Everything that a prior is asked is answered here: its density, its
quantiles, its words, and the numbers that a saved posterior keeps of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from bayesnu.types import Array

SAVED = "prior_"
"""What the attributes of a saved variable that hold its prior's numbers begin with."""

LEAST = 1e-9
"""A log-normal parameter ends here, at twenty in the logarithm: fits need an end that is finite."""


@dataclass(frozen=True)
class Prior:
    """p(x) proportional to |x|^power exp(-(x - centre)^2 / (2 sigma^2)) for low <= x <= high.

    Attributes
    ----------
    low, high : float
        Interval; infinite where the prior is not bounded.
    centre, sigma : float
        Gaussian part; `sigma` is infinite where there is none, and `centre` then what is
        expected: 1 of a norm, 0 of a shape.
    power : float
        0 flat, 1 flat in x^2, -1 flat in log x. There is none beside a Gaussian part in x.
    log_normal : bool
        The Gaussian part is one of ln x: `centre` is the median, `sigma` the width of ln x.
    """

    low: float = -np.inf
    high: float = np.inf
    centre: float = 1.0
    sigma: float = np.inf
    power: float = 0.0
    log_normal: bool = False

    def pull(self, x: float) -> float:
        """Return ((x - centre) / sigma)^2, the chi2 contribution; of ln x if log-normal."""
        if self.log_normal:
            return float((np.log(x / self.centre) / self.sigma) ** 2) if x > 0.0 else np.inf
        return ((x - self.centre) / self.sigma) ** 2 if np.isfinite(self.sigma) else 0.0

    def log_density(self, x: ArrayLike) -> Array:
        """Return the log-density up to its constant, -inf outside the interval, shape of `x`."""
        x = np.asarray(x, dtype=float)
        with np.errstate(divide="ignore"):
            power = self.power * np.log(np.abs(x)) if self.power else 0.0
        inside = (x >= self.low) & (x <= self.high)
        pull: Array | float = 0.0
        if self.is_gaussian:
            pull = 0.5 * ((x - self.centre) / self.sigma) ** 2
        elif self.log_normal:
            pull = 0.5 * (np.log(np.where(inside, x, self.centre) / self.centre) / self.sigma) ** 2
        return np.where(inside, power - pull, -np.inf)

    def density(self, x: ArrayLike) -> Array:
        """Return the density, shape of `x`; zero if the prior has no finite integral."""
        return np.asarray(np.exp(self.log_density(x)) / self.integral)

    @property
    def integral(self) -> float:
        """The integral of exp(log_density); infinite where the prior has none."""
        if self.has_pull:
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
        if self.log_normal:
            return self.centre * np.exp(self._logarithm.ppf(share))
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
    def _logarithm(self) -> Prior:
        """The prior of ln(x / centre), where that is a Gaussian."""
        low, high = (float(np.log(end / self.centre)) for end in (self.low, self.high))
        return Prior(low, high, 0.0, self.sigma)

    @property
    def _standard_bounds(self) -> tuple[float, float, float]:
        """The sign of the Gaussian's variable, and its bounds.

        Where both bounds lie in the upper tail it is mirrored: differences keep their digits there.
        """
        if self.log_normal:
            return self._logarithm._standard_bounds
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
        """Whether x itself has a Gaussian part."""
        return bool(np.isfinite(self.sigma)) and not self.log_normal

    @property
    def has_pull(self) -> bool:
        """Whether there is a contribution to chi2."""
        return bool(np.isfinite(self.sigma))

    @property
    def is_logarithmic(self) -> bool:
        """Whether it is flat in log x: its posterior is smooth in log x, not in x."""
        return self.power == -1.0 and self.low > 0.0

    @property
    def start(self) -> float:
        """Return a typical value: what is expected, as far as the interval has it."""
        return self.centre if self.has_pull else max(self.low, min(self.high, self.centre))

    def words(self, name: str) -> str:
        """Return the prior in words, for tables: ``flat in mu_eff on [0, 100]``."""
        if self.is_gaussian:
            return f"Gaussian in {name}, {self.centre:g} +- {self.sigma:g}"
        if self.log_normal:
            return f"log-normal in {name}, {self.centre:g} with {self.sigma:g} in the logarithm"
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
        numbers: dict[str, Any] = {key: float(attributes[SAVED + key]) for key in keys}
        return cls(**numbers | {"log_normal": bool(numbers["log_normal"])})


def gaussian(centre: float, sigma: float, low: float = -np.inf, high: float = np.inf) -> Prior:
    """Return a Gaussian prior, truncated to [low, high]."""
    return Prior(low=low, high=high, centre=centre, sigma=sigma)


def log_normal(sigma: float) -> Prior:
    """Return a log-normal prior of median one; `sigma` is the width of the logarithm."""
    return Prior(low=LEAST, centre=1.0, sigma=sigma, power=-1.0, log_normal=True)


def flat(low: float, high: float, expected: float = 1.0) -> Prior:
    """Return a flat prior on [low, high]."""
    return Prior(low=low, high=high, centre=expected)
