"""Is there a signal? Delta chi2 without one, and how that is distributed if there is none.

Where the parameter without a signal lies inside its range, Delta chi2 follows chi2 of one degree
of freedom (S. Wilks, Ann. Math. Stat. 9 (1938) 60). At a boundary half of all data prefer no
signal, and it follows one half of that (H. Chernoff, Ann. Math. Stat. 25 (1954) 573; the q0 of
G. Cowan et al., Eur. Phys. J. C 71 (2011) 1554, equation (12)). A size that enters as its square
is at a boundary, whatever the sign it may have: what the counts are linear in is the square, which
is not negative.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import chdtrc

from bayesnu.errors import ComputationError
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.curve import Profile
from bayesnu.results.discovery import Discovery
from bayesnu.results.draws import Sampled

INSIDE, BOUNDARY, UNKNOWN = "chi2, 1 dof", "half chi2, 1 dof, at a boundary", "a phase is free too"


def distribution(likelihood: Likelihood, name: str) -> str:
    """Return which distribution Delta chi2 of no signal has without one."""
    index = likelihood.index(name)
    parameter = likelihood.parameters[index]
    own = likelihood.factors == index
    count = len(likelihood.names)
    # Cosines and sines of what has none where the size is zero: no theorem holds.
    angles = (likelihood.factors > count) & (likelihood.factors <= 3 * count)
    if parameter.periodic or (own.any(axis=1) & angles.any(axis=1)).any():
        return UNKNOWN
    if parameter.standard <= likelihood.low[index]:
        return BOUNDARY
    even = bool((own.sum(axis=1) % 2 == 0).all()) and parameter.standard == 0.0
    return BOUNDARY if even else INSIDE


def chance(delta_chi2: float, kind: str) -> float | None:
    """Return the chance of a Delta chi2 or a larger one without a signal."""
    if kind == UNKNOWN:
        return None
    p = float(chdtrc(1.0, delta_chi2))
    # At a boundary half of all data have exactly zero: it is no less likely than one.
    return 0.5 * p if kind == BOUNDARY and delta_chi2 > 0.0 else p


def significance(likelihood: Likelihood, curve: Profile) -> Discovery:
    """Return what a profile says against no signal."""
    null = likelihood.parameters[likelihood.index(curve.parameter)].standard
    try:
        delta = max(curve.at(null), 0.0)
    except ComputationError:  # no fit without a signal: nothing to compare with
        return Discovery(null=null, delta_chi2=None)
    kind = distribution(likelihood, curve.parameter)
    return Discovery(
        null=null,
        delta_chi2=delta,
        significance=None if kind == UNKNOWN else float(np.sqrt(delta)),
        p_value=chance(delta, kind),
        distribution=kind,
    )


def discovery(
    likelihood: Likelihood, name: str, curve: Profile | None, sampled: Sampled | None
) -> Discovery | None:
    """Return what a profile, and draws that have converged, say against no signal.

    None where there is neither, or counts are no polynomial.
    """
    if likelihood.route == "graph" or (curve is None and sampled is None):
        return None
    parameter = likelihood.parameters[likelihood.index(name)]
    found = Discovery(parameter.standard, None)
    if curve is not None:
        found = significance(likelihood, curve)
    if sampled is None:
        return found
    from bayesnu.inference.bayes_factor import bayes_factor

    factor = bayes_factor(likelihood, sampled, name)
    return replace(
        found,
        log_bayes_factor=factor.log_value,
        log_bayes_factor_error=factor.error,
        log_bayes_factor_most=factor.log_most,
        prior=parameter.prior.words(name),
        method=factor.method,
        excluded_at=factor.excluded_at,
    )
