"""The profile of a parameter of which each value makes another likelihood, value by value."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

import bayesnu
from benchmarks.sweep import ask
from benchmarks.sweep.cases import Case
from benchmarks.sweep.compare import OF_WIDTH, Comparison, width
from benchmarks.sweep.fit import fit
from benchmarks.sweep.scan import starts_of

Array = NDArray[np.float64]

VALUES = 12
"""Inside the range, of the referee's own."""
LEVEL = 0.9
LOWER = 1e-4
"""By how much a smaller chi2 counts."""


def chi2_at(case: Case, data: Mapping[str, Array] | None, value: float) -> float:
    """Return the smallest chi2 over the nuisances, with the parameter held."""
    fixed = {**dict(case.fixed), case.parameter: value}
    likelihood = bayesnu.likelihood_of(
        case.experiments, case.signal, [], fixed=fixed, observed=data
    )
    # No parameter is scanned: the index is that of none.
    starts = starts_of(likelihood, -1, np.random.default_rng(1))
    none = np.zeros(len(likelihood.parameters), dtype=bool)
    return float(fit(likelihood, starts, none)[1].min())


def profile_by_values(case: Case, data: Mapping[str, Array] | None, cut: float) -> list[Comparison]:
    """Compare a profile with fits at its best fit, around its ends, and over its range."""
    answer = ask.profile(case, data, LEVEL)
    if answer.refused:
        return [Comparison("whole analysis", LEVEL, "", answer.refused, None, 0.0, "refused")]
    ends = [end for piece in answer.intervals for end in piece if end is not None]
    reach = 2.0 * max(map(abs, [*ends, answer.best_fit]))
    low = 0.0 if all(end >= 0.0 for end in [*ends, answer.best_fit]) else -reach
    inside = np.linspace(low, reach, VALUES + 1)[1:] - 0.37 * (reach - low) / VALUES
    values = [answer.best_fit, *inside]
    lowest = {value: chi2_at(case, data, value) for value in values}
    best = min(lowest, key=lambda value: lowest[value])
    found = [
        Comparison(
            "smallest chi2",
            LEVEL,
            "",
            [answer.best_fit, answer.chi2_min],
            [best, lowest[best]],
            LOWER,
            "agree"
            if answer.chi2_min <= lowest[best] + LOWER
            and abs(lowest[answer.best_fit] - answer.chi2_min) <= LOWER
            else "disagree",
        )
    ]
    wrong = [
        f"Delta chi2 = {lowest[value] - answer.chi2_min:.4g} at {value:.4g}"
        for value in values
        if _holds(answer.intervals, value) != (lowest[value] - answer.chi2_min <= cut)
    ]
    crossed = []
    for piece in answer.intervals:
        slack = OF_WIDTH * width(piece)
        for end in piece:
            if end is not None:
                around = [
                    chi2_at(case, data, end + sign * slack) - answer.chi2_min - cut
                    for sign in (-1, 1)
                ]
                crossed.append([end, *around])
                wrong += [f"no crossing at {end:.6g}"] if around[0] * around[1] > 0.0 else []
    verdict = "disagree" if wrong else "agree"
    note = "; ".join(wrong)
    return [
        *found,
        Comparison(
            "profile ends", LEVEL, "", list(answer.intervals), crossed, OF_WIDTH, verdict, note
        ),
    ]


def _holds(intervals: tuple[tuple[float | None, float | None], ...], value: float) -> bool:
    return any((a is None or a <= value) and (b is None or value <= b) for a, b in intervals)
