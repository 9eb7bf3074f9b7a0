"""A likelihood of other data: counts, and centres of pulls, which are measurements too."""

from __future__ import annotations

from dataclasses import replace

from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array


def with_data(likelihood: Likelihood, counts: Array, centres: Array) -> Likelihood:
    """Return the likelihood of other counts and other centres of pulls."""
    parameters = tuple(
        replace(p, prior=replace(p.prior, centre=float(centre))) if p.prior.has_pull else p
        for p, centre in zip(likelihood.parameters, centres, strict=True)
    )
    return replace(likelihood, parameters=parameters, observed=counts)
