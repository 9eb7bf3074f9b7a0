"""Do experiments agree on a parameter: each beside the combination, goodness of fit, evidences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Unpack, get_args

import numpy as np

from bayesnu.analyses.question import Asked, Experiments, Question, as_question
from bayesnu.campaigns.tension import with_toys
from bayesnu.errors import InputError, Interrupted
from bayesnu.inference.evidence_ratio import evidence_ratio
from bayesnu.inference.profile import profile
from bayesnu.inference.sampled_limit import sampled_limit
from bayesnu.inference.settings import Settings
from bayesnu.inference.tension import parameter_goodness
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.parts import parts_of, without
from bayesnu.physics.signals import Signal
from bayesnu.results.comparison import Comparison, EvidenceRatio, Part
from bayesnu.results.curve import Profile
from bayesnu.results.draws import Sampled
from bayesnu.results.limit import CredibleLimit
from bayesnu.types import Progress

Method = Literal["profile", "both"]


def compare(
    experiments: Question | Experiments,
    signal: str | Signal | None = None,
    parameter: str | None = None,
    *,
    method: Method = "both",
    toys: int = 0,
    settings: Settings | None = None,
    progress: Progress | None = None,
    **asked: Unpack[Asked],
) -> Comparison:
    """Return what each experiment of a combination says of a parameter, and whether they agree.

    Parameters
    ----------
    method : {"profile", "both"}
        Whether to sample too, for evidences and credible limits.
    toys : int
        Simulated combinations behind a second p-value, which needs no chi2 distribution.
    **asked
        The fields of `bayesnu.analyses.question.Asked`.
    """
    if method not in get_args(Method):
        raise InputError("--method", "method", found=method, expected="profile | both")
    question = as_question(experiments, signal, parameter, asked)
    likelihood, name = question.likelihood.polynomial(), question.parameter
    about, settings = question.about, settings or Settings()
    all_parts = parts_of(likelihood)
    parts = [part for part in all_parts if name in part.names]
    if len(parts) < 2:
        seen = ", ".join(part.experiments[0] for part in parts) or "none"
        raise InputError("compare", f"experiments that see {name}", found=seen, expected="two")
    cut = max(question.threshold, 1.0)
    curve = profile(likelihood, name, cut=cut, progress=progress)
    goodness = parameter_goodness(likelihood, all_parts)
    if toys:
        goodness = with_toys(
            likelihood, goodness, toys, seed=settings.seed, cores=1, progress=progress
        )
    evidence: EvidenceRatio | None = None
    credible: list[CredibleLimit | None] = [None] * (len(parts) + 1)
    if method == "both":
        evidence, credible = _sampled(likelihood, parts, name, question.level, settings, progress)
    return Comparison(
        experiments=about.experiments,
        signal=about.signal,
        parameter=name,
        unit=about.unit,
        latex=about.latex,
        level=about.level,
        threshold=question.threshold,
        best_fit=curve.best_fit,
        chi2_min=curve.chi2_min,
        intervals=curve.intervals(question.threshold),
        values=curve.values,
        delta_chi2=curve.delta_chi2,
        parameter_goodness_of_fit=goodness,
        parts=tuple(
            _part(part, likelihood, curve, question.threshold, found)
            for part, found in zip(parts, credible[1:], strict=True)
        ),
        evidence=evidence,
        credible=credible[0],
        free=about.free,
        fixed=about.fixed,
        fixed_units=about.fixed_units,
    )


def _part(
    part: Likelihood,
    likelihood: Likelihood,
    together: Profile,
    cut: float,
    credible: CredibleLimit | None,
) -> Part:
    """Return what an experiment says alone, and the others without it."""
    name = together.parameter
    own = profile(part, name, cut=max(cut, 1.0))
    others = profile(without(likelihood, part.experiments[0]), name, cut=cut)
    shared = np.array([together.best_point[p] for p in part.names])
    return Part(
        experiment=part.experiments[0],
        best_fit=own.best_fit,
        chi2_min=own.chi2_min,
        bins=len(part.observed),
        one_sigma=own.intervals(1.0),
        intervals=own.intervals(cut),
        pull=float(
            np.sign(own.best_fit - together.best_fit) * np.sqrt(max(own.at(together.best_fit), 0.0))
        ),
        share=float(part.chi2(shared)) - own.chi2_min,
        without=others.intervals(cut),
        values=own.values,
        delta_chi2=own.delta_chi2,
        credible=credible,
    )


def _sampled(
    likelihood: Likelihood,
    parts: Sequence[Likelihood],
    name: str,
    level: float,
    settings: Settings,
    progress: Progress | None,
) -> tuple[EvidenceRatio, list[CredibleLimit | None]]:
    """Return the ratio of evidences, and the credible limits of all and of each."""
    drawn: list[tuple[Likelihood, Sampled]] = []
    limits: list[CredibleLimit | None] = []
    for one in (likelihood, *parts):
        sampled, limit = sampled_limit(one, name, level, settings, progress=progress)
        if limit.interrupted:
            raise Interrupted("Interrupted while sampling.")
        drawn.append((one, sampled))
        limits.append(limit)
    return evidence_ratio(drawn[0], drawn[1:], seed=settings.seed), limits
