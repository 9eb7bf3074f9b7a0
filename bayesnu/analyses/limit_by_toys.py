"""What toys without a signal say beside a limit: the data's p-value, the limit to be expected."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Unpack

from bayesnu.analyses.asimov import asimov
from bayesnu.analyses.limit import LimitRun
from bayesnu.analyses.question import Question
from bayesnu.campaigns.ensemble import FEWEST_TOYS, limits_of_toys
from bayesnu.campaigns.runner import run_campaign
from bayesnu.campaigns.running import Running, kept_in
from bayesnu.campaigns.toys import toy_task
from bayesnu.errors import ComputationError, InputError, Interrupted

DUST = 1e-7
"""Delta chi2 that fits cannot tell from none."""


def check_toys(option: str, number: int, method: str) -> None:
    """Refuse what cannot be made, before anything is computed."""
    if not FEWEST_TOYS <= number <= 1_000_000:
        raise InputError(option, "toys", found=number, expected=f"{FEWEST_TOYS} to 1e6")
    if method == "posterior":
        raise InputError(
            option, "--method", found=method, expected="profile or both: toys are fitted"
        )


def with_toy_p_value(
    run: LimitRun, number: int, *, keep: Path | None = None, **how: Unpack[Running]
) -> LimitRun:
    """Return a limit whose discovery has the share of toys with as large a Delta chi2.

    Parameters
    ----------
    run : LimitRun
        With a profile.
    number : int
        Toys, drawn without a signal with the nuisances at their best fit to the data.
    keep : Path, optional
        The toys are kept in a folder inside, named after what they depend on, and used again.
    **how
        As of `run_campaign`.
    """
    check_toys("--toys", number, "profile")
    found, limit = run.limit.discovery, run.limit
    if found is None or found.delta_chi2 is None:
        raise InputError("--toys", "profile", found="none", expected="one of a polynomial")
    task = toy_task(run.likelihood, limit.parameter, [found.null], method="test")
    how |= kept_in(keep and keep / "null", run.likelihood, 0.0, how.get("seed", 1))
    fits = run_campaign(task, number, what="toys", **how)
    if not fits.complete:
        raise Interrupted(f"Interrupted after {len(fits.index)} of {number} toys.")
    if fits.failed:
        raise ComputationError(f"{fits.failed} of {number} toys could not be fitted.")
    larger = fits.column("delta_chi2") >= found.delta_chi2 - DUST
    spoken = replace(found, toys=number, toy_p_value=float(larger.mean()))
    return replace(run, limit=replace(limit, discovery=spoken))


def with_expected(
    run: LimitRun,
    question: Question,
    number: int,
    *,
    keep: Path | None = None,
    **how: Unpack[Running],
) -> LimitRun:
    """Return a limit with the median and the band of those of toys without a signal.

    Parameters
    ----------
    question : Question
        That the limit answers. What is expected of counts and pulls is what the files say.
    number : int
        Toys.
    **how
        As of `run_campaign`.
    """
    check_toys("--expected", number, "profile")
    truth = asimov(question.experiments, question.signal, question.fixed)
    likelihood = question.but(observed=truth).likelihood
    how |= kept_in(keep and keep / "expected", likelihood, question.level, how.get("seed", 1))
    band = limits_of_toys(likelihood, question.parameter, question.threshold, number, **how)
    return replace(run, limit=replace(run.limit, expected=band))
