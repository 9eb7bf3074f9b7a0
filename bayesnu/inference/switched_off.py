"""Where nuisances switch the signal off: long tails of the posterior, sampled by themselves.

A factor of every template of a signal, an efficiency with a Gaussian pull say, that can reach zero
leaves the data nothing to say about the signal there: at the price of its pull any size fits, up to
the end of the prior's range. This tail is a corridor, many widths long, with a percent of the
posterior or less. A chain enters it once in ten thousand draws and then stays for a hundred: most
runs have never seen it, and no error that is made from their draws knows of it. So it is cut off
where it is thinnest, and gets its weight as a mode does (`bayesnu.inference.modes`).

Of several experiments each has its own factor. All of them together switch the signal off, at the
price of all pulls, and one of them leaves what the other experiments say, a corridor as well if
that is little. Every factor of a corridor is cut, and each box between the cuts that matters is
sampled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from bayesnu.inference.minimise import Minimum, minimise
from bayesnu.inference.profiler import signal_scale
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

LONG_WAY = 3
"""Draws made in a corridor for each that is kept: from one end to the other is a long way."""

LONGER = 5.0
"""A corridor leads so many times farther than what the data allow outside of it, at the least."""

SHUT = 1e-3
"""Of its cut, where a factor counts as zero."""

TOGETHER = 3
"""At most so many factors are switched off at once."""


class Corridor(NamedTuple):
    """A box in the space of some factors, in which one of them at least is below its cut.

    Attributes
    ----------
    bounds : dict of str to (float, float)
        The range of each factor.
    best : Minimum
        The lowest of chi2 there.
    """

    bounds: dict[str, tuple[float, float]]
    best: Minimum


class Corridors(NamedTuple):
    """The boxes in which signals are switched off, and the one in which none is."""

    outside: dict[str, tuple[float, float]]
    inside: tuple[Corridor, ...]


def find_corridors(likelihood: Likelihood, best: Minimum, negligible: float) -> Corridors | None:
    """Return the corridors of a likelihood; None if there is none that matters.

    Parameters
    ----------
    best : Minimum
        The lowest of chi2.
    negligible : float
        What is higher in chi2 than the lowest by this does not matter.
    """
    cuts = _cuts(likelihood)
    found: list[tuple[int, ...]] = []
    for size in range(1, TOGETHER + 1):
        for chosen in combinations(cuts, size):
            if any(set(known) <= set(chosen) for known in found):
                continue
            if sum(_price(likelihood, index) for index in chosen) > negligible:
                continue
            if _leads_far(likelihood, best.x, chosen, cuts):
                found.append(chosen)
    factors = sorted({index for chosen in found for index in chosen})
    inside, outside = [], {}
    for sides in product((False, True), repeat=len(factors)):
        bounds = {
            likelihood.names[index]: _side(likelihood, index, cuts[index], low)
            for index, low in zip(factors, sides, strict=True)
        }
        if not any(sides):
            outside = bounds
            continue
        fit = _fit(likelihood, bounds, best.x)
        if fit.chi2 - best.chi2 < negligible:
            inside.append(Corridor(bounds, fit))
    return Corridors(outside, tuple(inside)) if inside else None


def _cuts(likelihood: Likelihood) -> dict[int, float]:
    """Return where each parameter is cut that can switch off a part of the signal."""
    roles = [parameter.role for parameter in likelihood.parameters]
    signal = np.flatnonzero([role == "signal" for role in roles])
    if any(likelihood.parameters[i].prior.is_logarithmic for i in signal):
        return {}  # a corridor that is no wider at its far end has no weight
    terms = likelihood.factors[np.isin(likelihood.factors, signal).any(axis=1)]
    result = {}
    for index, parameter in enumerate(likelihood.parameters):
        prior = parameter.prior
        if not (prior.is_gaussian and prior.low == 0.0 < prior.centre and (terms == index).any()):
            continue
        # With the signal integrated over, the density goes as 1/x times the Gaussian (under a prior
        # that is flat in the square): the valley between the two is near sigma^2 / centre.
        cut = prior.sigma**2 / prior.centre
        if prior.low < cut < 0.5 * prior.centre:
            result[index] = cut
    return result


def _price(likelihood: Likelihood, index: int) -> float:
    """Return chi2 of the pull at the cut, the least that switching off costs."""
    prior = likelihood.parameters[index].prior
    return prior.pull(prior.sigma**2 / prior.centre)


def _leads_far(
    likelihood: Likelihood, best: Array, chosen: tuple[int, ...], cuts: dict[int, float]
) -> bool:
    """Whether a signal can be much larger where some factors are near zero."""
    signals = [i for i, p in enumerate(likelihood.parameters) if p.role == "signal"]
    on = best.copy()
    on[signals] = np.clip(0.0, likelihood.low, likelihood.high)[signals]
    off = on.copy()
    off[list(chosen)] = [SHUT * cuts[index] for index in chosen]
    return any(
        signal_scale(likelihood, i, 2.0, off) > LONGER * signal_scale(likelihood, i, 2.0, on)
        for i in signals
        if not likelihood.parameters[i].periodic
    )


def _side(likelihood: Likelihood, index: int, cut: float, low: bool) -> tuple[float, float]:
    prior = likelihood.parameters[index].prior
    return (prior.low, cut) if low else (cut, prior.high)


def _fit(likelihood: Likelihood, bounds: dict[str, tuple[float, float]], best: Array) -> Minimum:
    """Return the lowest of chi2 in a box: the same counts may need a signal that is larger."""
    signal = np.array([p.role == "signal" for p in likelihood.parameters])
    small, start = likelihood, best.copy()
    for name, (low, high) in bounds.items():
        index = likelihood.index(name)
        prior = replace(likelihood.parameters[index].prior, low=low, high=high)
        small = small.with_prior(name, prior)
        start[index] = np.clip(start[index], low, high)
    fits = []
    for larger in _sizes(best, start, bounds, likelihood):
        point = np.where(signal, np.clip(larger * start, small.low, small.high), start)
        fits.append(minimise(small, point, np.zeros(len(signal), dtype=bool)))
    return min(fits, key=lambda found: found.chi2)


def _sizes(
    best: Array, start: Array, bounds: dict[str, tuple[float, float]], likelihood: Likelihood
) -> Iterator[float]:
    """Yield by how much more signal makes up for what factors have lost."""
    yield 1.0
    for name in bounds:
        index = likelihood.index(name)
        if start[index] < best[index]:
            yield float(np.sqrt(best[index] / max(start[index], 1e-9)))
