"""The Delta chi2 profile of a parameter of which each value makes another likelihood.

Where a signal changes neutrinos on their way, counts are no polynomial in its parameters. At each
value that is held they are known exactly, and the nuisances are fitted.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.optimize import minimize_scalar

from bayesnu.analyses.question import Question
from bayesnu.errors import InputError
from bayesnu.inference.minima import at_ends
from bayesnu.inference.minimise import Minimum, minimise
from bayesnu.inference.profiler import lows
from bayesnu.likelihood.held import held
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.model.build import Ingredients, polynomial_likelihood
from bayesnu.results.curve import Profile
from bayesnu.types import Array, Progress

POINTS = 41
"""Over the range of the parameter: even in it up to its typical size, then in its logarithm."""

PRECISE = 1e-4
"""Of a minimum, in the distance of points."""


class Scan:
    """Fits with a parameter held at values; can be sent to another process."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self._known: dict[float, tuple[Likelihood, Minimum]] = {}

    def at(self, value: float) -> tuple[Likelihood, Minimum]:
        """Return the likelihood at a value, and the best of its nuisances."""
        if value not in self._known:
            own = self.question
            fixed = {**own.fixed, own.parameter: value}
            made = Ingredients.checked(
                own.experiments, own.signal, (), fixed, own.likelihood_prior, own.observed or {}
            )
            likelihood = polynomial_likelihood(made)
            none = np.zeros(len(likelihood.names), dtype=bool)
            self._known[value] = likelihood, minimise(likelihood, likelihood.start, none)
        return self._known[value]

    def chi2(self, value: float) -> float:
        """Return the smallest chi2 at a value."""
        return self.at(float(value))[1].chi2

    def above_minimum(self, value: float) -> float:
        """Return Delta chi2 at a value."""
        return self.chi2(value) - self.best[1]

    @cached_property
    def best(self) -> tuple[float, float]:
        """The value with the smallest chi2 of all that were tried, and this chi2."""
        return min(((v, fit.chi2) for v, (_, fit) in self._known.items()), key=lambda at: at[1])


def scanned_profile(question: Question, progress: Progress | None = None) -> Profile:
    """Return the profile of a question's parameter, a fit of the nuisances at each value.

    Raises
    ------
    InputError
        If other parameters of the signal are free too.
    """
    if len(question.parameters) > 1 or question.free:
        raise InputError(
            f"signal {question.signal.tag}",
            ", ".join((*question.parameters, *question.free)),
            found="free together, where counts are no polynomial",
            expected="their posterior (limit --method posterior, or sample), or one of them",
        )
    name, scan = question.parameter, Scan(question)
    made = Ingredients.checked(
        question.experiments,
        question.signal,
        (name,),
        question.fixed,
        question.likelihood_prior,
        {},
        graph=True,
    )
    meta = made.parameter(name)
    grid = _grid(question, meta)
    heights = []
    for number, value in enumerate(grid):
        heights.append(scan.chi2(value))
        if progress:
            progress((number + 1) / len(grid), f"{name} = {value:.3g}")
    for place in lows(heights):
        low, high = grid[max(place - 1, 0)], grid[min(place + 1, len(grid) - 1)]
        minimize_scalar(
            scan.chi2,
            bounds=(low, high),
            method="bounded",
            options={"xatol": PRECISE * (high - low)},
        )
    best, chi2_min = scan.best
    values = np.array(sorted(scan._known))
    delta = np.array([scan.chi2(v) for v in values]) - chi2_min
    likelihood, fit = scan.at(best)
    places = lows(delta)
    kept = held(likelihood)
    return Profile(
        parameter=name,
        unit=meta.unit,
        values=values,
        delta_chi2=delta,
        best_fit=best,
        chi2_min=chi2_min,
        minima=tuple(float(values[i]) for i in places[np.argsort(delta[places], kind="stable")]),
        best_point={name: best, **dict(zip(likelihood.names, map(float, fit.x), strict=True))},
        one_sided=meta.one_sided,
        lower_bound=meta.prior.low,
        upper_bound=meta.prior.high,
        at_ends=at_ends(likelihood, fit),
        latex=meta.latex,
        experiments=likelihood.experiments,
        signal=likelihood.signal,
        free=(name,),
        fixed={n: v for n, v in kept["fixed"].items() if n != name},
        fixed_units={n: v for n, v in kept["fixed_units"].items() if n != name},
        _evaluate=scan.above_minimum,
    )


def _grid(question: Question, meta: Parameter) -> Array:
    probe = question.signal.parameter(meta.name).probe
    last = np.arcsinh(meta.prior.high / probe)
    first = 0.0 if meta.prior.low == 0.0 else np.arcsinh(meta.prior.low / probe)
    grid = probe * np.sinh(np.linspace(first, last, POINTS))
    return np.clip(grid, meta.prior.low, meta.prior.high)
