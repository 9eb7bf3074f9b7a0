"""Where a nuisance switches the signal off: a long tail of the posterior, sampled by itself.

A factor of every template of a signal, an efficiency with a Gaussian pull say, that can reach zero
leaves the data nothing to say about the signal there: at the price of its pull any size fits, up to
the end of the prior's range. This tail is a corridor, many widths long, with a percent of the
posterior or less. A chain enters it once in ten thousand draws and then stays for a hundred: most
runs have never seen it, and no error that is made from their draws knows of it. So it is cut off
where it is thinnest, and gets its weight as a mode does (`bayesnu.inference.modes`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from bayesnu.inference.minimise import Minimum, minimise
from bayesnu.likelihood.likelihood import Likelihood

LONG_WAY = 3
"""Draws made in a corridor for each that is kept: from one end to the other is a long way."""


class Corridor(NamedTuple):
    """Where `factor` is below `cut`, and the lowest of chi2 there."""

    factor: str
    cut: float
    best: Minimum


def find_corridor(likelihood: Likelihood, best: Minimum, negligible: float) -> Corridor | None:
    """Return the corridor of a likelihood; None if there is none that matters.

    Parameters
    ----------
    best : Minimum
        The lowest of chi2.
    negligible : float
        What is higher in chi2 than the lowest by this does not matter.
    """
    signal = np.array([p.role == "signal" for p in likelihood.parameters])
    nothing_held = np.zeros(len(signal), dtype=bool)
    for index in _factors_of_the_signal(likelihood):
        prior = likelihood.parameters[index].prior
        # With the signal integrated over, the density goes as 1/x times the Gaussian (under a prior
        # that is flat in the square): the valley between the two is near sigma^2 / centre.
        cut = prior.sigma**2 / prior.centre
        if not prior.low < cut < 0.5 * prior.centre:
            continue
        small = likelihood.with_prior(likelihood.names[index], replace(prior, high=cut))
        # The same counts need a signal that is larger.
        larger = np.where(signal, np.sqrt(prior.centre / cut) * best.x, best.x)
        fits = [minimise(small, start, nothing_held) for start in (best.x, larger)]
        fit = min(fits, key=lambda found: found.chi2)
        if fit.chi2 - best.chi2 < negligible:
            return Corridor(likelihood.names[index], cut, fit)
    return None


def _factors_of_the_signal(likelihood: Likelihood) -> list[int]:
    """Return which parameters can switch off all of the signal: Gaussian ones from zero on."""
    roles = [parameter.role for parameter in likelihood.parameters]
    signal = np.flatnonzero([role == "signal" for role in roles])
    if any(likelihood.parameters[i].prior.is_logarithmic for i in signal):
        return []  # a corridor that is no wider at its far end has no weight
    terms = likelihood.factors[np.isin(likelihood.factors, signal).any(axis=1)]
    return [
        index
        for index, parameter in enumerate(likelihood.parameters)
        if parameter.prior.is_gaussian
        and parameter.prior.low == 0.0 < parameter.prior.centre
        and len(terms)
        and (terms == index).any(axis=1).all()
    ]
