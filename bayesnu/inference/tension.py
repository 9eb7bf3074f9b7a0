"""Parameter goodness of fit: do the experiments of a combination mean the same parameter?

M. Maltoni and T. Schwetz, Phys. Rev. D 68 (2003) 033020: the chi2 of the combination's best fit
minus the sum of those of the experiments alone follows a chi2 distribution, whose degrees of
freedom are the parameters that the experiments have in common, each counted once less than it is
seen. How well an experiment is described at all drops out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import chdtrc

from bayesnu.inference.minima import find_minima
from bayesnu.inference.minimise import minimise
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.parts import parts_of
from bayesnu.results.parameter_goodness import ParameterGoodness


def parameter_goodness(
    likelihood: Likelihood, parts: Sequence[Likelihood] | None = None
) -> ParameterGoodness:
    """Return the parameter goodness of fit of a combination.

    Parameters
    ----------
    parts : sequence of Likelihood, optional
        `parts_of` it, where they are known.
    """
    parts = parts_of(likelihood) if parts is None else parts
    together = find_minima(likelihood)[0]
    best = dict(zip(likelihood.names, together.x, strict=True))
    alone = [lowest_chi2(part, best) for part in parts]
    delta = together.chi2 - sum(alone)
    dof = degrees_of_freedom(likelihood, parts)
    return ParameterGoodness(
        delta_chi2=delta,
        dof=dof,
        p_value=float(chdtrc(dof, max(delta, 0.0))) if dof else None,
        shared=shared_nuisances(likelihood, parts),
    )


def lowest_chi2(part: Likelihood, near: dict[str, float]) -> float:
    """Return the smallest chi2 of a part; a fit from the combination's best fit may find it."""
    start = np.array([near[name] for name in part.names])
    own = minimise(part, start, np.zeros(len(start), dtype=bool))
    return min(own.chi2, find_minima(part)[0].chi2)


def degrees_of_freedom(likelihood: Likelihood, parts: Sequence[Likelihood]) -> int:
    """Return how many parameters fewer the combination has than its parts together.

    A shared nuisance with a pull is one parameter and one measurement in each: it counts nothing.
    """
    free = [p.name for p in likelihood.parameters if not p.prior.has_pull]
    seen = (sum(name in part.names for part in parts) for name in free)
    return sum(max(times - 1, 0) for times in seen)


def shared_nuisances(likelihood: Likelihood, parts: Sequence[Likelihood]) -> tuple[str, ...]:
    """Return the nuisances that several parts have."""
    return tuple(
        p.name
        for p in likelihood.parameters
        if p.role != "signal" and sum(p.name in part.names for part in parts) > 1
    )
