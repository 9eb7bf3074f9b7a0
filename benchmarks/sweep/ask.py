"""What the package answers: the only place that calls it as a user does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

import bayesnu
from bayesnu.errors import ComputationError, InputError
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.physics.signals import SignalParameter, signal_for
from benchmarks.sweep.cases import Case, loaded
from benchmarks.sweep.scan import Interval, size_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Answer:
    """A printed limit; `refused` is the sentence that stands in place of it.

    Attributes
    ----------
    best_fit, chi2_min : float
        Of a profile.
    errors : tuple of Interval or None
        Stated Monte Carlo errors of the ends.
    draws : ndarray or None, shape (chains, draws)
    weight_error : float
        The largest error of a mode's share.
    converged : bool
    """

    intervals: tuple[Interval, ...] = ()
    refused: str = ""
    best_fit: float = np.nan
    chi2_min: float = np.nan
    errors: tuple[Interval, ...] | None = None
    draws: Array | None = None
    weight_error: float = 0.0
    converged: bool = True


def observed(case: Case) -> dict[str, Array] | None:
    """Return the data of a case: Asimov data where it has a truth, or is a projection."""
    projection = any("darwin" in name for name in case.experiments)
    if case.truth is None and not projection:
        return None
    values = {} if case.truth is None else {case.parameter: true_value(case)}
    return bayesnu.asimov(case.experiments, case.signal, values | dict(case.fixed))


@lru_cache(maxsize=4)
def true_value(case: Case) -> float:
    """Return the truth in the parameter's unit, of three digits, as a user would type it."""
    assert case.truth is not None
    plain = bayesnu.asimov(case.experiments, case.signal, dict(case.fixed))
    likelihood = bayesnu.likelihood_of(
        case.experiments, case.signal, [case.parameter], fixed=dict(case.fixed), observed=plain
    )
    index = likelihood.index(case.parameter)
    reach = 0.5 * likelihood.parameters[index].prior.high
    value = case.truth * size_of(likelihood, index)
    return float(f"{np.clip(value, -reach, reach):.3g}")


def sentence(error: Exception) -> str:
    """Return what a refusal says, with the packaged files named as in the repository."""
    return re.sub(r"\S*/(models/)", r"\1", str(error))


def effect(case: Case) -> float:
    """Return by how much of itself a count changes at most, over the range of the parameter."""
    meta = _meta(case)
    held = dict(case.fixed)
    standard = bayesnu.asimov(case.experiments, case.signal, held)
    most = 0.0
    for size in (meta.probe, meta.reach):
        values = held | {case.parameter: min(meta.standard + size, meta.most)}
        changed = bayesnu.asimov(case.experiments, case.signal, values)
        for name, counts in standard.items():
            most = max(most, float(np.max(np.abs(changed[name] / counts - 1.0))))
    return most


def widest(case: Case) -> tuple[float, float]:
    """Return the range in which the parameter of a case has a meaning."""
    meta = _meta(case)
    return -np.inf if meta.lowest is None else meta.lowest, meta.most


def _meta(case: Case) -> SignalParameter:
    recoils = [loaded(name).recoils for name in case.experiments]
    return signal_for(case.signal, recoils).parameter(case.parameter)


def likelihood_of(case: Case, data: Mapping[str, Array] | None, prior: str = "flat") -> Likelihood:
    """Return the likelihood, which both sides have in common."""
    return bayesnu.likelihood_of(
        case.experiments,
        case.signal,
        [case.parameter],
        fit=case.fit,
        fixed=dict(case.fixed),
        prior=prior,
        observed=data,
    )


def profile(case: Case, data: Mapping[str, Array] | None, level: float) -> Answer:
    """Return the Delta chi2 interval that `bayesnu limit` prints."""
    try:
        found = _run(case, data, level, "profile", "flat").limit.frequentist
    except (ComputationError, InputError) as error:
        return Answer(refused=sentence(error))
    return Answer(found.intervals, "", found.best_fit, found.chi2_min)


def credible(
    case: Case, data: Mapping[str, Array] | None, level: float, prior: str, seed: int = 1
) -> Answer:
    """Return the credible limit that `bayesnu limit` prints, and the draws behind it."""
    try:
        run = _run(case, data, level, "posterior", prior, seed)
    except (ComputationError, InputError) as error:
        return Answer(refused=sentence(error))
    found, sampled = run.limit.bayesian, run.sampled
    index = run.likelihood.index(case.parameter)
    return Answer(
        found.intervals,
        errors=getattr(found, "intervals_error", None) or None,
        draws=sampled.draws[..., index],
        weight_error=max([mode.weight_error for mode in sampled.modes], default=0.0),
        converged=found.converged,
    )


def _run(
    case: Case,
    data: Mapping[str, Array] | None,
    level: float,
    method: str,
    prior: str,
    seed: int = 1,
) -> bayesnu.analyses.limit.LimitRun:
    return bayesnu.limit_run(
        case.experiments,
        case.signal,
        case.parameter,
        level=level,
        fit=case.fit,
        fixed=dict(case.fixed),
        method=method,
        prior=prior,
        settings=bayesnu.Settings(cores=1, seed=seed),
        observed=data,
    )


def command(case: Case, level: float, method: str, prior: str = "flat") -> str:
    """Return the command line that asks the same."""
    words = ["bayesnu limit", *case.experiments, "--signal", case.signal]
    words += ["--parameter", case.parameter]
    words += [f"--set {name}={value:g}" for name, value in case.fixed]
    if case.truth is not None:
        words += [f"--asimov --truth {case.parameter}={true_value(case):g}"]
        words += [f"--truth {name}={value:g}" for name, value in case.fixed]
    elif any("darwin" in name for name in case.experiments):
        words += ["--asimov"]
    words += ["--fit marginal"] if case.fit == "marginal" else []
    words += [f"--level {level:g} --method {method}"]
    words += [f"--prior {prior}"] if prior != "flat" else []
    return " ".join(words)
