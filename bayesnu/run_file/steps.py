"""Do one step of a run file: compute it, and write its numbers into its folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from bayesnu.analyses.exclusion import exclusion
from bayesnu.analyses.goodness import goodness_of_fit
from bayesnu.analyses.impacts import impacts
from bayesnu.analyses.limit import limit_run
from bayesnu.analyses.question import Question
from bayesnu.analyses.record import record_of
from bayesnu.analyses.scans import contour_scan, profile_scan, with_each
from bayesnu.analyses.sensitivity import sensitivity
from bayesnu.errors import Interrupted
from bayesnu.files.json_text import json_text
from bayesnu.files.whole import write_text
from bayesnu.inference.diagnostics import diagnose
from bayesnu.inference.posterior import sample
from bayesnu.inference.storage import write_posterior
from bayesnu.output.limit_files import write_limit
from bayesnu.results.goodness import GoodnessOfFit
from bayesnu.run_file import schema
from bayesnu.run_file.inputs import Context, Done, experiments_of, question_of
from bayesnu.types import Progress


def do_step(context: Context, step: schema.Step, folder: Path, progress: Progress) -> Done:
    """Compute a step and write its numbers into a folder.

    Raises
    ------
    Interrupted
        On Ctrl-C: the step starts again, so that a resumed run has the same numbers.
    """
    question = question_of(context, step)
    match step:
        case schema.LimitStep():
            return _limits(context, step, question, folder, progress)
        case schema.SampleStep():
            return _posterior(context, question, folder, progress)
        case schema.ProfileStep():
            asked = with_each(question, step.each)
            found = Done([profile_scan(q, progress=progress).to_dict() for q in asked])
        case schema.ContourStep(levels=levels) if levels is not None:
            asked = with_each(question, step.each)
            grid, dof = step.points, step.dof
            regions = (
                contour_scan(q, levels=levels, points=grid, dof=dof, progress=progress)
                for q in asked
            )
            found = Done([region.to_dict() for region in regions])
        case schema.ExclusionStep():
            found = _plane(step, question, progress)
        case _:
            assert isinstance(step, schema.SensitivityStep)
            found = _expected_limits(context, step, question, progress)
    kind = type(step).__name__.removesuffix("Step").lower()
    write_text(folder / f"{kind}.json", json_text(found.numbers))
    return found


def _limits(
    context: Context, step: schema.LimitStep, question: Question, folder: Path, progress: Progress
) -> Done:
    """Compute both limits, and write their files."""
    settings = context.settings
    # A posterior through the graph has no fits to be moved.
    wanted = context.file.output.impacts and question.route == "compiled"
    moved = impacts(question.but(prior="flat"), progress=progress) if wanted else None
    result = limit_run(question, method=step.method or "both", settings=settings, progress=progress)
    if result.limit.interrupted:
        raise Interrupted("interrupted while sampling")
    record = record_of(
        replace(result, impacts=moved),
        settings,
        command=context.command,
        asimov=question.observed is not None,
        goodness=_goodness(context, question),
    )
    write_limit(record, result.posterior, folder)
    numbers = replace(result.limit, seconds={}).to_dict()
    return Done([numbers], result.limit.fine)


def _goodness(context: Context, question: Question) -> GoodnessOfFit | None:
    toys, how = context.file.output.goodness_toys, context.settings
    if not toys:
        return None
    return goodness_of_fit(
        question.experiments, toys=toys, observed=question.observed, seed=how.seed, cores=how.cores
    )


def _posterior(context: Context, question: Question, folder: Path, progress: Progress) -> Done:
    """Sample a posterior, diagnose it, and write it."""
    tree = sample(question.likelihood, context.settings, progress=progress)
    if not tree.attrs["complete"]:
        raise Interrupted("interrupted while sampling")
    report = diagnose(tree)
    write_posterior(tree, folder / "posterior.nc")
    return Done([report.to_dict()], report.fine)


def _plane(step: schema.ExclusionStep, question: Question, progress: Progress) -> Done:
    """Compute limits against the mass."""
    masses = [float(m) for m in np.geomspace(step.lowest, step.highest, step.points)]
    found = exclusion(
        question,
        question.signal,
        step.coupling,
        step.mass,
        masses,
        dof=step.dof,
        credible=step.credible,
        progress=progress,
    )
    return Done([found.to_dict()])


def _expected_limits(
    context: Context, step: schema.SensitivityStep, question: Question, progress: Progress
) -> Done:
    """Compute expected limits against exposure."""
    data, settings = context.file.data, context.settings
    found = sensitivity(
        experiments_of(context, step)[0],
        question.signal,
        step.parameter,
        step.exposures_t_yr,
        free=question.free,
        level=question.level,
        prior=question.prior,
        method=step.method or "profile",
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
