"""The search for minima of chi2: one, for profiles, contours, the sampler and its modes.

Charges and radii have mirror solutions, interference adds others, and the data decide how far
away they lie: a search in units of some width misses them. So from every minimum that is known
each signal parameter is walked to both ends of its range, in steps that grow with the distance;
wherever chi2 goes down and up again on the way, all parameters are fitted, and what is found is
walked from in turn. The minima are kept with the likelihood: whoever asks, all see the same.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from bayesnu.errors import ComputationError
from bayesnu.inference.minimise import Minimum, best_angles, minimise
from bayesnu.inference.profiler import by_chi2, lows, signal_scale
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

RATIO = 1.25
"""Each step of a walk ends so much farther from its start than the one before: close enough that
a solution and the barrier before it are both seen."""

FIRST = 0.3
"""The first step of a walk changes chi2 by about this much."""

SMALLEST = 1e-9
"""Share of a parameter's range below which no walk begins."""

SIZES = (0.3, 1.0, 2.5)
"""Where combinations of signals start, in units of what raises chi2 by ten, with all signs."""

MANY = 3
"""With more parameters than this, combinations of signs are tried at one size only."""

SAME = 0.05
"""Minima closer than this, in units of what changes chi2 by ten, are one."""

NEGLIGIBLE = 40.0
"""A minimum this far above the best one carries less than e^-20 of the posterior."""

DUST = 1e-8
"""A change of chi2 that fits cannot tell from none."""

PATIENCE = 10
CLOSE = 1e-3
"""A fit that stops before it has converged goes on so often, until chi2 falls by less."""

MOST = 16
NEAR = 100.0
"""From so many minima walks begin, the best ones first, if they are no higher above the best. Those
that are lie where counts have reached zero, and fits there take a hundred times as long."""

END = 1e-9
"""A parameter closer to an end of its range than this share of it lies there."""


def find_minima(likelihood: Likelihood) -> tuple[Minimum, ...]:
    """Return the local minima of chi2 over all parameters, best first.

    Those that are negligible are left out.

    Raises
    ------
    ComputationError
        If no fit converges.
    """
    # A likelihood does not change, and keeps what is derived from it.
    known = likelihood.__dict__.get("_minima")
    if known is None:
        known = likelihood.__dict__["_minima"] = _Search(likelihood).run()
    assert isinstance(known, tuple)
    return known


