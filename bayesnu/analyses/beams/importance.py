"""Posteriors of moments from limits on effective moments alone, by importance sampling.

A beam that limits one combination of moments leaves a thin tube of others open, along its blind
spot, in which the phases have to be ever closer to their values the larger the moments are: no
step of NUTS suits both ends of it. As complex numbers the moments know no such narrowing. Their
effective moment squared is a quadratic form, whose eigenvectors say where the tube lies, and
points can be spread along and across it evenly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayesnu.analyses.beams.derived import pulled
from bayesnu.experiments.beam_limit import beam_of
from bayesnu.experiments.experiment import Experiment
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.model.beam_terms import oscillation_of
from bayesnu.physics.moments.effective import quadratic_form
from bayesnu.physics.moments.mixing import mixing_matrix
from bayesnu.physics.signals.transition_moment import PHASES, SIZES
from bayesnu.types import Array, ComplexArray

LOG2_POINTS = 17


@dataclass(frozen=True)
class Weighted:
    """Points of a posterior with weights."""

    values: dict[str, Array]
    """Shape (points,). Parameters by name."""
    weights: Array
    """Shape (points,). They add up to one."""

    @property
    def effective(self) -> float:
        """Number of independent draws that are worth the same, 1 / sum w^2."""
        return float(1.0 / (self.weights**2).sum())


def importance_sample(
    likelihood: Likelihood, experiments: Sequence[Experiment], seed: int = 1
) -> Weighted:
    """Return weighted points of the posterior of all moments, phases and mixing parameters.

    Parameters
    ----------
    likelihood : Likelihood
        Of `experiments`; flat in the sizes and phases.
    experiments : sequence of Experiment
        All of them given as limits on effective moments.
    seed : int
        Of the scrambled Sobol sequence.
    """
    from scipy.stats import qmc

    nuisances = [p.name for p in likelihood.parameters if p.role != "signal"]
    sobol = qmc.Sobol(6 + len(nuisances), rng=np.random.default_rng(seed))
    uniform = sobol.random_base2(LOG2_POINTS).T
    values = {
        name: _from_prior(likelihood, name, share)
        for name, share in zip(nuisances, uniform[6:], strict=True)
    }
    eigenvalues, vectors = np.linalg.eigh(_seen(experiments, values))
    ends = np.array([likelihood.high[likelihood.index(size)] for size in SIZES])
    largest = float(ends.max())
    reach = 3.0**0.5 * largest
    scales = np.minimum(1.0 / np.sqrt(np.maximum(eigenvalues, 1e-30)), largest)
    # Across: as the limit is wide. Along the tube the density falls as 1 / r^2 from there on.
    scales[:, 0] = np.minimum(scales[:, 0], scales[:, 1])
    share = uniform[:3].T * reach / (reach + scales)
    radius = scales * share / (1.0 - share)
    turned = radius * np.exp(2j * np.pi * uniform[3:6].T)
    moments = np.einsum("nij,nj->ni", vectors, turned)
    for index, (size, phase) in enumerate(zip(SIZES, PHASES, strict=True)):
        values[size] = np.abs(moments[:, index])
        if phase is not None:
            values[phase] = np.angle(moments[:, index] * np.conj(moments[:, 1]))
    points = np.stack([values[name] for name in likelihood.names], axis=-1)
    # The proposal has the density scale / (radius + scale)^2 / (2 pi radius) in every complex
    # plane; a prior flat in size and phase is 1 / |Lambda| in the plane of a moment.
    log_weights = (2.0 * np.log(radius + scales) + np.log(radius / scales)).sum(axis=1)
    log_weights -= np.log(np.abs(moments)).sum(axis=1)
    # The nuisances come from their priors, which chi2 holds as pulls.
    log_weights -= 0.5 * (likelihood.chi2(points) - _pulls(likelihood, points))
    log_weights[(np.abs(moments) > ends).any(axis=1)] = -np.inf
    weights = np.exp(log_weights - log_weights.max())
    return Weighted(values, weights / weights.sum())


def _seen(experiments: Sequence[Experiment], pulls: dict[str, Array]) -> ComplexArray:
    """Return the sum of mu^2 / limit^2 over the beams as a form, shape (points, 3, 3)."""
    parameters = pulled(oscillation_of(experiments), pulls)
    mixing = mixing_matrix(parameters)
    total: Any = 0.0
    for experiment in experiments:
        file: Any = experiment.file
        form = quadratic_form(beam_of(experiment, parameters), mixing)
        total = total + form / file.upper_limit_1e11_mu_B**2
    points = 1 << LOG2_POINTS
    return np.asarray(np.broadcast_to(total, (points, 3, 3)))


def _from_prior(likelihood: Likelihood, name: str, share: Array) -> Array:
    from scipy.special import ndtri

    prior = likelihood.parameters[likelihood.index(name)].prior
    assert prior.is_gaussian
    return np.asarray(prior.centre + prior.sigma * ndtri(share))


def _pulls(likelihood: Likelihood, points: Array) -> Array:
    """Return what Gaussian priors add to chi2."""
    total = np.zeros(len(points))
    for index, parameter in enumerate(likelihood.parameters):
        if parameter.prior.is_gaussian:
            total += ((points[:, index] - parameter.prior.centre) / parameter.prior.sigma) ** 2
    return total
