"""The steps of a run file that scan: curves, regions, exclusion planes, sensitivities."""

from __future__ import annotations

from typing import Any

import numpy as np

from bayesnu.analyses.exclusion import exclusion
from bayesnu.analyses.question import signal_of
from bayesnu.analyses.sensitivity import sensitivity
from bayesnu.errors import Interrupted
from bayesnu.experiments.experiment import Experiment
from bayesnu.inference.levels import contour_at, profile_at
from bayesnu.run_file.inputs import Context, Done, inputs_of, likelihood_for
from bayesnu.run_file.schema import ContourStep, ExclusionStep, ProfileStep, SensitivityStep
from bayesnu.types import Progress


def _groups(experiments: tuple[Experiment, ...], each: bool) -> list[tuple[Experiment, ...]]:
    alone = [(experiment,) for experiment in experiments] if each and len(experiments) > 1 else []
    return [*alone, experiments]


def profiles(context: Context, step: ProfileStep, progress: Progress) -> list[dict[str, Any]]:
    """Return the Delta chi2 curves of a step."""
    assert step.signal is not None and step.level is not None
    inputs = inputs_of(context, step)
    signal = signal_of(step.signal, inputs.experiments)
    found = []
    for group in _groups(inputs.experiments, step.each):
        likelihood = likelihood_for(step, group, inputs.observed, signal)
        curve = profile_at(likelihood, step.parameter, step.level, step.dof, progress)
        found.append(curve.to_dict())
    return found


def contours(context: Context, step: ContourStep, progress: Progress) -> list[dict[str, Any]]:
    """Return the Delta chi2 regions of a step."""
    assert step.signal is not None and step.levels is not None
    inputs = inputs_of(context, step)
    signal = signal_of(step.signal, inputs.experiments)
    found = []
    for group in _groups(inputs.experiments, step.each):
        likelihood = likelihood_for(step, group, inputs.observed, signal)
        region = contour_at(
            likelihood,
            step.parameters,
            step.levels,
            step.dof,
            points=step.points,
            progress=progress,
        )
        found.append(region.to_dict())
    return found


def exclusion_plane(context: Context, step: ExclusionStep, progress: Progress) -> dict[str, Any]:
    """Return the limits against the mass."""
    assert step.signal is not None and step.level is not None
    inputs = inputs_of(context, step)
    found = exclusion(
        inputs.experiments,
        step.signal,
        step.coupling,
        step.mass,
        [float(m) for m in np.geomspace(step.lowest, step.highest, step.points)],
        level=step.level,
        dof=step.dof,
        prior=step.prior or "flat",
        credible=step.credible,
        observed=inputs.observed,
        progress=progress,
    )
    return found.to_dict()


def expected_limits(context: Context, step: SensitivityStep, progress: Progress) -> Done:
    """Return the expected limits against exposure."""
    assert step.signal is not None and step.level is not None and step.fit is not None
    inputs, data = inputs_of(context, step), context.file.data
    found = sensitivity(
        inputs.experiments[0],
        step.signal,
        step.parameter,
        step.exposures_t_yr,
        free=step.free or (),
        fit=step.fit,
        level=step.level,
        method=step.method or "profile",
        prior=step.prior or "flat",
        scale=data.scale,
        truth=data.truth,
        toys=step.toys,
        cores=context.settings.cores,
        settings=context.settings,
        progress=progress,
    )
    if found.interrupted:
        raise Interrupted("interrupted")
    return Done([found.to_dict()], found.converged)
