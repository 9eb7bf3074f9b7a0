"""The steps of a run file that scan: curves, regions, exclusion planes, sensitivities."""

from __future__ import annotations

from typing import Any

import numpy as np

from bayesnu.analyses.exclusion import exclusion
from bayesnu.analyses.scans import contour_scan, profile_scan, with_each
from bayesnu.analyses.sensitivity import sensitivity
from bayesnu.errors import Interrupted
from bayesnu.run_file.inputs import Context, Done, experiments_of, question_of
from bayesnu.run_file.schema import ContourStep, ExclusionStep, ProfileStep, SensitivityStep
from bayesnu.types import Progress


def profiles(context: Context, step: ProfileStep, progress: Progress) -> list[dict[str, Any]]:
    """Return the Delta chi2 curves of a step."""
    asked = with_each(question_of(context, step), step.each)
    return [profile_scan(question, progress=progress).to_dict() for question in asked]


def contours(context: Context, step: ContourStep, progress: Progress) -> list[dict[str, Any]]:
    """Return the Delta chi2 regions of a step."""
    assert step.levels is not None
    found = []
    for question in with_each(question_of(context, step), step.each):
        region = contour_scan(
            question, levels=step.levels, points=step.points, dof=step.dof, progress=progress
        )
        found.append(region.to_dict())
    return found


def exclusion_plane(context: Context, step: ExclusionStep, progress: Progress) -> dict[str, Any]:
    """Return the limits against the mass."""
    question = question_of(context, step)
    found = exclusion(
        question,
        question.signal,
        step.coupling,
        step.mass,
        [float(m) for m in np.geomspace(step.lowest, step.highest, step.points)],
        dof=step.dof,
        credible=step.credible,
        progress=progress,
    )
    return found.to_dict()


def expected_limits(context: Context, step: SensitivityStep, progress: Progress) -> Done:
    """Return the expected limits against exposure."""
    assert step.signal is not None and step.level is not None and step.fit is not None
    data, settings = context.file.data, context.settings
    found = sensitivity(
        experiments_of(context, step)[0],
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
        cores=settings.cores,
        settings=settings,
        progress=progress,
    )
    if found.interrupted:
        raise Interrupted("interrupted")
    return Done([found.to_dict()], found.converged)
