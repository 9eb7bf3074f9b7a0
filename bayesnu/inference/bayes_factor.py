"""The Bayes factor of a signal, with its prior, over no signal.

Given all other parameters, the evidence of one is an integral over a line. Its inverse relative to
the likelihood without a signal, averaged over draws from the posterior, is the inverse Bayes factor

    B01 = E[ L(0, nu) / int L(x, nu) pi(x) dx ],

the density ratio of Dickey (Ann. Math. Stat. 42 (1971) 204) with conditional densities (Verdinelli
and Wasserman, JASA 90 (1995) 614), for any prior, one that has no density without a signal too.
Where draws seldom have the nuisances that no signal would need, the likelihoods without a signal
and with the best one are integrals over all nuisances instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from bayesnu.errors import ComputationError
from bayesnu.inference.convergence import autocorrelation_times
from bayesnu.inference.density import Density, mesh_of
from bayesnu.inference.marginal_density import Conditional, log_likelihood, steps_of
from bayesnu.inference.marginal_likelihood import POINTS, marginalise
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.likelihood.priors import Prior
from bayesnu.results.draws import Sampled
from bayesnu.types import Array

DRAWS = 800
"""That are averaged: with a scatter of a half, an error of 2%."""

GOOD = 0.03
"""An error of the density ratio above which integrals are tried: where few of the draws matter, it
is not known well either."""


@dataclass(frozen=True)
class BayesFactor:
    """ln of an evidence with a signal over that without."""

    log_value: float
    error: float
    """One standard deviation."""
    log_most: float
    """The largest under any prior of the parameter: that of a point at the best place."""
    excluded_at: float | None
    """Probability of the region of highest density that just reaches the value without a signal;
    None under a prior that has nothing there."""
    method: str


def bayes_factor(likelihood: Likelihood, sampled: Sampled, name: str) -> BayesFactor:
    """Return the Bayes factor for a signal, by whichever way is accurate enough."""
    drawn = Drawn.of(likelihood, sampled, name)
    found = drawn.density_ratio()
    signals = [p for p in likelihood.parameters if p.role == "signal"]
    if found.error > GOOD and len(signals) == 1:
        try:
            return min(found, drawn.ratio_of_integrals(), key=lambda factor: factor.error)
        except (ComputationError, np.linalg.LinAlgError):
            return found  # with the error that it has
    return found


@dataclass(frozen=True, eq=False)
class Drawn:
    """What draws of the others say about one parameter, each by itself.

    Attributes
    ----------
    ratios : ndarray, shape (chains, draws)
        ln of the likelihood without a signal over the evidence of one, given all others.
    weights : ndarray, shape (chains * draws, points)
        Conditional densities at the values of `density`, their mean.
    mode_of : ndarray of int, shape (chains, draws)
        The mode of each draw.
    """

    likelihood: Likelihood
    sampled: Sampled
    parameter: Parameter
    ratios: Array
    weights: Array
    density: Density
    mode_of: NDArray[np.intp]

    @classmethod
    def of(cls, likelihood: Likelihood, sampled: Sampled, name: str) -> Drawn:
        """Compute it from at most about `DRAWS` draws."""
        index = likelihood.index(name)
        parameter = likelihood.parameters[index]
        step = max(1, sampled.draws[..., 0].size // DRAWS)
        draws = sampled.draws[:, ::step]
        flat = draws.reshape(-1, draws.shape[-1])
        log = parameter.prior.is_logarithmic
        low, high = float(likelihood.low[index]), float(likelihood.high[index])
        own = draws[..., index]
        t = mesh_of(np.log(own) if log else own, *(np.log([low, high]) if log else (low, high)))
        line = Conditional(likelihood, index, log)
        heights, tops = line.log_heights(flat, t)
        total = logsumexp(heights, b=steps_of(t), axis=-1)
        null = np.array([parameter.standard])
        without = log_likelihood(likelihood, line.along.expected(flat, null))[:, 0]
        weights = np.exp(heights - total[:, None])
        values = np.clip(np.exp(t), low, high) if log else t
        modes = sampled.statistics.get("mode", np.zeros(sampled.draws.shape[:2]))
        return cls(
            likelihood,
            sampled,
            parameter,
            (without - total - tops + log_norm(parameter.prior)).reshape(draws.shape[:2]),
            weights,
            Density(values, weights.mean(axis=0), log, prior=parameter.prior),
            modes[:, ::step].astype(np.intp),
        )

    def density_ratio(self) -> BayesFactor:
        """Return the Bayes factor from the draws alone."""
        top = float(self.ratios.max())
        each = np.exp(self.ratios - top)
        value = -(top + float(np.log(each.mean())))
        return self._factor(value, self._error(each), "density ratio")

    def ratio_of_integrals(self, points: int = POINTS) -> BayesFactor:
        """Return the Bayes factor from integrals over the nuisances, without and with a signal.

        Bayes' theorem at one value, the best, makes of the second the evidence: prior times
        likelihood over posterior. Only nuisances may be free beside the parameter.
        """
        place = int(np.argmax(self.density.density))
        height = self.weights[:, place].reshape(self.ratios.shape)
        values = np.array([self.parameter.standard, float(self.density.values[place])])
        log_prior = log_of_prior(self.density, self.parameter.prior)[place]
        shift = log_prior - float(np.log(height.mean()))
        once, twice = (self._rise(values, number) for number in (points, 2 * points))
        error = float(np.hypot(twice - once, self._error(height)))
        return self._factor(twice + float(shift), error, "ratio of integrals")

    def _rise(self, values: Array, points: int) -> float:
        """Return by how much ln of the marginal likelihood differs between two values."""
        prior = self.parameter.prior
        found = marginalise(self.likelihood, self.parameter.name, values, points=points, cut=np.inf)
        pulls = [prior.pull(float(value)) for value in values]  # of the prior, counted by itself
        return float(np.diff(found.log_likelihood + 0.5 * np.array(pulls))[0])

    def _error(self, each: Array) -> float:
        """Return the relative error of a mean over draws, shape (chains, draws)."""
        mean = float(each.mean())
        times = float(autocorrelation_times(each[..., None])[0]) if each.shape[1] >= 4 else 1.0
        variance = float(each.var()) * max(times, 1.0) / each.size
        for number, mode in enumerate(self.sampled.modes):
            if (own := each[self.mode_of == number]).size:
                rest = max(1.0 - mode.weight, 1e-9)
                variance += (mode.weight_error / rest * (float(own.mean()) - mean)) ** 2
        return float(np.sqrt(variance)) / mean

    def _factor(self, value: float, error: float, method: str) -> BayesFactor:
        prior, null = self.parameter.prior, self.parameter.standard
        inside = prior.low <= null <= prior.high
        excluded = min(self.density.share_above(null), 1.0) if inside else None
        height, log_prior = self.density.density, log_of_prior(self.density, prior)
        known = (height > 0.0) & np.isfinite(log_prior)
        most = value + float((np.log(height[known]) - log_prior[known]).max())
        return BayesFactor(value, error, most, excluded, method)


def log_of_prior(density: Density, prior: Prior) -> Array:
    """Return ln of a prior at the values of a density, per unit of the same variable."""
    jacobian = density.smooth if density.log else 0.0
    return np.asarray(prior.log_density(density.values) - log_norm(prior) + jacobian)


def log_norm(prior: Prior) -> float:
    """Return ln of the integral of exp(prior.log_density)."""
    inside = prior.ppf(0.5)
    return float(prior.log_density(inside) - np.log(prior.density(inside)))
