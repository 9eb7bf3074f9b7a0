"""Sensitivity of an experiment against its exposure: expected limits, and their spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from bayesnu.analyses.asimov import asimov, true_values
from bayesnu.analyses.limit import FitKind
from bayesnu.analyses.rates import nominal_point
from bayesnu.analyses.scans import likelihood_of
from bayesnu.campaigns.ensemble import FEWEST_TOYS, limits_of_toys
from bayesnu.errors import InputError, Interrupted
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.loading import load
from bayesnu.experiments.projection import project
from bayesnu.inference.profile import profile
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.held import held
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.threshold import threshold
from bayesnu.model.signal_prior import PriorName
from bayesnu.physics.signals import Signal, signal_for
from bayesnu.results.limit import CredibleLimit, FrequentistLimit
from bayesnu.results.sensitivity import Sensitivity, SensitivityPoint
from bayesnu.types import Progress

Method = Literal["profile", "posterior", "both"]


def sensitivity(
    experiment: str | Path | Experiment,
    signal: str | Signal,
    parameter: str,
    exposures: Sequence[float],
    *,
    free: Sequence[str] = (),
    fit: FitKind = "one-at-a-time",
    level: float = 0.9,
    method: Method = "profile",
    prior: PriorName = "flat",
    scale: Mapping[str, float] | None = None,
    truth: Mapping[str, float] | None = None,
    toys: int = 0,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """Return the limits to be expected from an experiment at several exposures.

    Parameters
    ----------
    experiment : str, Path or Experiment
        A projection, or one with data, which are then not looked at.
    signal : str or Signal
    parameter : str
    exposures : sequence of float
        t yr.
    free : sequence of str
        Other parameters of the signal that are free.
    fit : {"one-at-a-time", "marginal"}
        ``marginal``: all of them.
    level : float
        Confidence level (1 degree of freedom) and credibility.
    method : {"profile", "posterior", "both"}
        Delta chi2 limit of Asimov data, credible limit of Asimov data.
    prior : {"flat", "flat-squared", "log"}
    scale : mapping, optional
        Factors on backgrounds.
    truth : mapping, optional
        True values; by default the Standard Model.
    toys : int
        Number of simulated experiments at each exposure, for bands of the Delta chi2 limit.
    settings : Settings, optional
        How to sample; its seed is that of the toys too.
    progress : callable, optional
        Called with the fraction done and a word.

    Raises
    ------
    InputError
        If something given is wrong.
    ComputationError
        If a fit or the sampler fails.
    Interrupted, KeyboardInterrupt
        On Ctrl-C before the first exposure is done; later, those that are done are returned.
    """
    cut = threshold(level, 1)
    if method not in ("profile", "posterior", "both"):
        raise InputError("--method", "method", found=method, expected="profile|posterior|both")
    if not exposures:
        raise InputError("--exposures", "t yr", found="none", expected="at least one")
    if toys and not FEWEST_TOYS <= toys <= 1_000_000:
        raise InputError("--toys", "number", found=toys, expected=f"0, or {FEWEST_TOYS} to 1e6")
    settings = settings or Settings()
    base = experiment if isinstance(experiment, Experiment) else load(experiment)
    model = signal_for(signal, (base.file.channel,))
    given, factors = dict(truth or {}), dict(scale or {})
    points = []
    for number, exposure in enumerate(exposures):
        at = project(base, exposure, factors)
        likelihood = likelihood_of(
            [at],
            model,
            [parameter, *free],
            fit=fit,
            prior=prior,
            observed=asimov([at], model, given),
        )
        report = _part(progress, number, len(exposures), f"{exposure:g} t yr: ")
        rng = np.random.default_rng([settings.seed, number])
        known = true_values(at, model, given)
        x = nominal_point(likelihood, {n: v for n, v in known.items() if n in likelihood.names})
        try:
            points.append(
                SensitivityPoint(
                    exposure,
                    _delta_chi2(likelihood, parameter, cut) if method != "posterior" else None,
                    _credible(likelihood, parameter, level, settings)
                    if method != "profile"
                    else None,
                    limits_of_toys(likelihood, x, parameter, cut, toys, rng, report)
                    if toys
                    else None,
                )
            )
        except (Interrupted, KeyboardInterrupt):
            if not points:
                raise
            break
        report(1.0, "done")
    meta = likelihood.parameters[likelihood.index(parameter)]
    return Sensitivity(
        experiment=base.name,
        signal=model.tag,
        parameter=parameter,
        unit=meta.unit,
        latex=meta.latex,
        free=tuple(p.name for p in likelihood.parameters if p.role == "signal"),
        level=level,
        scale=factors,
        truth=true_values(base, model, given),
        points=tuple(points),
        seed=settings.seed,
        digest=base.digest,
        interrupted=len(points) < len(exposures),
        **held(likelihood),
    )


def _delta_chi2(likelihood: Likelihood, parameter: str, cut: float) -> FrequentistLimit:
    curve = profile(likelihood, parameter, cut=cut)
    return curve.limit(1, cut)


def _credible(
    likelihood: Likelihood, parameter: str, level: float, settings: Settings
) -> CredibleLimit:
    from bayesnu.inference.sampled_limit import whole_limit

    return whole_limit(likelihood, parameter, level, settings)


def _part(progress: Progress | None, number: int, total: int, prefix: str) -> Progress:
    """Return a progress report for one of several parts."""

    def report(fraction: float, word: str) -> None:
        if progress is not None:
            progress((number + fraction) / total, prefix + word)

    return report
