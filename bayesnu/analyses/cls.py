"""The CLs limit beside the Delta chi2 and the credible one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Unpack

from bayesnu.analyses.limit import LimitRun
from bayesnu.analyses.question import Question
from bayesnu.campaigns.cls import FEWEST_TOYS, with_toys
from bayesnu.campaigns.running import Running, kept_in
from bayesnu.errors import InputError
from bayesnu.inference.cls import check_size, cls_limit, one_sided_test


def check_cls(question: Question, toys: int | None, method: str) -> None:
    """Refuse what cannot be made, before anything is computed."""
    dof = question.dof
    if dof != 1 or method == "posterior":
        raise InputError(
            "--cls",
            "statement",
            found=f"--method {method} --dof {dof}",
            expected="--method profile or both, --dof 1",
        )
    if toys is not None and toys < FEWEST_TOYS:
        raise InputError("--cls-toys", "toys", found=toys, expected=f"at least {FEWEST_TOYS}")
    check_size(question.meta)


def with_cls(
    run: LimitRun,
    *,
    toys: int | None = None,
    power_constrained: bool = False,
    keep: Path | None = None,
    **how: Unpack[Running],
) -> LimitRun:
    """Return a limit with the CLs limit added.

    Parameters
    ----------
    toys : int, optional
        So many with, and as many without a signal, at each of nine sizes, for a limit that needs
        no asymptotic distributions.
    power_constrained : bool
        Whether to add the power-constrained limit.
    keep : Path, optional
        The toys are kept in a folder inside, named after what they depend on, and used again.
    **how
        As of `run_campaign`.
    """
    if run.profile is None or run.limit.frequentist is None:
        raise InputError("--cls", "profile", found="none", expected="--method profile or both")
    level, likelihood = run.limit.level, run.likelihood
    cut = run.limit.frequentist.threshold
    test = one_sided_test(likelihood, run.limit.parameter, cut, run.profile)
    found = cls_limit(test, level, power_constrained=power_constrained)
    if toys is not None:
        place = None if keep is None else keep / "cls"
        how |= kept_in(place, likelihood, level, how.get("seed", 1))
        found = with_toys(likelihood, test, found, toys, **how)
    return replace(run, limit=replace(run.limit, cls=found))
