"""Both statements on a parameter: the Delta chi2 interval and the credible limit."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal, Unpack, get_args

import numpy as np

from bayesnu import __version__
from bayesnu.analyses.goodness import goodness_of_best_fit
from bayesnu.analyses.prior_choice import split_prior
from bayesnu.analyses.published import beside
from bayesnu.analyses.question import Asked, Experiments, Question, as_question
from bayesnu.analyses.scans import profile_scan
from bayesnu.errors import InputError, Interrupted
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.model_files import is_packaged
from bayesnu.inference.discovery import discovery
from bayesnu.inference.levels import with_level
from bayesnu.inference.samplers import sampler_named
from bayesnu.inference.settings import Settings
from bayesnu.inference.tension import parameter_goodness
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.other_priors import OtherPrior
from bayesnu.likelihood.parts import parts_of
from bayesnu.likelihood.threshold import threshold
from bayesnu.physics.signals import Signal
from bayesnu.results.curve import Profile
from bayesnu.results.draws import Column, Columns, Sampled
from bayesnu.results.impacts import Impacts
from bayesnu.results.limit import AtLevel, CredibleLimit, Limit
from bayesnu.results.parameter_goodness import ParameterGoodness
from bayesnu.results.published import Published
from bayesnu.types import Interval, Progress

if TYPE_CHECKING:
    import xarray as xr

Method = Literal["profile", "posterior", "both"]
METHODS = get_args(Method)


@dataclass(frozen=True)
class LimitRun:
    """A limit with everything behind it, for plots and further work."""

    limit: Limit
    likelihood: Likelihood
    profile: Profile | None
    sampled: Sampled | None
    """The draws."""
    settings: Settings
    """How they were drawn."""
    experiments: tuple[Experiment, ...]
    signal: Signal
    """In the units of the limit."""
    impacts: Impacts | None = None
    """Of the nuisances on the limit, where they were asked for."""
    other: OtherPrior | None = None
    """That has weighed the draws, where it is none of the likelihood's."""

    @property
    def columns(self) -> Columns:
        """The draws by parameter; none where nothing was sampled."""
        if self.sampled is None:
            return {}
        return {
            p.name: Column(self.sampled.draws[..., index], p.latex or p.name, p.unit, p.role)
            for index, p in enumerate(self.likelihood.parameters)
        }

    @cached_property
    def posterior(self) -> xr.DataTree | None:
        """The draws as a DataTree with all its groups, made when it is first asked for."""
        if self.sampled is None:
            return None
        from bayesnu.inference.datatree import to_datatree, under_prior

        tree = to_datatree(self.likelihood, self.sampled, asdict(self.settings))
        return tree if self.other is None else under_prior(tree, self.other)


def limit_run(
    experiments: Question | Experiments,
    signal: str | Signal | None = None,
    parameter: str | None = None,
    *,
    method: Method = "both",
    settings: Settings | None = None,
    progress: Progress | None = None,
    **asked: Unpack[Asked],
) -> LimitRun:
    """Compute a limit and keep the profile and posterior behind it; see `limit`."""
    started = time.perf_counter()
    if method not in METHODS:
        raise InputError("--method", "method", found=method, expected="|".join(METHODS))
    question, other = split_prior(as_question(experiments, signal, parameter, asked))
    if other is not None and question.more_levels:
        raise InputError(
            "--level",
            "several levels",
            found=f"the prior {other.words}",
            expected="one level, or a prior flat, flat-squared or log",
        )
    settings = settings or Settings()
    likelihood = question.likelihood
    seconds = {"build": time.perf_counter() - started}
    curve = frequentist = agreement = None
    # The graph has no profile: asked for alone it is scanned, or refused in a sentence.
    if method == "profile" or (method == "both" and likelihood.route == "compiled"):
        before = time.perf_counter()
        highest = max((question.level, *question.more_levels))
        scanned = question if highest == question.level else question.but(level=highest)
        curve = profile_scan(scanned, progress=progress)
        curve = with_level(curve, question.level, question.dof)
        frequentist = curve.limit(question.dof, question.threshold)
        seconds["profile"] = time.perf_counter() - before
        agreement = _agreement(likelihood, question.parameter)
    sampled = bayesian = None
    interrupted = False
    if method != "profile":
        from bayesnu.inference.credible import Stated
        from bayesnu.inference.sampled_limit import sampled_limit

        before = time.perf_counter()
        best = curve.chi2_min if curve is not None else None
        try:
            sampled, bayesian = sampled_limit(
                likelihood,
                question.parameter,
                Stated(question.level, question.interval, question.accuracy),
                settings,
                best=best,
                other=other,
                progress=progress,
            )
            if curve is not None:
                bayesian = with_volume(question, bayesian, curve)
            settings = replace(settings, draws=sampled.draws.shape[1])
            interrupted = bayesian.interrupted
        except (Interrupted, KeyboardInterrupt):
            if frequentist is None:
                raise
            interrupted = True  # the profile is a result all the same
        seconds["posterior"] = time.perf_counter() - before
    about = question.about
    before = time.perf_counter()
    goodness = spoken = None
    try:
        if curve is not None and likelihood.route == "compiled":
            goodness = goodness_of_best_fit(likelihood, curve.best_point)
        # The evidence under a prior that weighs draws of another is not computed.
        weighed = bayesian is None or not bayesian.converged or other is not None
        trusted = None if weighed else sampled
        spoken = discovery(likelihood, question.parameter, curve, trusted)
    except (Interrupted, KeyboardInterrupt):
        interrupted = True  # a limit is a result without them
    seconds["discovery"] = time.perf_counter() - before
    published = _published(question, frequentist.intervals if frequentist else None)
    seconds["total"] = time.perf_counter() - started
    library = sampler_named(settings.backend).library
    result = Limit(
        experiments=about.experiments,
        signal=about.signal,
        parameter=about.parameter,
        unit=about.unit,
        level=about.level,
        fit=question.fit,
        frequentist=frequentist,
        bayesian=bayesian,
        published=published,
        fixed=about.fixed,
        fixed_units=about.fixed_units,
        seconds=seconds,
        made={
            "bayesnu": __version__,
            library: version(library),
            "numpy": np.__version__,
            "seed": settings.seed,
            "fixed": about.fixed,
            "free": list(about.free),
            "priors": _priors(likelihood, question),
            "inputs": about.inputs,
        },
        parameter_goodness_of_fit=agreement,
        interrupted=interrupted,
        levels=_at_levels(question, curve, sampled, bayesian),
        discovery=spoken,
        goodness=goodness,
        route=likelihood.route,
    )
    return LimitRun(
        result,
        likelihood,
        curve,
        sampled,
        settings,
        question.experiments,
        question.signal,
        other=other,
    )


