"""Both statements on an effective moment that fundamental moments imply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from bayesnu.analyses.beams.derived import SIZE, effective_moments
from bayesnu.analyses.beams.profile import profile_effective_moment
from bayesnu.analyses.question import Experiments, as_experiments
from bayesnu.errors import Interrupted
from bayesnu.experiments.experiment import Experiment
from bayesnu.inference.disagreement import errors_of_parts
from bayesnu.inference.point_density import from_points
from bayesnu.inference.posterior import sample
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.threshold import threshold
from bayesnu.model.beam_terms import is_effective_moment, oscillation_of
from bayesnu.model.build import build_likelihood
from bayesnu.physics.signals.transition_moment import TransitionMoment
from bayesnu.results.draws import Sampled
from bayesnu.results.limit import CredibleLimit, FrequentistLimit
from bayesnu.types import Interval

UNIT = "1e-11 mu_B"
PRIOR = "flat in |Lambda_1|, |Lambda_2|, |Lambda_3| and the phases"


def derived_limits(
    experiments: Experiments,
    beam: str,
    level: float = 0.9,
    dof: int = 1,
    method: Literal["profile", "posterior", "both"] = "profile",
    settings: Settings | None = None,
) -> tuple[FrequentistLimit | None, CredibleLimit | None, str]:
    """Return the limits on the effective moment of a beam.

    Parameters
    ----------
    beam : str
        ``reactor``, or ``mu_reactor`` as in the table of published limits.

    Returns
    -------
    bayesian : CredibleLimit or None
        The prior is flat in the sizes |Lambda_i| and in the phases.
    """
    name = beam.removeprefix("mu_")
    frequentist = credible = None
    if method != "posterior":
        curve = profile_effective_moment(experiments, name, level=level, dof=dof)
        best = int(np.argmin(curve.delta_chi2))
        frequentist = FrequentistLimit(
            dof,
            threshold(level, dof),
            float(curve.values[best]) if curve.delta_chi2[best] < 0.0 else 0.0,
            curve.chi2_min,
            ((None, curve.upper_limit),),
        )
    if method != "profile":
        credible = _credible(experiments, name, level, settings or Settings())
    return frequentist, credible, UNIT


def _credible(
    experiments: Experiments, beam: str, level: float, settings: Settings
) -> CredibleLimit:
    from bayesnu.inference.convergence import quality_of
    from bayesnu.inference.credible import credible_limit, upper_limit

    loaded = as_experiments(experiments)
    signal = TransitionMoment()
    likelihood = build_likelihood(loaded, signal, signal.elementary())
    if all(is_effective_moment(e) for e in loaded):
        return _by_importance(likelihood, loaded, beam, level, settings.seed)
    tree = sample(likelihood, settings)
    if not tree.attrs["complete"]:
        raise Interrupted("Interrupted while sampling.")
    # How the chains mixed is judged by the parameters that were sampled.
    size = likelihood.parameters[likelihood.index("Lambda_1")]
    run = credible_limit(tree, size, level)
    draws = effective_moments(tree, oscillation_of(loaded), [beam])[beam]
    ess = quality_of(draws[..., None]).ess_bulk
    found = upper_limit(from_points(draws, SIZE, effective=ess), level)
    errors = found.errors
    if not run.converged:
        moments = Sampled(draws[..., None], {}, True)

        def limit_of(part: Sampled) -> tuple[Interval, ...]:
            return upper_limit(from_points(part.draws[..., 0], SIZE), level).intervals

        errors = errors_of_parts(moments, found.intervals, errors, limit_of)
    return replace(
        run,
        prior=PRIOR,
        kind="upper",
        intervals=found.intervals,
        intervals_error=errors,
        bounded=True,
        times_more=found.times_more,
        mean=float(draws.mean()),
        sd=float(draws.std()),
        draws=int(draws.size),
    )


def _by_importance(
    likelihood: Likelihood, experiments: Sequence[Experiment], beam: str, level: float, seed: int
) -> CredibleLimit:
    from bayesnu.analyses.beams.importance import importance_sample
    from bayesnu.inference.credible import upper_limit
    from bayesnu.results.limit import ESS_LIMIT

    found = importance_sample(likelihood, experiments, seed)
    moment = effective_moments(found.values, oscillation_of(experiments), [beam])[beam]
    mean = float(found.weights @ moment)
    stated = upper_limit(from_points(moment, SIZE, found.weights, found.effective), level)
    return CredibleLimit(
        prior=PRIOR,
        kind="upper",
        intervals=stated.intervals,
        intervals_error=stated.errors,
        times_more=stated.times_more,
        mean=mean,
        sd=float(np.sqrt(found.weights @ (moment - mean) ** 2)),
        r_hat=1.0,  # there are no chains that could disagree
        ess_bulk=found.effective,
        divergences=0,
        draws=len(found.weights),
        converged=found.effective > ESS_LIMIT,
        method="importance sampling",
    )