class _Search:
    def __init__(self, likelihood: Likelihood) -> None:
        self.likelihood = likelihood
        signal = np.array([p.role == "signal" for p in likelihood.parameters])
        self.signals = signal
        self.indices = [
            i for i, p in enumerate(likelihood.parameters) if signal[i] and not p.periodic
        ]
        self.two_sided = [i for i in self.indices if not likelihood.parameters[i].one_sided]
        self.nothing = np.zeros(len(signal), dtype=bool)
        self.distinct: list[Minimum] = []

    def run(self) -> tuple[Minimum, ...]:
        """Search from no signal, from combinations of signals, and from all that is found."""
        likelihood, indices = self.likelihood, self.indices
        origin = minimise(likelihood, likelihood.start, self.signals)
        self.fit(origin.x)
        for index in indices:
            for low_point in self.walk(index, origin):
                self.fit(low_point)
        if len(indices) > 1:
            for start in self.combinations(origin.x):
                self.fit(start)
        walked: list[Minimum] = []
        while len(walked) < MOST:
            waiting = [fit for fit in self.distinct if not any(fit is known for known in walked)]
            base = min(waiting, key=by_chi2, default=None)
            if base is None or base.chi2 > min(map(by_chi2, self.distinct)) + NEAR:
                break
            walked.append(base)
            # Sizes have no mirror: they are walked from no signal and from the first minimum.
            for index in indices if len(walked) == 1 else self.two_sided:
                for low_point in self.walk(index, base):
                    self.fit(low_point)
        if not self.distinct:
            raise ComputationError("No fit of all parameters converged.")
        self.distinct.sort(key=by_chi2)
        lowest = self.distinct[0].chi2
        return tuple(
            self.without_dust(fit) for fit in self.distinct if fit.chi2 - lowest < NEGLIGIBLE
        )

    def without_dust(self, fit: Minimum) -> Minimum:
        """Say zero where a size of zero fits as well: chi2 is flat in its square there."""
        for index, parameter in enumerate(self.likelihood.parameters):
            if parameter.one_sided and parameter.prior.low == 0.0 and fit.x[index] != 0.0:
                x = fit.x.copy()
                x[index] = 0.0
                chi2 = float(self.likelihood.chi2(x))
                if chi2 < fit.chi2 + DUST:
                    fit = Minimum(x, chi2, fit.converged)
        return fit

    def fit(self, start: Array) -> None:
        """Fit all parameters; keep the minimum if it is a new one."""
        # First the nuisances alone: else they swing to a bound before the signal has moved.
        likelihood = self.likelihood
        prepared = minimise(likelihood, start, self.signals).x
        prepared = best_angles(likelihood, prepared, self.nothing)
        fit = self.patiently(prepared)
        if not fit.converged:
            return
        for number, other in enumerate(self.distinct):
            if self.is_same(fit, other):
                self.distinct[number] = min(other, fit, key=by_chi2)
                return
        self.distinct.append(fit)

    def patiently(self, start: Array) -> Minimum:
        """Fit again from where a fit has stopped: long curved valleys take many steps."""
        fit = minimise(self.likelihood, start, self.nothing)
        for _ in range(PATIENCE):
            if fit.converged:
                break
            longer = minimise(self.likelihood, fit.x, self.nothing)
            close = fit.chi2 - longer.chi2 < CLOSE
            fit = replace(longer, converged=longer.converged or close)
        return fit

    def is_same(self, one: Minimum, other: Minimum) -> bool:
        """Whether two fits found one minimum: no signal is farther off than chi2 can tell."""
        if abs(one.chi2 - other.chi2) > 1.0:
            return False
        x = np.repeat(one.x[None], 3, axis=0)
        x[1:, self.indices] = other.x[self.indices]
        x[2, self.indices] = 0.5 * (one.x + other.x)[self.indices]
        if np.array_equal(x[0], x[1]):
            return True
        rise = np.abs(self.likelihood.chi2(x) - one.chi2)
        return bool(rise.max() < 10.0 * SAME**2)

    def combinations(self, origin: Array) -> list[Array]:
        """Return points with several signals at once, of all signs that are allowed."""
        likelihood, count = self.likelihood, len(self.indices)
        scale = np.array([signal_scale(likelihood, i, 10.0, origin) for i in self.indices])
        low = likelihood.low[self.indices]
        result = []
        for size in SIZES if count <= MANY else SIZES[1:2]:
            for signs in product((-1.0, 1.0), repeat=count):
                corner = size * scale * signs
                if (corner >= low).all():
                    point = origin.copy()
                    point[self.indices] = corner
                    result.append(point)
        return result

    def walk(self, index: int, base: Minimum) -> list[Array]:
        """Return points where chi2, with the nuisances fitted again, has a low along a parameter.

        The other signal parameters stay where they are.
        """
        likelihood = self.likelihood
        result: list[Array] = []
        for sign in (-1.0, 1.0):
            fits = [base]
            for value in walk_values(likelihood, index, base.x, sign):
                start = fits[-1].x.copy()
                start[index] = value
                fits.append(minimise(likelihood, start, self.signals))
            heights = [fit.chi2 for fit in fits]
            result += [fits[place].x for place in lows(heights) if place > 0]
        return result


def walk_values(likelihood: Likelihood, index: int, base: Array, sign: float) -> Array:
    """Return values of a parameter from a point to an end of its range, at growing distances."""
    end = float(likelihood.high[index] if sign > 0 else likelihood.low[index])
    length = abs(end - base[index])
    if length == 0.0:
        return np.zeros(0)
    steps = length * RATIO ** -np.arange(np.ceil(np.log(1.0 / SMALLEST) / np.log(RATIO)))[::-1]
    trials = np.repeat(base[None], len(steps), axis=0)
    trials[:, index] += sign * steps
    trials[-1, index] = end
    change = np.abs(likelihood.chi2(trials) - float(likelihood.chi2(base)))
    first = int(np.argmax(change > FIRST)) if (change > FIRST).any() else len(steps) - 1
    return np.asarray(trials[max(first - 2, 0) :, index])


def at_ends(likelihood: Likelihood, fit: Minimum) -> tuple[str, ...]:
    """Say which parameters a fit has left at an end of their range, in words.

    A size at zero, or where a prior flat in its logarithm begins, is no surprise and is not said.
    """
    result = []
    for parameter, value in zip(likelihood.parameters, fit.x, strict=True):
        low, high = parameter.prior.low, parameter.prior.high
        width = high - low if np.isfinite(high - low) else 1.0
        if parameter.periodic:
            continue
        floor = parameter.one_sided and (low == 0.0 or parameter.prior.power < 0.0)
        if value >= high - END * width or (value <= low + END * width and not floor):
            unit = f" {parameter.unit}" if parameter.unit else ""
            result.append(
                f"{parameter.name} lies at an end of its range in the best fit, {value:.4g}{unit}"
            )
    return tuple(result)
