"""The steps of a run file that fit: limits and posteriors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bayesnu.analyses.goodness import goodness_of_fit
from bayesnu.analyses.limit import limit_run
from bayesnu.analyses.question import Question
from bayesnu.analyses.record import record_of
from bayesnu.errors import Interrupted
from bayesnu.inference.diagnostics import diagnose
from bayesnu.inference.posterior import sample
from bayesnu.inference.storage import write_posterior
from bayesnu.output.limit_files import write_limit
from bayesnu.results.goodness import GoodnessOfFit
from bayesnu.run_file.inputs import Context, Done, question_of
from bayesnu.run_file.schema import LimitStep, SampleStep
from bayesnu.types import Progress


def limit_step(context: Context, step: LimitStep, folder: Path, progress: Progress) -> Done:
    """Compute both limits, and write their files."""
    question, settings = question_of(context, step), context.settings
    result = limit_run(question, method=step.method or "both", settings=settings, progress=progress)
    if result.limit.interrupted:
        raise _stopped()
    record = record_of(
        result,
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


def sample_step(context: Context, step: SampleStep, folder: Path, progress: Progress) -> Done:
    """Sample a posterior, diagnose it, and write it."""
    tree = sample(question_of(context, step).likelihood, context.settings, progress=progress)
    if not tree.attrs["complete"]:
        raise _stopped()
    report = diagnose(tree)
    write_posterior(tree, folder / "posterior.nc")
    return Done([report.to_dict()], report.fine)


def _stopped() -> Interrupted:
    """An interrupted step starts again, so that a resumed run has the same numbers."""
    return Interrupted("interrupted while sampling")
