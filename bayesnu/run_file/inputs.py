"""The data and the likelihood of a step of a run file, and whether it can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.model.signal_prior import PriorName
from bayesnu.physics.signals import Signal
from bayesnu.run_file.schema import (
    ExclusionStep,
    LimitStep,
    RunFile,
    SampleStep,
    SensitivityStep,
    Step,
)
from bayesnu.types import Array


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
class Inputs:
    """The data of a step.

    Attributes
    ----------
    observed : dict of str to ndarray, or None
        Expected counts, where they stand for the data.
    """

    experiments: tuple[Experiment, ...]
    observed: dict[str, Array] | None


@dataclass(frozen=True)
class Done:
    """What a step leaves.

    Attributes
    ----------
    numbers : list of dict
        Its results, without times and dates: equal for equal seeds.
    """

    numbers: list[dict[str, Any]]
    converged: bool = True


def inputs_of(context: Context, step: Step) -> Inputs:
    """Load the experiments of a step and project them.

    Raises
    ------
    InputError
        If they cannot be loaded or projected.
    """
    from bayesnu.analyses.asimov import asimov
    from bayesnu.analyses.question import as_experiments
    from bayesnu.experiments.projection import project_all

    data = context.file.data
    names = [
        context.base / name if name.endswith(".toml") else name for name in step.experiments or ()
    ]
    loaded = as_experiments(names)
    if isinstance(step, SensitivityStep):
        return Inputs(loaded, None)
    changed = project_all(loaded, data.exposure_t_yr, data.scale)
    observed = None
    if data.asimov:
        truth = {**(step.fixed or {}), **data.truth}
        observed = asimov(changed, step.signal, truth)
    return Inputs(changed, observed)


def likelihood_for(
    step: Step,
    experiments: Sequence[Experiment],
    observed: dict[str, Array] | None,
    signal: Signal | None = None,
) -> Likelihood:
    """Return the likelihood of a step: of the first mass or exposure where there are several.

    Parts of a combination are asked in the units of the whole: those of `signal`.
    """
    from bayesnu.analyses.question import likelihood_of, signal_of

    assert step.signal is not None and step.fit is not None
    signal = signal or signal_of(step.signal, experiments)
    prior: PriorName = getattr(step, "prior", None) or "flat"
    if isinstance(step, ExclusionStep):
        from bayesnu.analyses.exclusion import likelihood_at, mass_parameter

        mass_parameter(signal, step.mass)
        at = {step.mass: step.lowest}
        return likelihood_at(experiments, signal, step.coupling, at, prior=prior, observed=observed)
    wanted = step.of_interest()
    if isinstance(step, SampleStep) and not step.parameters:
        wanted = signal.elementary()
    for name in step.fixed or {}:
        signal.parameter(name)
    return likelihood_of(
        experiments,
        signal,
        [*wanted, *(step.free or ())],
        fit=step.fit,
        fixed=step.fixed,
        prior=prior,
        observed=observed,
    )


def check_step(context: Context, step: Step) -> dict[str, str]:
    """Find out whether a step can be done, without computing it.

    Returns
    -------
    dict of str to str
        Digest of each of its experiments.

    Raises
    ------
    InputError
        If it cannot.
    """
    inputs = inputs_of(context, step)
    observed = inputs.observed
    held = set(step.fixed or {}) - {getattr(step, "mass", "")}
    if held and isinstance(step, ExclusionStep | SensitivityStep):
        raise InputError(
            step.label, "fixed", found=", ".join(sorted(held)), expected="no other values here"
        )
    if isinstance(step, SensitivityStep):
        from bayesnu.analyses.asimov import asimov
        from bayesnu.experiments.projection import project

        data = context.file.data
        at = project(inputs.experiments[0], step.exposures_t_yr[0], data.scale)
        inputs = Inputs((at,), None)
        observed = asimov([at], step.signal, data.truth)
    likelihood = likelihood_for(step, inputs.experiments, observed)
    sampled = isinstance(step, SampleStep) or (
        isinstance(step, LimitStep) and step.method != "profile"
    )
    if not sampled:
        likelihood.polynomial()
    return {experiment.name: experiment.digest for experiment in inputs.experiments}