def _at_levels(
    question: Question,
    curve: Profile | None,
    sampled: Sampled | None,
    bayesian: CredibleLimit | None,
) -> tuple[AtLevel, ...]:
    """Return both statements at the other levels of a question."""
    found = []
    for level in question.more_levels:
        cut = threshold(level, question.dof)
        frequentist = None if curve is None else curve.limit(question.dof, cut)
        credible = None
        if sampled is not None and bayesian is not None:
            from bayesnu.inference.credible import Stated, credible_from_draws

            likelihood = question.likelihood
            stated = Stated(level, question.interval, question.accuracy)
            best = None if curve is None else curve.chi2_min
            credible = credible_from_draws(
                sampled, likelihood.names, question.meta, stated, likelihood, best
            )
            credible = replace(
                credible,
                interrupted=bayesian.interrupted,
                converged=credible.converged and not bayesian.interrupted,
            )
        found.append(AtLevel(level, frequentist, credible))
    return tuple(found)


def with_volume(question: Question, found: CredibleLimit, curve: Profile) -> CredibleLimit:
    """Return a credible limit that says where it leaves out what fits as well as anything.

    With several free parameters a region weighs how much room the others have; a profile does not.
    """
    standard = question.meta.standard
    delta = curve.at(standard) if question.free and found.kind != "upper" and found.fine else 2.0
    left_out = not any(
        (low is None or low <= standard) and (high is None or standard <= high)
        for low, high in found.intervals
    )
    if delta >= 1.0 or not left_out:
        return found
    note = (
        f"it leaves out {standard:g}, whose Delta chi2 is {delta:.2g}: the other free parameters "
        "have more room elsewhere"
    )
    return replace(found, notes=(*found.notes, note))


def _agreement(likelihood: Likelihood, parameter: str) -> ParameterGoodness | None:
    """Return the parameter goodness of fit of a combination of those who see the parameter."""
    if len(likelihood.experiments) < 2 or likelihood.route != "compiled":
        return None
    parts = parts_of(likelihood)
    seeing = sum(parameter in part.names for part in parts)
    return parameter_goodness(likelihood, parts) if seeing > 1 else None


def _priors(likelihood: Likelihood, question: Question) -> dict[str, str]:
    """Return the priors of free parameters beside the one of interest, where a limit needs them."""
    if likelihood.route == "compiled":
        return {}
    others = [p for p in likelihood.parameters if p.name in question.free]
    return {p.name: f"{p.prior.words(p.name)} {p.unit}".removesuffix(" 1") for p in others}


def _published(question: Question, ours: tuple[Interval, ...] | None) -> tuple[Published, ...]:
    """Return published limits that answer the same question with data of the same kind."""
    given = question.observed or {}
    asimov = any(e.observed is not None and e.name in given for e in question.experiments)
    changed = any(e.changed or not is_packaged(e.path) for e in question.experiments)
    if asimov or changed or question.fixed:
        return ()
    about = question.about
    return beside(
        about.experiments,
        about.signal,
        about.parameter,
        about.unit,
        question.fit,
        about.level,
        ours,
    )


def limit(
    experiments: Question | Experiments,
    signal: str | Signal | None = None,
    parameter: str | None = None,
    *,
    method: Method = "both",
    settings: Settings | None = None,
    progress: Progress | None = None,
    **asked: Unpack[Asked],
) -> Limit:
    """Return the Delta chi2 limit and the credible limit on a parameter.

    Parameters
    ----------
    experiments : sequence of str, Path or Experiment; or Question
        One, or several that are combined. A question stands for everything but the three below.
    **asked
        Level and more levels, kind and accuracy of the credible interval, degrees of freedom,
        prior, what is free and what is held, other data: the fields of
        `bayesnu.analyses.question.Asked`.

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
        method=method,
        settings=settings,
        progress=progress,
        **asked,
    ).limit
