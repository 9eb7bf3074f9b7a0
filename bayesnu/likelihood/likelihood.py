"""One likelihood for both statements: expected counts as a polynomial in all parameters.

Every term is a template (counts per bin) times a product of factors: a flux norm, a power of a
signal parameter, the cosine of a phase, a background norm. This one shape holds all signals,
experiments and nuisances; chi2 and its gradient are a matrix product away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bayesnu.errors import InputError
from bayesnu.likelihood.bins import Bins, Own, own_templates
from bayesnu.likelihood.factors import hold, jacobian, owners, products
from bayesnu.likelihood.priors import LEAST, Prior
from bayesnu.types import Array

COUNTS_FLOOR = 1e-10
"""Expected counts below this are raised to it: a nuisance far off must not give log(negative)."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a likelihood.

    Attributes
    ----------
    role : {"signal", "flux", "oscillation", "background", "response"}
    one_sided : bool
        Whether its natural limit is an upper limit.
    periodic : bool
        An angle whose range, of 2 pi, closes to a circle.
    standard : float
        Value of a signal's parameter where there is no signal.
    most : float
        The largest value that has a meaning, whatever the prior's range.
    """

    name: str
    role: str
    prior: Prior
    unit: str = ""
    latex: str = ""
    one_sided: bool = False
    periodic: bool = False
    standard: float = 0.0
    most: float = np.inf


@dataclass(frozen=True, eq=False)
class Likelihood:
    """A stacked likelihood of one or more experiments.

    Attributes
    ----------
    factors : ndarray of int, shape (terms, order)
        What multiplies a template: parameters, their cosines, sines and bends, numbered as in
        `bayesnu.likelihood.factors`; filled up with len(parameters), the number one.
    templates : ndarray, shape (terms, bins)
        Counts.
    labels : tuple of (str, str)
        For every term, experiment and component (``solar_nu`` or a background).
    observed : ndarray, shape (bins,)
    sigma : ndarray, shape (bins,)
        Gaussian error; 0 where the bin is Poisson.
    provenance : dict
        What it was made from: experiments, digests, signal.
    origin : object or None
        What it was made of, for those who know it; it does not travel to other processes.
    held : mapping
        Parameters that `with_fixed` has taken out, and their values.
    """

    parameters: tuple[Parameter, ...]
    factors: NDArray[np.int64]
    templates: Array
    labels: tuple[tuple[str, str], ...]
    observed: Array
    sigma: Array
    stack: tuple[Bins, ...]
    provenance: dict[str, object] = field(default_factory=dict)
    origin: object | None = field(default=None, repr=False)
    held: Mapping[str, float] = field(default_factory=dict)

    route: ClassVar[str] = "compiled"
    """How it is sampled: by the compiled polynomial, or through the ``graph`` of the model."""

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "origin": None}

    def polynomial(self) -> Likelihood:
        """Return the likelihood itself; `InputError` where counts are no polynomial."""
        return self

    def density(self) -> Any | None:
        """Return a density of its own to be sampled, with a start; None where there is none."""
        return None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Parameter names, in order."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the signal's free parameters."""
        return tuple(p.name for p in self.parameters if p.role == "signal")

    @property
    def signal(self) -> str:
        """The signal's tag."""
        return str(self.provenance.get("signal", ""))

    @property
    def experiments(self) -> tuple[str, ...]:
        """Names of the experiments."""
        return tuple(bins.experiment for bins in self.stack if not bins.control)

    @cached_property
    def low(self) -> Array:
        """Lower bounds."""
        return np.array([parameter.prior.low for parameter in self.parameters])

    @cached_property
    def high(self) -> Array:
        """Upper bounds."""
        return np.array([parameter.prior.high for parameter in self.parameters])

    @cached_property
    def centre(self) -> Array:
        """Centres of the Gaussian priors."""
        return np.array([parameter.prior.centre for parameter in self.parameters])

    @cached_property
    def weight(self) -> Array:
        """1 / sigma^2 of the Gaussian priors; 0 where there is none."""
        return np.array([parameter.prior.sigma for parameter in self.parameters]) ** -2.0

    @cached_property
    def log_normal(self) -> NDArray[np.bool_]:
        """Which Gaussian priors are ones of the logarithm."""
        return np.array([parameter.prior.log_normal for parameter in self.parameters], dtype=bool)

    @cached_property
    def start(self) -> Array:
        """A typical point: no signal, nuisances at their expectation."""
        return np.array(
            [
                np.clip(p.standard, p.prior.low, p.prior.high)
                if p.role == "signal"
                else p.prior.start
                for p in self.parameters
            ]
        )

    @cached_property
    def poisson(self) -> NDArray[np.bool_]:
        """Which bins are Poisson."""
        return np.asarray(self.sigma == 0.0)

    def index(self, name: str) -> int:
        """Return the position of a parameter.

        Raises
        ------
        InputError
            If there is none of this name.
        """
        if name not in self.names:
            raise InputError(
                "likelihood", "parameter", found=repr(name), expected=", ".join(self.names)
            )
        return self.names.index(name)

    def point(self, values: Mapping[str, float]) -> Array:
        """Return the typical point with some parameters changed."""
        x = self.start.copy()
        for name, value in values.items():
            x[self.index(name)] = value
        return x

    @cached_property
    def angles(self) -> tuple[int, ...]:
        """Parameters that enter through their cosine or sine."""
        count = len(self.parameters)
        used = np.unique(self.factors[(self.factors > count) & (self.factors <= 3 * count)])
        return tuple(np.unique(owners(count)[used]).tolist())

    @cached_property
    def has_angles(self) -> bool:
        """Whether there are any."""
        return len(self.angles) > 0

    @cached_property
    def has_bends(self) -> bool:
        """Whether parameters enter through their bend: shapes that change with them."""
        return bool((self.factors > 3 * len(self.parameters)).any())

    def coefficients(self, x: Array) -> Array:
        """Return the product of factors of every term, shape (..., terms)."""
        return products(x, self.factors, plain=not (self.has_angles or self.has_bends))

    def jacobian_of_coefficients(self, x: Array) -> Array:
        """Return d coefficients / d x, shape (terms, parameters)."""
        return jacobian(x, self.factors)

    def expected(self, x: Array) -> Array:
        """Return expected counts, shape (..., bins), for parameters of shape (..., parameters)."""
        coefficients = self.coefficients(x)
        counts = np.empty((*coefficients.shape[:-1], len(self.observed)))
        for part, rows, templates in self._own_templates:
            counts[..., part] = coefficients[..., rows] @ templates
        return np.maximum(counts, COUNTS_FLOOR, out=counts)

    @cached_property
    def _own_templates(self) -> tuple[Own, ...]:
        return own_templates(self.templates, [bins.part for bins in self.stack])

    def components(self, x: Array) -> dict[tuple[str, str], Array]:
        """Return expected counts by (experiment, component), each over that experiment's bins."""
        coefficients = self.coefficients(x)
        parts = {bins.experiment: bins.part for bins in self.stack}
        result: dict[tuple[str, str], Array] = {}
        for label, coefficient, template in zip(
            self.labels, coefficients, self.templates, strict=True
        ):
            counts = coefficient * template[parts[label[0]]]
            result[label] = result[label] + counts if label in result else counts
        return result

    def chi2_per_bin(self, x: Array) -> Array:
        """Return each bin's chi2, shape (..., bins).

        Poisson: 2 (lambda - n + n ln(n / lambda)); Gaussian: ((lambda - n) / sigma)^2.
        """
        # A quarter of a second for commands that evaluate nothing.
        from scipy.special import xlogy

        expected = self.expected(x)
        n = self.observed
        poisson = 2.0 * (expected - n + xlogy(n, n / expected))
        sigma = np.where(self.poisson, 1.0, self.sigma)
        return np.asarray(np.where(self.poisson, poisson, ((expected - n) / sigma) ** 2))

    def pulls(self, x: Array) -> Array:
        """Return ((x - centre) / sigma)^2 of every parameter, shape (..., parameters)."""
        return np.asarray(self._off_centre(x) ** 2 * self.weight)

    def _off_centre(self, x: Array) -> Array:
        """Return x - centre, or ln(x / centre) where the prior is log-normal."""
        if not self.log_normal.any():
            return x - self.centre
        share = np.where(self.log_normal, x, 1.0) / np.where(self.log_normal, self.centre, 1.0)
        return np.where(self.log_normal, np.log(np.maximum(share, LEAST)), x - self.centre)

    def chi2(self, x: Array) -> Array:
        """Return chi2 with pulls, shape (...)."""
        return np.asarray(self.chi2_per_bin(x).sum(axis=-1) + self.pulls(x).sum(axis=-1))

    def chi2_and_gradient(self, x: Array) -> tuple[float, Array]:
        """Return chi2 and its gradient at one point, shapes () and (parameters,)."""
        slope = self._slope(self.expected(x))
        gradient = self.jacobian_of_coefficients(x).T @ (self.templates @ slope)
        pull, rise = self._off_centre(x) * self.weight, self._rise(x)
        return float(self.chi2(x)), gradient + 2.0 * pull * rise

    def _rise(self, x: Array) -> Array:
        """Return the derivative of `_off_centre`: 1, or 1 / x where the prior is log-normal."""
        return np.where(self.log_normal, 1.0 / np.where(self.log_normal, x, 1.0), 1.0)

    def _slope(self, expected: Array) -> Array:
        """Return d chi2 / d lambda, shape (bins,); counts at the floor change nothing."""
        sigma = np.where(self.poisson, 1.0, self.sigma)
        slope = np.where(
            self.poisson,
            2.0 * (1.0 - self.observed / expected),
            2.0 * (expected - self.observed) / sigma**2,
        )
        return np.where(expected > COUNTS_FLOOR, slope, 0.0)

    def log_prior(self, x: Array) -> float:
        """Return the sum of log prior densities, up to a constant."""
        return float(
            sum(p.prior.log_density(float(v)) for p, v in zip(self.parameters, x, strict=True))
        )

    def log_posterior(self, x: Array) -> float:
        """Return -chi2/2 without pulls plus the log priors, up to a constant."""
        prior = self.log_prior(x)
        if not np.isfinite(prior):
            return -np.inf
        return float(-0.5 * self.chi2_per_bin(x).sum() + prior)

    def with_observed(self, observed: Array) -> Likelihood:
        """Return the same likelihood with other counts (a toy, Asimov data)."""
        self.check_observed(observed)
        return replace(self, observed=np.asarray(observed, dtype=float))

    def check_observed(self, observed: Array) -> None:
        """Refuse counts that are none; `InputError`."""
        observed = np.asarray(observed, dtype=float)
        good = np.isfinite(observed) & (observed >= 0)
        if observed.shape != self.observed.shape or not good.all():
            raise InputError(
                "likelihood",
                "observed",
                found=f"shape {observed.shape}, {np.count_nonzero(~good)} of them no counts",
                expected=f"{self.observed.shape} non-negative counts",
            )

    def with_prior(self, name: str, prior: Prior) -> Likelihood:
        """Return the same likelihood with another prior of one parameter."""
        index = self.index(name)
        changed = replace(self.parameters[index], prior=prior)
        return replace(
            self,
            parameters=(*self.parameters[:index], changed, *self.parameters[index + 1 :]),
        )

    def with_fixed(self, values: Mapping[str, float]) -> Likelihood:
        """Return the likelihood with some parameters held at values and no longer parameters.

        Their pulls at these values are left out: they would be constants.
        """
        fixed = {self.index(name): value for name, value in values.items()}
        factors, multipliers = hold(self.factors, fixed, len(self.parameters))
        return replace(
            self,
            parameters=tuple(p for p in self.parameters if p.name not in values),
            factors=factors,
            templates=self.templates * multipliers[:, None],
            held={**self.held, **values},
        )
