"""What each nuisance does to a limit: before and after the fit, one by one and by groups."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Unpack, get_args

import numpy as np

from bayesnu.analyses.question import Asked, Experiments, Question, as_question
from bayesnu.errors import InputError
from bayesnu.inference.bands import fit_spectra
from bayesnu.inference.impacts import (
    correlated_pairs,
    interval_of,
    known_groups,
    nuisance_impacts,
)
from bayesnu.inference.minima import find_minima
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.physics.signals import Signal
from bayesnu.results.impacts import Impacts, NuisanceImpact
from bayesnu.types import Progress

Method = Literal["profile", "both"]


def impacts(
    experiments: Question | Experiments,
    signal: str | Signal | None = None,
    parameter: str | None = None,
    *,
    method: Method = "profile",
    settings: Settings | None = None,
    progress: Progress | None = None,
    **asked: Unpack[Asked],
) -> Impacts:
    """Return what each nuisance does to the Delta chi2 interval of a parameter.

    Parameters
    ----------
    method : {"profile", "both"}
        Whether to sample too, and regress the parameter of interest on each nuisance.
    **asked
        The fields of `bayesnu.analyses.question.Asked`.
    """
    if method not in get_args(Method):
        raise InputError("--method", "method", found=method, expected="profile | both")
    question = as_question(experiments, signal, parameter, asked)
    likelihood, name, cut = question.likelihood, question.parameter, question.threshold
    about = question.about
    found = nuisance_impacts(likelihood, name, cut, progress)
    if method == "both":
        found = _with_posterior(question, found, settings or Settings(), progress)
    index = likelihood.index(name)
    return Impacts(
        experiments=about.experiments,
        signal=about.signal,
        parameter=name,
        unit=about.unit,
        latex=about.latex,
        level=about.level,
        threshold=cut,
        best_fit=float(find_minima(likelihood)[0].x[index]),
        interval=interval_of(likelihood, name, cut),
        of="upper end" if likelihood.parameters[index].one_sided else "best fit",
        nuisances=tuple(found),
        known=tuple(known_groups(likelihood, name, cut, found)),
        correlated=tuple(correlated_pairs(likelihood)),
        spectra=fit_spectra(likelihood),
        fixed=about.fixed,
        fixed_units=about.fixed_units,
    )


def _with_posterior(
    question: Question,
    nuisances: list[NuisanceImpact],
    settings: Settings,
    progress: Progress | None,
) -> list[NuisanceImpact]:
    """Return the nuisances with what the draws say of them."""
    from bayesnu.inference.sampled_limit import sampled_limit

    likelihood: Likelihood = question.likelihood
    sampled, _ = sampled_limit(
        likelihood, question.parameter, question.level, settings, progress=progress
    )
    draws = sampled.draws.reshape(-1, sampled.draws.shape[-1])
    interest = draws[:, likelihood.index(question.parameter)]

    def said(name: str) -> dict[str, float]:
        own = draws[:, likelihood.index(name)]
        mean, sd = float(own.mean()), float(own.std())
        # The slope of the regression times one standard deviation.
        slope = float(np.mean((own - mean) * (interest - interest.mean()))) / sd if sd > 0 else 0.0
        return {"mean": mean, "sd": sd, "impact": slope}

    return [replace(n, posterior=said(n.name)) for n in nuisances]
