"""Sensitivity of an experiment against its exposure: expected limits, and their spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Unpack, cast

import numpy as np

from bayesnu.analyses.asimov import asimov, true_values
from bayesnu.analyses.question import Asked, Question, as_experiments, signal_of
from bayesnu.campaigns.engines import useful_cores
from bayesnu.campaigns.ensemble import FEWEST_TOYS, limits_of_toys
from bayesnu.campaigns.running import kept_in
from bayesnu.errors import InputError, Interrupted
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.projection import project
from bayesnu.inference.profile import profile
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.physics.signals import Signal
from bayesnu.results.limit import FrequentistLimit
from bayesnu.results.sensitivity import Sensitivity, SensitivityPoint
from bayesnu.types import Progress

Method = Literal["profile", "posterior", "both"]

TOY_SECONDS = 0.05
"""What the interval of one takes."""


class Expected(Asked, total=False):
    """What may be said of the experiments to be expected, beside what a question says."""

    scale: Mapping[str, float] | None
    truth: Mapping[str, float] | None
    toys: int
    cores: int
    keep: str | Path | None


def sensitivity(
    experiment: str | Path | Experiment,
    signal: str | Signal,
    parameter: str,
    exposures: Sequence[float],
    *,
    method: Method = "profile",
    settings: Settings | None = None,
    progress: Progress | None = None,
    **expected: Unpack[Expected],
) -> Sensitivity:
    """Return the limits to be expected from an experiment at several exposures.

    Parameters
    ----------
    experiment : str, Path or Experiment
        A projection, or one with data, which are then not looked at.
    exposures : sequence of float
        t yr.
    method : {"profile", "posterior", "both"}
        Delta chi2 limit of Asimov data (1 dof), credible limit of Asimov data.
    settings : Settings, optional
        How to sample; its seed is that of the toys too.
    **expected
        As of `bayesnu.limit`, and: `scale`, factors on backgrounds; `truth`, true values
        behind the counts, by default the Standard Model's (the pulls stay where the file has them,
        in the Asimov data and on average over the toys); `toys`, how many simulated experiments
        at each exposure make the bands of the Delta chi2 limit (none); `cores`, the most processes
        that fit them (1); `keep`, a folder that keeps each one, where the same call continues.

    Raises
    ------
    InputError
        If something given is wrong.
    ComputationError
        If a fit or the sampler fails.
    Interrupted, KeyboardInterrupt
        On Ctrl-C before the first exposure is done; later, those that are done are returned.
    """
    if method not in ("profile", "posterior", "both"):
        raise InputError("--method", "method", found=method, expected="profile|posterior|both")
    if not exposures:
        raise InputError("--exposures", "t yr", found="none", expected="at least one")
    given = dict(expected.pop("truth", None) or {})
    factors = dict(expected.pop("scale", None) or {})
    toys, keep = expected.pop("toys", 0), expected.pop("keep", None)
    cores = useful_cores(expected.pop("cores", 1), toys * TOY_SECONDS)
    if toys and not FEWEST_TOYS <= toys <= 1_000_000:
        raise InputError("--toys", "number", found=toys, expected=f"0, or {FEWEST_TOYS} to 1e6")
    settings = settings or Settings()
    (base,) = as_experiments([experiment])
    asked = cast(Asked, expected)
    model = signal_of(signal, [base])
    points = []
    for number, exposure in enumerate(exposures):
        at = project(base, exposure, factors)
        question = Question.of([at], model, [parameter], **asked).but(
            dof=1, observed=asimov([at], model, given)
        )
        likelihood, cut, level = question.likelihood, question.threshold, question.level
        report = _part(progress, number, len(exposures), f"{exposure:g} t yr: ")
        frequentist = bayesian = band = None
        try:
            if method != "posterior":
                frequentist = _delta_chi2(likelihood, parameter, cut)
            if method != "profile":
                from bayesnu.inference.sampled_limit import whole_limit

                bayesian = whole_limit(likelihood, parameter, level, settings)
            if toys:
                seed = int(np.random.SeedSequence([settings.seed, number]).generate_state(1)[0])
                how = kept_in(keep, likelihood, level, seed)
                how |= {"cores": cores, "progress": report}
                band = limits_of_toys(likelihood, parameter, cut, toys, **how)
            points.append(SensitivityPoint(exposure, frequentist, bayesian, band))
        except (Interrupted, KeyboardInterrupt):
            if not points:
                raise
            break
        report(1.0, "done")
    about = question.about
    return Sensitivity(
        experiment=base.name,
        signal=about.signal,
        parameter=parameter,
        unit=about.unit,
        latex=about.latex,
        free=about.free,
        level=about.level,
        scale=factors,
        truth=true_values(base, model, given),
        points=tuple(points),
        seed=settings.seed,
        digest=base.digest,
        fixed=about.fixed,
        fixed_units=about.fixed_units,
        interrupted=len(points) < len(exposures),
    )


def _delta_chi2(likelihood: Likelihood, parameter: str, cut: float) -> FrequentistLimit:
    curve = profile(likelihood, parameter, cut=cut)
    return curve.limit(1, cut)


def _part(progress: Progress | None, number: int, total: int, prefix: str) -> Progress:
    """Return a progress report for one of several parts."""

    def report(fraction: float, word: str) -> None:
        if progress is not None:
            progress((number + fraction) / total, prefix + word)

    return report
