"""Both statements on a parameter: the Delta chi2 interval and the credible limit."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from bayesnu import __version__
from bayesnu.analyses.published import beside
from bayesnu.errors import InputError, Interrupted
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.loading import load
from bayesnu.experiments.model_files import is_packaged
from bayesnu.inference.profile import profile
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.threshold import threshold
from bayesnu.model.build import build_likelihood
from bayesnu.model.signal_prior import PriorName
from bayesnu.physics.signals import Signal, signal_for
from bayesnu.results.curve import Profile
from bayesnu.results.limit import Limit, Published
from bayesnu.types import Array, Progress

if TYPE_CHECKING:
    import xarray as xr

    from bayesnu.results.draws import Sampled

Method = Literal["profile", "posterior", "both"]
FitKind = Literal["one-at-a-time", "marginal"]


@dataclass(frozen=True)
class LimitRun:
    """A limit with everything behind it, for plots and further work.

    Attributes
    ----------
    limit : Limit
    likelihood : Likelihood
    profile : Profile or None
    sampled : Sampled or None
        The draws.
    settings : Settings
        How they were drawn.
    experiments : tuple of Experiment
    signal : Signal
        In the units of the limit.
    """

    limit: Limit
    likelihood: Likelihood
    profile: Profile | None
    sampled: Sampled | None
    settings: Settings
    experiments: tuple[Experiment, ...]
    signal: Signal

    @cached_property
    def posterior(self) -> xr.DataTree | None:
        """The draws as a DataTree with all its groups, made when it is first asked for."""
        if self.sampled is None:
            return None
        from bayesnu.inference.datatree import to_datatree

        return to_datatree(self.likelihood, self.sampled, asdict(self.settings))


def as_experiments(experiments: Sequence[str | Path | Experiment]) -> tuple[Experiment, ...]:
    """Load what is given by name or path."""
    return tuple(e if isinstance(e, Experiment) else load(e) for e in experiments)


def signal_of(signal: str | Signal, experiments: Sequence[Experiment]) -> Signal:
    """Return a signal in the units of a question to these experiments together."""
    return signal_for(signal, (experiment.file.channel for experiment in experiments))


def free_parameters(signal: Signal, parameter: str, fit: FitKind) -> tuple[str, ...]:
    """Return the signal parameters that a fit frees, the one of interest first.

    Raises
    ------
    InputError
        If the parameter is unknown, or an effective one is asked for in a marginal fit.
    """
    found = signal.parameter(parameter)
    if fit == "one-at-a-time":
        return (parameter,)
    if fit != "marginal":
        raise InputError("--fit", "fit", found=fit, expected="one-at-a-time | marginal")
    if found.sets:
        raise InputError(
            "--fit",
            "fit",
            found=f"marginal with the effective parameter {parameter}",
            expected=f"one-at-a-time, or one of {', '.join(signal.elementary())}",
        )
    return (parameter, *(name for name in signal.elementary() if name != parameter))


def limit_run(
    experiments: Sequence[str | Path | Experiment],
    signal: str | Signal,
    parameter: str,
    *,
    level: float = 0.9,
    dof: int = 1,
    fit: FitKind = "one-at-a-time",
    free: Sequence[str] = (),
    fixed: Mapping[str, float] | None = None,
    method: Method = "both",
    prior: PriorName = "flat",
    settings: Settings | None = None,
    observed: Mapping[str, Array] | None = None,
    progress: Progress | None = None,
) -> LimitRun:
    """Compute a limit and keep the profile and posterior behind it; see `limit`."""
    started = time.perf_counter()
    cut = threshold(level, dof)
    if method not in ("profile", "posterior", "both"):
        raise InputError("--method", "method", found=method, expected="profile|posterior|both")
    settings = settings or Settings()
    loaded = as_experiments(experiments)
    model = signal_of(signal, loaded)
    names_free = tuple(dict.fromkeys((*free_parameters(model, parameter, fit), *free)))
    if len(names_free) > 1:
        fit = "marginal"
    likelihood = build_likelihood(
        loaded, model, names_free, fixed=fixed, prior=prior, observed=observed
    )
    seconds = {"build": time.perf_counter() - started}
    curve = None
    frequentist = None
    if method != "posterior":
        before = time.perf_counter()
        curve = profile(likelihood, parameter, cut=cut, progress=progress)
        frequentist = curve.limit(dof, cut)
        seconds["profile"] = time.perf_counter() - before
    sampled = None
    bayesian = None
    interrupted = False
    meta = likelihood.parameters[likelihood.index(parameter)]
    if method != "profile":
        from bayesnu.inference.sampled_limit import sampled_limit

        before = time.perf_counter()
        best = curve.chi2_min if curve is not None else None
        try:
            sampled, bayesian = sampled_limit(
                likelihood, parameter, level, settings, best=best, progress=progress
            )
            settings = replace(settings, draws=sampled.draws.shape[1])
            interrupted = bayesian.interrupted
        except (Interrupted, KeyboardInterrupt):
            if frequentist is None:
                raise
            interrupted = True  # the profile is a result all the same
        seconds["posterior"] = time.perf_counter() - before
    names = tuple(experiment.name for experiment in loaded)
    ours = frequentist.intervals if frequentist else None
    published: tuple[Published, ...] = ()
    held = dict(likelihood.provenance["fixed"])  # type: ignore[call-overload]
    if _comparable(loaded, observed) and not fixed:
        published = beside(names, model.tag, parameter, meta.unit, fit, level, ours)
    seconds["total"] = time.perf_counter() - started
    result = Limit(
        experiments=names,
        signal=model.tag,
        parameter=parameter,
        unit=meta.unit,
        level=level,
        fit=fit,
        frequentist=frequentist,
        bayesian=bayesian,
        published=published,
        fixed=held,
        fixed_units={name: model.parameter(name).unit for name in held},
        seconds=seconds,
        made={
            "bayesnu": __version__,
            "nutpie": version("nutpie"),
            "numpy": np.__version__,
            "seed": settings.seed,
            "fixed": held,
            "free": [p.name for p in likelihood.parameters if p.role == "signal"],
            "inputs": {experiment.name: experiment.digest for experiment in loaded},
        },
        interrupted=interrupted,
    )
    return LimitRun(result, likelihood, curve, sampled, settings, loaded, model)


def _comparable(experiments: Sequence[Experiment], observed: Mapping[str, Array] | None) -> bool:
    """Whether published limits rest on the same detector and on data of the same kind."""
    given = observed or {}
    if not all(is_packaged(e.path) for e in experiments):
        return False
    return not any(e.changed or (e.observed is not None and e.name in given) for e in experiments)


def limit(
    experiments: Sequence[str | Path | Experiment],
    signal: str | Signal,
    parameter: str,
    *,
    level: float = 0.9,
    dof: int = 1,
    fit: FitKind = "one-at-a-time",
    free: Sequence[str] = (),
    fixed: Mapping[str, float] | None = None,
    method: Method = "both",
    prior: PriorName = "flat",
    settings: Settings | None = None,
    observed: Mapping[str, Array] | None = None,
    progress: Progress | None = None,
) -> Limit:
    """Return the Delta chi2 limit and the credible limit on a parameter.

    Parameters
    ----------
    experiments : sequence of str, Path or Experiment
        One, or several that are combined.
    signal : str or Signal
    parameter : str
    level : float
        Confidence level and credibility, inside (0, 1).
    dof : {1, 2}
        Degrees of freedom of the Delta chi2 cut.
    fit : {"one-at-a-time", "marginal"}
        Whether the signal's other parameters are zero or free.
    free : sequence of str
        Some of them that are free, where not all are; the result then says ``marginal``.
    fixed : mapping, optional
        Values of other parameters in their units, for example a mass.
    method : {"profile", "posterior", "both"}
    prior : {"flat", "flat-squared", "log"}
    settings : Settings, optional
        How to sample.
    observed : mapping, optional
        Counts by experiment, instead of the data.
    progress : callable, optional
        Called with the fraction done and a word.

    Raises
    ------
    InputError
        If something given is wrong.
    ComputationError
        If a fit or the sampler fails.
    Interrupted, KeyboardInterrupt
        On Ctrl-C before there is anything to return; later, the result says `interrupted`.
    """
    return limit_run(
        experiments,
        signal,
        parameter,
        level=level,
        dof=dof,
        fit=fit,
        free=free,
        fixed=fixed,
        method=method,
        prior=prior,
        settings=settings,
        observed=observed,
        progress=progress,
    ).limit
