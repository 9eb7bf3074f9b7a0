"""One analysis on trial: every comparison of the package with the referee."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from bayesnu.errors import ComputationError, InputError
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.priors import Prior
from benchmarks.sweep import ask
from benchmarks.sweep.cases import LEVELS, PRIORS, Case, is_polynomial
from benchmarks.sweep.compare import (
    INEFFICIENT,
    MINOS,
    RANGE_MATTERS,
    RANGE_MAY_MATTER,
    Comparison,
    Range,
    against_grid,
    effective_size,
    ends,
    follows_range,
    held_by_draws,
    held_by_grid,
    moved_by,
    nested,
    reaches_range,
    twice_as_wide,
    width,
)
from benchmarks.sweep.held import profile_by_values
from benchmarks.sweep.integrate import Marginal, Posterior, marginal
from benchmarks.sweep.minos import Minos
from benchmarks.sweep.scan import Interval, Scan, scan

Array = NDArray[np.float64]

OTHER_LEVELS = tuple(level for level in LEVELS if level != 0.9)
NO_EFFECT, NOTHING = "no effect on the counts", 1e-9
"""How a parameter is refused that has none, and the share of counts that counts as none."""
FLAT = 1e-6
"""A parameter that changes chi2 by less over its range has no limit."""


def judge(case: Case) -> list[dict[str, Any]]:
    """Return all comparisons of a case as plain values, with the command lines."""
    whole = ask.command(case, 0.9, "profile")
    try:
        data = ask.observed(case)
        if not is_polynomial(case):
            # Posteriors are sampled, and calibrated elsewhere.
            found_there = profile_by_values(case, data, cut_of(0.9))
            return [comparison.to_dict() | {"command": whole} for comparison in found_there]
        likelihood = ask.likelihood_of(case, data)
    except (ComputationError, InputError) as error:
        return [refused(case, ask.sentence(error)).to_dict() | {"command": whole}]
    found = scan(likelihood, case.parameter)
    minos = Minos(likelihood, case.parameter)
    if minos.valid:
        found.include(minos.point)
    result: list[dict[str, Any]] = []
    for comparison in _profiles(case, data, minos, found):
        line = ask.command(case, comparison.level, "profile")
        result.append(comparison.to_dict() | {"command": line})
    if case.deep and np.ptp(found.chi2) > FLAT:
        if case.fit == "marginal":
            credible = _another_seed(case, data, likelihood, found)
        else:
            credible = _credible(case, data, likelihood, found)
        for comparison in credible:
            line = ask.command(case, comparison.level, "posterior", comparison.prior)
            result.append(comparison.to_dict() | {"command": line})
    return result


def refused(case: Case, sentence: str) -> Comparison:
    """Return the comparison of an analysis that the package refuses as a whole.

    That a parameter has no effect is compared with counts that have it.
    """
    effect = None
    if NO_EFFECT in sentence:
        effect = ask.effect(case)
    wrong = effect is not None and effect > NOTHING
    note = "" if effect is None else f"changes counts by {effect:.2g} of themselves at most"
    return Comparison(
        "whole analysis",
        0.9,
        "",
        sentence,
        effect,
        NOTHING,
        "disagree" if wrong else "refused",
        note,
    )


def cut_of(level: float) -> float:
    """Return the Delta chi2 of a level, 1 degree of freedom."""
    return float(2.0 * gammaincinv(0.5, level))


def _profiles(
    case: Case, data: dict[str, Array] | None, minos: Minos, found: Scan
) -> list[Comparison]:
    result = []
    answers = {}
    zero = found.likelihood.parameters[found.index].prior.low >= 0.0
    for level in LEVELS:
        answer = answers[level] = ask.profile(case, data, level)
        dense = (
            _one_sided(found.intervals(cut_of(level))) if zero else found.intervals(cut_of(level))
        )
        if answer.refused:
            result.append(
                Comparison("profile ends", level, "", answer.refused, list(dense), 0.0, "refused")
            )
            continue
        result.append(ends("profile ends", level, answer.intervals, dense))
    good = {level: answer for level, answer in answers.items() if not answer.refused}
    if not good:
        return result
    result.append(nested(list(good), [a.intervals for a in good.values()]))
    lowest = found.best[1]
    for level, answer in good.items():
        off = answer.chi2_min - lowest
        if abs(off) > 1e-4 or level == max(good):
            agree = abs(off) <= 1e-4
            result.append(
                Comparison(
                    "smallest chi2",
                    level,
                    "",
                    [answer.best_fit, answer.chi2_min],
                    list(found.best),
                    1e-4,
                    "agree" if agree else "disagree",
                )
            )
    return result + _minos(minos, good, found)


def _one_sided(intervals: tuple[Interval, ...]) -> tuple[Interval, ...]:
    return tuple((None if a is not None and a <= 0.0 else a, b) for a, b in intervals)


def _minos(minos: Minos, answers: dict[float, ask.Answer], found: Scan) -> list[Comparison]:
    """Compare the piece that holds the best fit with MINOS."""
    if not minos.valid:
        return [Comparison("MINOS", max(answers), "", None, None, MINOS, "not judged", "no fit")]
    best, lowest = minos.best
    result = []
    if lowest > found.best[1] + 1e-3:
        # Minuit sits in another minimum: the dense scan is the judge.
        note = f"MIGRAD ends {lowest - found.best[1]:.3g} above the smallest chi2"
        return [Comparison("MINOS", max(answers), "", None, best, MINOS, "not judged", note)]
    for level, answer in answers.items():
        theirs = minos.interval(level)
        if theirs is None:
            continue
        piece = _holding(best, answer.intervals)
        compared = [
            (x, y) for x, y in zip(piece, theirs, strict=True) if x is not None and y is not None
        ]
        if not compared:
            continue
        slack = MINOS * width(theirs)
        agree = all(abs(x - y) <= slack for x, y in compared)
        result.append(
            Comparison("MINOS", level, "", piece, theirs, MINOS, "agree" if agree else "disagree")
        )
    return result


def _holding(value: float, intervals: tuple[Interval, ...]) -> Interval:
    for low, high in intervals:
        if (low is None or low <= value) and (high is None or value <= high):
            return low, high
    return intervals[0] if intervals else (None, None)


def _credible(
    case: Case, data: dict[str, Array] | None, likelihood: Likelihood, found: Scan
) -> list[Comparison]:
    meta = likelihood.parameters[found.index]
    grid = marginal(found)
    names = PRIORS if meta.one_sided and case.truth is None else PRIORS[:1]
    result: list[Comparison] = []
    for number, name in enumerate(names):
        # The usual level, and one that changes from case to case.
        place = zlib.crc32(case.name.encode()) + number
        other = OTHER_LEVELS[place % len(OTHER_LEVELS)]
        prior = ask.likelihood_of(case, data, name).parameters[found.index].prior
        for level in (0.9, other) if case.truth is None else (0.9,):
            answer = ask.credible(case, data, level, name)
            moved = _moved(found, grid, prior, level, meta.one_sided, ask.widest(case))
            result += _one_prior(name, level, prior, meta.one_sided, answer, grid, moved)
    return result


def _moved(
    found: Scan, grid: Marginal, prior: Prior, level: float, one_sided: bool, widest: Range
) -> float:
    """Return by how much a credible limit moves, as a share, with twice the prior's range.

    Where that could matter, all is computed again on twice the range.
    """
    most = follows_range(grid, prior, level, one_sided, widest)
    if most < RANGE_MAY_MATTER:
        return most
    likelihood = found.likelihood
    name = likelihood.names[found.index]
    own = twice_as_wide(likelihood.parameters[found.index].prior, one_sided, widest)
    wider = marginal(scan(likelihood.with_prior(name, own), name))
    posterior = wider.posterior(twice_as_wide(prior, one_sided, widest))
    return moved_by(grid.posterior(prior), posterior, level, one_sided)


def _another_seed(
    case: Case, data: dict[str, Array] | None, likelihood: Likelihood, found: Scan
) -> list[Comparison]:
    """Compare a printed region with the draws of another seed, where there is no grid."""
    first, second = (ask.credible(case, data, 0.9, "flat", seed) for seed in (1, 2))
    for answer in (first, second):
        sentence = answer.refused or ("" if answer.converged else "says: not converged")
        if sentence:
            return [Comparison("credible", 0.9, "flat", sentence, None, 0.0, "refused")]
    assert first.draws is not None and second.draws is not None
    weight = float(np.hypot(first.weight_error, second.weight_error))
    draws = held_by_draws(0.9, "flat", first.intervals, second.draws, weight)
    # Both sides have the error of draws.
    tolerance = draws.tolerance * np.sqrt(2.0)
    good = abs(draws.package - draws.referee) <= tolerance
    good &= len(first.intervals) == len(second.intervals)
    draws = replace(
        draws,
        kind="credible, another seed",
        tolerance=tolerance,
        verdict="agree" if good else "disagree",
        note=f"{first.intervals} with one seed, {second.intervals} with another",
    )
    prior = likelihood.parameters[found.index].prior
    return [draws, reaches_range(0.9, first.intervals, first.draws, prior.low, prior.high)]


def _one_prior(
    name: str,
    level: float,
    prior: Prior,
    one_sided: bool,
    answer: ask.Answer,
    grid: Marginal,
    moved: float,
) -> list[Comparison]:
    posterior = grid.posterior(prior)
    region: list[Interval] = (
        [(None, posterior.quantile(level))] if one_sided else list(posterior.highest(level))
    )
    if answer.refused:
        note = f"twice the prior's range moves the limit by {moved:.2g} of itself"
        return [Comparison("credible", level, name, answer.refused, region, 0.0, "refused", note)]
    if not answer.converged:
        note = "says that it has not converged"
        return [
            Comparison(
                "credible", level, name, list(answer.intervals), region, 0.0, "refused", note
            )
        ]
    result = []
    if any(end is None for piece in answer.intervals for end in piece[one_sided:]):
        verdict = "refused" if moved > RANGE_MAY_MATTER else "disagree"
        return [Comparison("credible", level, name, list(answer.intervals), region, 0.0, verdict)]
    if moved > RANGE_MATTERS:
        note = f"twice the prior's range moves the limit by {moved:.2g} of itself"
        result.append(
            Comparison(
                "prior's range", level, name, list(answer.intervals), region, 0.0, "disagree", note
            )
        )
    draws = answer.draws
    assert draws is not None
    result.append(held_by_draws(level, name, answer.intervals, draws, answer.weight_error))
    if grid.efficiency < INEFFICIENT:
        note = f"share of effective points {grid.efficiency:.1g}"
        kind = "credible, grid"
        return [
            *result,
            Comparison(kind, level, name, list(answer.intervals), region, 0.0, "not judged", note),
        ]
    size = min(effective_size(draws, q) for q in (level, 0.5 * (1.0 + level)))
    share = float(np.hypot(np.sqrt(level * (1.0 - level) / size), answer.weight_error))
    _, share_of_grid = grid.spread(
        prior, lambda p: p.held([(p.value[0] if a is None else a, b) for a, b in region])
    )
    error = float(np.hypot(share, share_of_grid))
    result.append(held_by_grid(level, name, answer.intervals, posterior, error))
    errors = _errors_of_ends(answer, region, posterior, error)
    result.append(against_grid(level, name, answer.intervals, region, errors, posterior))
    return result


def _errors_of_ends(
    answer: ask.Answer, region: list[Interval], posterior: Posterior, error: float
) -> list[Interval]:
    """Return what the package states, or the error of a probability over the density there."""
    if answer.errors is not None:
        return list(answer.errors)
    return [
        tuple(None if end is None else error / max(posterior.at(end), 1e-300) for end in piece)
        for piece in region
    ]


def as_error(case: Case, error: Exception) -> dict[str, Any]:
    """Return what stands for a case that could not be judged."""
    broken = Comparison(
        "case", 0.9, "", None, None, 0.0, "not judged", f"{type(error).__name__}: {error}"
    )
    return broken.to_dict() | {"command": case.name}
