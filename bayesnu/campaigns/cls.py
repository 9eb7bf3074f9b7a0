"""CLs by toys: the distributions of the one-sided test statistic with and without a signal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Unpack

import numpy as np
from scipy.special import ndtr

from bayesnu.campaigns.runner import run_campaign
from bayesnu.campaigns.running import Running
from bayesnu.campaigns.simulation import draw
from bayesnu.campaigns.task import Row
from bayesnu.campaigns.toys import ToyTask
from bayesnu.errors import ComputationError, InputError, Interrupted
from bayesnu.inference.cls import OneSidedTest, one_sided_statistic
from bayesnu.inference.profiler import Profiler
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.cls import SIGMAS, CLsLimit, CLsToys
from bayesnu.results.fits import Fits
from bayesnu.types import Array

VALUES = 9
"""Sizes at which toys are made, over the expected band and the asymptotic limit."""

NEAR = 1.8
"""Values at which ln CLs is closer to that of the limit tell where it is."""

FEWEST_TOYS = 100

FEWEST_BEYOND = 5
"""An expected limit needs so many toys with a signal beyond its statistic."""


@dataclass(frozen=True, eq=False)
class OneSidedTask(ToyTask):
    """Simulate with a size at one of several values, or without a signal, and test that value.

    Toy number i tests ``truths[(i // 2) % len(truths)]``; odd ones are drawn without a signal.
    """

    nothing: Array = field(default_factory=lambda: np.zeros(0))
    """All parameters without a signal."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the row's numbers."""
        return ("value", "signal", "q")

    def settings(self) -> dict[str, Any]:
        """Return what determines the rows."""
        return {**super().settings(), "what": "cls", "nothing": self.nothing.tolist()}

    def run(self, index: int, seed: np.random.SeedSequence) -> Row:
        """Simulate and fit one toy."""
        number, signal = (index // 2) % len(self.truths), index % 2 == 0
        point = self.points[number] if signal else self.nothing
        expected = self.likelihood.expected(point)
        counts, centres = draw(self.likelihood, expected, point, np.random.default_rng(seed))
        row = self._frequentist(counts, centres, number, None)
        value = self.truths[number]
        q = one_sided_statistic(row["delta_chi2"], row["best_fit"], value)
        return {"value": value, "signal": float(signal), "q": q}


def with_toys(
    likelihood: Likelihood,
    test: OneSidedTest,
    found: CLsLimit,
    number: int,
    **how: Unpack[Running],
) -> CLsLimit:
    """Return a CLs limit with that of toys beside it.

    Parameters
    ----------
    number : int
        Toys with, and as many without a signal, at each of `VALUES` sizes.

    Raises
    ------
    ComputationError
        If the limit lies outside these sizes, or (`Interrupted`) not all toys were made.
    """
    if number < FEWEST_TOYS:
        raise InputError("--cls-toys", "toys", found=number, expected=f"at least {FEWEST_TOYS}")
    ends = (found.limit, *found.band)
    values = np.linspace(0.85 * min(ends), 1.1 * max(ends), VALUES)
    name = test.curve.parameter
    profiler = Profiler(likelihood, [name])
    task = OneSidedTask(
        likelihood,
        name,
        tuple(map(float, values)),
        np.array([profiler.at(float(value)).x for value in values]),
        found.level,
        "test",
        nothing=profiler.at(0.0).x,
    )
    fits = run_campaign(task, 2 * VALUES * number, what="toys", **how)
    if not fits.complete:
        raise Interrupted(f"Interrupted after {len(fits.index)} of {fits.wanted} toys.")
    observed = [test.observed_at(float(value)) for value in values]
    return replace(found, toys=limit_of_toys(fits, values, observed, found.level, number))


def limit_of_toys(
    fits: Fits, values: Array, observed: Sequence[float], level: float, number: int
) -> CLsToys:
    """Return where CLs of toys is what the limit has; see `_where`."""
    with_, without = (_statistics(fits, values, signal) for signal in (1.0, 0.0))
    alpha = 1.0 - level
    above = [_share(s, q) for s, q in zip(with_, observed, strict=True)]
    below = [_share(b, q) for b, q in zip(without, observed, strict=True)]
    cls = np.array([s / b for (s, _), (b, _) in zip(above, below, strict=True)])
    relative = np.array([np.hypot(s, b) for (_, s), (_, b) in zip(above, below, strict=True)])
    limit, error = _where(values, cls, relative, alpha)
    return CLsToys(
        toys=number,
        values=tuple(map(float, values)),
        cls=tuple(map(float, cls)),
        errors=tuple(map(float, cls * relative)),
        limit=limit,
        limit_error=error,
        band=tuple(_expected(values, with_, without, alpha, n) for n in SIGMAS),
    )


def _expected(
    values: Array, with_: list[Array], without: list[Array], alpha: float, sigmas: float
) -> float | None:
    """Return the limit of data without a signal that fluctuate by so many standard deviations.

    They have CL_b = Phi(sigmas). None where too few toys with a signal lie beyond, or the values
    with them, to tell.
    """
    share = float(ndtr(sigmas))
    if alpha * share * min(map(len, with_)) < FEWEST_BEYOND:
        return None
    at = [float(np.quantile(toys, 1.0 - share)) for toys in without]
    found = [_share(toys, q) for toys, q in zip(with_, at, strict=True)]
    cls = np.array([one for one, _ in found]) / share
    try:
        return _where(values, cls, np.array([error for _, error in found]), alpha)[0]
    except ComputationError:  # the limit is told all the same
        return None


def _statistics(fits: Fits, values: Array, signal: float) -> list[Array]:
    """Return q of the toys at each value, with the signal or without."""
    value, kind, q = fits.column("value"), fits.column("signal"), fits.column("q")
    return [q[(value == one) & (kind == signal)] for one in values]


def _share(toys: Array, q: float) -> tuple[float, float]:
    """Return the share of toys with a larger statistic, and the relative error of it.

    None or all of them is as if half a toy were missing.
    """
    if not len(toys):
        raise ComputationError("No toy could be fitted at one of the values.")
    half = 0.5 / len(toys)
    share = min(max(float((toys >= q - 1e-9).mean()), half), 1.0 - half)
    return share, float(np.sqrt((1.0 - share) / (share * len(toys))))


def _where(values: Array, cls: Array, relative: Array, alpha: float) -> tuple[float, float]:
    """Return where CLs is alpha, and the error of that: ln CLs is a parabola in the size where more
    than three values are nearby and it falls through, else a line."""
    log = np.log(cls / alpha)
    last = int(np.flatnonzero(log > 0.0)[-1]) if (log > 0.0).any() else -1
    if not 0 <= last < len(values) - 1:
        raise ComputationError("CLs of toys is not what the limit has at any value.")
    near = np.flatnonzero(np.abs(log) < NEAR)
    near = np.union1d(near, [last, last + 1])
    for degree in (2, 1) if len(near) > 3 else (1,):
        found = _crossing(values[near], log[near], relative[near], degree)
        if found is not None:
            return found
    raise ComputationError("Toys do not tell where CLs is what the limit has: more may.")


def _crossing(
    values: Array, log: Array, relative: Array, degree: int
) -> tuple[float, float] | None:
    """Return where a polynomial through values of a logarithm falls through zero, and its error."""
    place, width = values[0], float(np.ptp(values))
    design = np.vander((values - place) / width, degree + 1)
    weighed = design / relative[:, None]
    covariance = np.linalg.inv(weighed.T @ weighed)
    best = covariance @ weighed.T @ (log / relative)
    fine = np.linspace(values[0], values[-1], 4001)
    fitted = np.polyval(best, (fine - place) / width)
    falls = np.flatnonzero((fitted[:-1] >= 0.0) & (fitted[1:] < 0.0))
    if not len(falls):
        return None
    at = int(falls[-1])
    slope = float(fitted[at] - fitted[at + 1]) / float(fine[1] - fine[0])
    row = np.vander([(fine[at] - place) / width], degree + 1)[0]
    return float(fine[at]), float(np.sqrt(row @ covariance @ row)) / slope
