"""Tension as evidences see it: one set of parameters for all experiments, or one for each.

R = Z(all) / prod Z(each). It grows with the width of the prior, so its part that says how much of
the prior the data have in common is taken out: ln S = ln R - ln I, the suspiciousness, with
ln I = sum D(each) - D(all) and the information D = <ln L> - ln Z, by which the evidences drop out:
ln S = <ln L>(all) - sum <ln L>(each). In Gaussian cases d - 2 ln S follows a chi2 distribution of d
degrees of freedom, d = sum d(each) - d(all) with d = 2 var(ln L).
W. Handley and P. Lemos, Phys. Rev. D 100 (2019) 043504, equations 11, 12 and 39; Phys. Rev. D 100
(2019) 023512.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from bayesnu.inference.convergence import r_hat_and_ess
from bayesnu.inference.evidence import Evidence
from bayesnu.inference.posterior_evidence import evidence_of
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.comparison import EvidenceRatio
from bayesnu.results.draws import Sampled


@dataclass(frozen=True)
class Fitness:
    """What a posterior says of its likelihood, the pulls left out."""

    mean: float
    """Of ln L."""
    mean_error: float
    """Monte Carlo, as the other errors."""
    dimension: float
    """2 var(ln L): of a Gaussian likelihood, how many parameters the data measure."""
    dimension_error: float


def fitness_of(likelihood: Likelihood, sampled: Sampled) -> Fitness:
    """Return mean and spread of the log-likelihood over the draws."""
    draws = sampled.draws
    log = -0.5 * likelihood.chi2_per_bin(draws).sum(axis=-1)
    mean = float(log.mean())
    squares = (log - mean) ** 2
    ess = np.maximum(r_hat_and_ess(np.stack([log, squares], axis=-1))[:, 1], 1.0)
    return Fitness(
        mean,
        float(log.std() / np.sqrt(ess[0])),
        2.0 * float(log.var()),
        2.0 * float(squares.std() / np.sqrt(ess[1])),
    )


def evidence_ratio(
    together: tuple[Likelihood, Sampled],
    parts: Sequence[tuple[Likelihood, Sampled]],
    *,
    seed: int = 1,
) -> EvidenceRatio:
    """Return ratio of evidences and suspiciousness of a combination and its parts.

    Raises
    ------
    InputError
        If a parameter that several parts have has a prior without an integral.
    """
    shared = {
        name
        for name in together[0].names
        if sum(name in likelihood.names for likelihood, _ in parts) > 1
    }

    def evidence(likelihood: Likelihood, sampled: Sampled) -> Evidence:
        own = [name for name in likelihood.names if name in shared]
        return evidence_of(likelihood, sampled, seed=seed, normalised=own)

    all_, each = evidence(*together), [evidence(*part) for part in parts]
    fit, fits = fitness_of(*together), [fitness_of(*part) for part in parts]
    ratio = all_.log_value - sum(e.log_value for e in each)
    suspicious = fit.mean - sum(f.mean for f in fits)
    dimension = sum(f.dimension for f in fits) - fit.dimension
    p_value = None
    if dimension > 0.0:
        p_value = float(chdtrc(dimension, max(dimension - 2.0 * suspicious, 0.0)))
    return EvidenceRatio(
        log_ratio=ratio,
        log_ratio_error=_hypot([all_.relative_error, *(e.relative_error for e in each)]),
        log_information=ratio - suspicious,
        log_suspiciousness=suspicious,
        log_suspiciousness_error=_hypot([fit.mean_error, *(f.mean_error for f in fits)]),
        dimension=dimension,
        dimension_error=_hypot([fit.dimension_error, *(f.dimension_error for f in fits)]),
        p_value=p_value,
        priors={
            p.name: f"{p.prior.words(p.name)} {p.unit}".removesuffix(" 1").strip()
            for p in together[0].parameters
            if p.name in shared
        },
    )


def _hypot(errors: Sequence[float]) -> float:
    return float(np.sqrt(np.sum(np.square(errors))))
