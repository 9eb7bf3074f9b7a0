"""The evidence of a posterior that has been sampled, its priors normalised."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from bayesnu.errors import InputError
from bayesnu.inference.evidence import Evidence, log_evidence
from bayesnu.inference.log_posterior import log_posterior
from bayesnu.inference.modes import restrict
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.draws import Sampled
from bayesnu.types import Array


def evidence_of(
    likelihood: Likelihood, sampled: Sampled, *, seed: int = 1, normalised: Collection[str] = ()
) -> Evidence:
    """Return the log-evidence, by bridge sampling from the draws.

    It is that of exp(-chi2 / 2) without the pulls, which leaves out what depends on the data
    alone. Of several modes the heaviest is integrated: the evidence is its share over its weight.

    Parameters
    ----------
    normalised : collection of str
        Parameters whose priors integrate to one; of the others the constant, which ratios of
        evidences with the same priors do not have, is left out: those of a free norm have no
        integral.

    Raises
    ------
    InputError
        If a prior that is to be normalised has no integral.
    """
    rng = np.random.default_rng([seed, 3])
    draws, own, share, error = sampled.draws, likelihood, 1.0, 0.0
    if sampled.modes:
        number = int(np.argmax([mode.weight for mode in sampled.modes]))
        mode = sampled.modes[number]
        own = restrict(likelihood, mode.bounds)
        draws = _of_mode(sampled, number)
        share, error = mode.weight, mode.weight_error / mode.weight
    compiled = log_posterior(own)
    u = compiled.in_one_copy(compiled.to_unbounded(draws))
    found = log_evidence(compiled.density_of_one_copy(), u, rng)
    constant = sum(_log_integral(likelihood, name) for name in normalised)
    return Evidence(
        found.log_value - float(np.log(share)) - constant,
        float(np.hypot(found.relative_error, error)),
    )


def _of_mode(sampled: Sampled, number: int) -> Array:
    """Return the draws of one mode, equally many of each chain."""
    chosen = sampled.statistics["mode"] == number
    length = int(chosen.sum(axis=1).min())
    return np.stack(
        [chain[mask][:length] for chain, mask in zip(sampled.draws, chosen, strict=True)]
    )


def _log_integral(likelihood: Likelihood, name: str) -> float:
    prior = likelihood.parameters[likelihood.index(name)].prior
    integral = prior.integral
    if not np.isfinite(integral):
        raise InputError(
            "evidence", f"prior of {name}", found=prior.words(name), expected="one with an integral"
        )
    return float(np.log(integral))
