"""Profiles and contours by name: build the likelihood of experiments and a signal, and scan it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bayesnu.analyses.limit import FitKind, as_experiments, free_parameters, signal_of
from bayesnu.experiments.experiment import Experiment
from bayesnu.inference.contour import POINTS
from bayesnu.inference.levels import contour_at, profile_at
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.model.build import build_likelihood
from bayesnu.model.signal_prior import PriorName
from bayesnu.physics.signals import Signal
from bayesnu.results.curve import Profile
from bayesnu.results.region import Contour
from bayesnu.types import Array, Progress


def likelihood_of(
    experiments: Sequence[str | Path | Experiment],
    signal: str | Signal,
    parameters: Sequence[str],
    *,
    fit: FitKind = "one-at-a-time",
    fixed: Mapping[str, float] | None = None,
    prior: PriorName = "flat",
    observed: Mapping[str, Array] | None = None,
) -> Likelihood:
    """Return the likelihood of experiments, given by name, for some parameters of a signal.

    Parameters
    ----------
    parameters : sequence of str
        Free ones; all of the signal's with ``fit="marginal"``.
    fit : {"one-at-a-time", "marginal"}
    fixed : mapping, optional
        Values of other parameters, for example a mass, in their units.
    prior : {"flat", "flat-squared", "log"}
    observed : mapping, optional
        Counts by experiment, instead of the data.
    """
    loaded = as_experiments(experiments)
    model = signal_of(signal, loaded)
    free: list[str] = list(dict.fromkeys(parameters))
    for name in tuple(free):
        model.parameter(name)
        free += [n for n in free_parameters(model, name, fit) if n not in free]
    return build_likelihood(loaded, model, free, fixed=fixed, prior=prior, observed=observed)


def profile_scan(
    experiments: Sequence[str | Path | Experiment],
    signal: str | Signal,
    parameter: str,
    *,
    level: float = 0.9,
    dof: int = 1,
    fit: FitKind = "one-at-a-time",
    fixed: Mapping[str, float] | None = None,
    progress: Progress | None = None,
) -> Profile:
    """Return the Delta chi2 profile of a parameter; see `bayesnu.profile` and `likelihood_of`."""
    likelihood = likelihood_of(experiments, signal, [parameter], fit=fit, fixed=fixed)
    return profile_at(likelihood, parameter, level, dof, progress)


def contour_scan(
    experiments: Sequence[str | Path | Experiment],
    signal: str | Signal,
    parameters: tuple[str, str],
    *,
    levels: Sequence[float] = (0.9,),
    dof: int = 2,
    fit: FitKind = "one-at-a-time",
    fixed: Mapping[str, float] | None = None,
    points: int = POINTS,
    progress: Progress | None = None,
) -> Contour:
    """Return the Delta chi2 map of two parameters; see `bayesnu.contour` and `likelihood_of`."""
    likelihood = likelihood_of(experiments, signal, parameters, fit=fit, fixed=fixed)
    return contour_at(likelihood, parameters, levels, dof, points=points, progress=progress)
