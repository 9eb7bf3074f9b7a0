"""The question that a step of a run file asks, and whether it can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bayesnu.analyses.asimov import asimov
from bayesnu.analyses.exclusion import mass_parameter
from bayesnu.analyses.prior_choice import split_prior
from bayesnu.analyses.question import Asked, Question, as_experiments, signal_of
from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.projection import project_all
from bayesnu.inference.settings import Settings
from bayesnu.run_file.schema import (
    ExclusionStep,
    LimitStep,
    ProfileStep,
    RunFile,
    SampleStep,
    SensitivityStep,
    Step,
)


@dataclass(frozen=True)
class Context:
    """What all steps of a run share."""

    file: RunFile
    base: Path
    command: str

    @property
    def settings(self) -> Settings:
        """How posteriors are sampled."""
        return Settings(**self.file.sampling.model_dump())


@dataclass(frozen=True)
class Done:
    """What a step leaves."""

    numbers: list[dict[str, Any]]
    """Its results, without times and dates: equal for equal seeds."""
    converged: bool = True


def experiments_of(context: Context, step: Step) -> tuple[Experiment, ...]:
    """Return the experiments of a step as their files have them."""
    names = step.experiments or ()
    return as_experiments([context.base / n if n.endswith(".toml") else n for n in names])


def question_of(context: Context, step: Step) -> Question:
    """Return what a step asks of its data, or of the expected counts that stand for them.

    Expected limits are asked at the first exposure; of a mass that is scanned nothing is said.
    """
    assert step.signal is not None
    data, loaded = context.file.data, experiments_of(context, step)
    exposure, expected = data.exposure_t_yr, data.asimov
    if isinstance(step, SensitivityStep):
        exposure, expected = step.exposures_t_yr[0], True
    projected = project_all(loaded, exposure, data.scale)
    signal = signal_of(step.signal, projected)
    asked: Asked = {"prior": getattr(step, "prior", None) or "flat"}
    if isinstance(step, LimitStep):
        asked["prior_range"] = step.prior_range
    if step.level is not None:
        asked["level"] = step.level
    if hasattr(step, "dof"):
        asked["dof"] = step.dof
    if expected:
        truth = {**(step.fixed or {}), **data.truth}
        asked["observed"] = asimov(projected, signal, truth)
    if isinstance(step, ExclusionStep):
        return Question.of(projected, signal, [step.coupling], **asked)
    assert step.fit is not None
    asked |= {"fit": step.fit, "free": step.free or (), "fixed": step.fixed}
    wanted = step.of_interest()
    if isinstance(step, SampleStep) and not step.parameters:
        wanted = signal.elementary()
    return Question.of(projected, signal, wanted, **asked)


def check_step(context: Context, step: Step) -> dict[str, str]:
    """Find out whether a step can be done; return the digests of its experiments."""
    question = split_prior(question_of(context, step))[0]
    held = set(step.fixed or {}) - {getattr(step, "mass", "")}
    if held and isinstance(step, ExclusionStep | SensitivityStep):
        raise InputError(
            step.label, "fixed", found=", ".join(sorted(held)), expected="no other values here"
        )
    for name in question.fixed:
        question.signal.parameter(name)
    if isinstance(step, ExclusionStep):
        mass_parameter(question.signal, step.mass)
        question = question.but(fixed={step.mass: step.lowest})
    sampled = isinstance(step, SampleStep) or (
        isinstance(step, LimitStep) and step.method != "profile"
    )
    assert question.likelihood.names
    scanned = question.signal.propagates and isinstance(step, LimitStep | ProfileStep)
    if not sampled and not scanned:
        question.likelihood.polynomial()
    used = question.experiments
    if isinstance(step, SensitivityStep):
        used = experiments_of(context, step)
    return {experiment.name: experiment.digest for experiment in used}
