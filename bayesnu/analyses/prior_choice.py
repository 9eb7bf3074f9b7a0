"""The prior that a question names: one of the likelihood, or one that weighs the draws."""

from __future__ import annotations

from typing import get_args

from bayesnu.analyses.question import Question
from bayesnu.errors import InputError
from bayesnu.inference.jeffreys import jeffreys
from bayesnu.likelihood.other_priors import OtherPrior, from_scipy, from_words
from bayesnu.model.signal_prior import PriorName


def split_prior(question: Question) -> tuple[Question, OtherPrior | None]:
    """Return the question with a prior that its likelihood can have, and another one beside it.

    Raises
    ------
    InputError
        If the prior is none, or the posterior is sampled through the graph.
    """
    prior = question.prior
    if prior in get_args(PriorName):
        return question, None
    base = question.but(prior="flat")
    if base.route == "graph":
        raise InputError(
            "--prior",
            "prior",
            found=str(prior),
            expected="flat | flat-squared | log, where a mass or a mixing angle is free",
        )
    return base, other_prior(base, prior)


def other_prior(question: Question, prior: object) -> OtherPrior:
    """Return a prior that weighs the draws of a question with flat ones."""
    if prior == "jeffreys":
        return jeffreys(question.likelihood, question.likelihood.signals)
    if isinstance(prior, str):
        return from_words(question.parameter, prior)
    if hasattr(prior, "logpdf"):
        return from_scipy(question.parameter, prior)
    raise InputError(
        "question", "prior", found=repr(prior), expected="a name or a distribution of SciPy"
    )
