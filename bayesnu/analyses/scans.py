"""Profiles and contours by name: the likelihood of a question, scanned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from bayesnu.analyses.question import Asked, Experiments, Question, as_question
from bayesnu.analyses.scanned_profile import scanned_profile
from bayesnu.errors import InputError
from bayesnu.inference.contour import POINTS
from bayesnu.inference.levels import contour_at, profile_at, with_level
from bayesnu.physics.signals import Signal
from bayesnu.results.curve import Profile
from bayesnu.results.region import Contour
from bayesnu.types import Progress


def profile_scan(
    experiments: Question | Experiments,
    signal: str | Signal | None = None,
    parameter: str | None = None,
    *,
    progress: Progress | None = None,
    **asked: Unpack[Asked],
) -> Profile:
    """Return the Delta chi2 profile of a parameter; see `bayesnu.profile` and `Question`."""
    question = as_question(experiments, signal, parameter, asked)
    if question.signal.propagates:
        found = scanned_profile(question, progress)
        return with_level(found, question.level, question.dof)
    return profile_at(
        question.likelihood, question.parameter, question.level, question.dof, progress
    )


def contour_scan(
    experiments: Question | Experiments,
    signal: str | Signal | None = None,
    parameters: tuple[str, str] | None = None,
    *,
    levels: Sequence[float] = (0.9,),
    points: int = POINTS,
    progress: Progress | None = None,
    **asked: Unpack[Asked],
) -> Contour:
    """Return the Delta chi2 map of two parameters, of 2 dof; see `bayesnu.contour`."""
    question = as_question(experiments, signal, parameters, {"dof": 2, **asked})
    if len(question.parameters) != 2:
        named = ", ".join(question.parameters)
        raise InputError("contour", "parameters", found=f"{named} alone", expected="two")
    first, second = question.parameters
    return contour_at(
        question.likelihood, (first, second), levels, question.dof, points=points, progress=progress
    )


def with_each(question: Question, each: bool) -> list[Question]:
    """Return a combination, after each of its experiments alone if asked for."""
    if not each or len(question.experiments) == 1:
        return [question]
    return [*(question.to([one]) for one in question.experiments), question]
