"""Simulation-based calibration: is a truth drawn from the prior typical of its posterior?

Parameters are drawn from the priors, data are simulated and fitted again; among the draws of
the posterior the rank of the truth is uniform if priors, likelihood and sampler agree (S. Talts
et al., arXiv:1804.06788). The likelihood at the truth is ranked too: it sees errors that leave
the parameters' ranks alone (M. Modrák et al., Bayesian Analysis 20 (2025) 461,
arXiv:2211.02383).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Unpack

import numpy as np

from bayesnu.campaigns.refit import Refit, density_of_refit, refit
from bayesnu.campaigns.runner import run_campaign
from bayesnu.campaigns.running import Running
from bayesnu.campaigns.simulation import draw_counts
from bayesnu.campaigns.task import Row, described
from bayesnu.campaigns.uniformity import uniformity
from bayesnu.errors import ComputationError, InputError
from bayesnu.inference.datatree import draw_prior, log_likelihood
from bayesnu.inference.minimise import minimise
from bayesnu.inference.profiler import Profiler
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.priors import Prior
from bayesnu.results.calibration import PRINTED, Calibration
from bayesnu.results.fits import Fits
from bayesnu.types import Array

RANKED = 200
"""Draws that a truth is ranked among: few enough of a chain to be nearly independent."""

LIKELIHOOD = "log_likelihood"
"""The name under which the rank of the likelihood stands beside those of the parameters."""

REACH = 1.2
"""Prior range of a signal in a calibration, in sizes beyond which chi2 is up by `RISE` for good."""

RISE = 10.0

STEP = 1.1
SCAN = STEP ** np.arange(240)
"""Sizes at which chi2 is looked at, from a millionth of the range on."""

NORM_REACH = 2.0
"""Upper end of a flat prior of a background's norm in a calibration, expectation 1."""


@dataclass(frozen=True, eq=False)
class CalibrationTask:
    """Draw from the priors, simulate, fit again, rank."""

    simulated: Likelihood
    """Its priors give the truths, its counts the data."""
    fitted: Likelihood
    """What is fitted to them; another one shows whether the test would notice."""
    refit: Refit = field(default_factory=Refit)

    @property
    def ranked(self) -> tuple[str, ...]:
        """What is uniform if all is well: parameters, the likelihood, the printed limits.

        The draws' ranks cannot see an error in how a limit is read off them; the printed interval
        of level L holds the truth if its last number is below L.
        """
        names = self.fitted.names
        printed = [p.name for p in self.fitted.parameters if p.role == "signal"]
        return (*names, LIKELIHOOD, *(PRINTED + name for name in printed))

    @property
    def columns(self) -> tuple[str, ...]:
        """Ranks in (0, 1), their randomisation included, and what the refit is worth."""
        return (*self.ranked, "r_hat", "divergences", "modes")

    def settings(self) -> dict[str, Any]:
        """Return what determines the rows."""
        return {
            "simulated": described(self.simulated),
            "fitted": described(self.fitted),
            "ranked": RANKED,
            **self.refit.settings(),
        }

    def run(self, index: int, seed: np.random.SeedSequence) -> Row:
        """Do one simulation."""
        data, sampling = seed.spawn(2)
        rng = np.random.default_rng(data)
        truth = draw_prior(self.simulated, rng, 1)[0]
        # The truth was drawn from the priors, so these stay where they are.
        counts = draw_counts(self.simulated, self.simulated.expected(truth), rng)
        toy = self.fitted.with_observed(counts)
        found = refit(toy, self.refit, int(sampling.generate_state(1)[0]))
        draws = found.draws.reshape(-1, len(truth))
        draws = draws[np.linspace(0, len(draws) - 1, min(RANKED, len(draws))).astype(int)]
        both = np.concatenate([draws, truth[None]])
        quantities = np.column_stack([both, log_likelihood(toy, both).sum(axis=-1)])
        # Between two draws any position is as good: that makes the ranks continuous.
        below = (quantities[:-1] < quantities[-1]).sum(axis=0)
        ranks = (below + rng.uniform(size=len(below))) / (len(draws) + 1.0)
        row = dict(zip((*self.fitted.names, LIKELIHOOD), map(float, ranks), strict=True))
        for value, parameter in zip(truth, toy.parameters, strict=True):
            if parameter.role == "signal":
                density = density_of_refit(found, toy, parameter.name)
                share = density.share_below if parameter.one_sided else density.share_above
                row[PRINTED + parameter.name] = share(float(value))
        return row | {
            "r_hat": found.r_hat,
            "divergences": float(found.divergences),
            "modes": float(found.modes),
        }


def sensible_priors(
    likelihood: Likelihood, ranges: Mapping[str, tuple[float, float]] | None = None
) -> Likelihood:
    """Return the likelihood with priors that are narrow enough to simulate from.

    A default prior reaches far beyond any limit: data drawn from it look like no data. A signal
    gets, on each side of zero, `REACH` times the size beyond which chi2 is higher than without
    it by more than ten, the other signals at zero and the nuisances fitted (so that mirror
    solutions are inside); flat norms of backgrounds end at `NORM_REACH`. Gaussian priors stay.

    Parameters
    ----------
    ranges : mapping, optional
        Ranges to use instead, by parameter.

    Raises
    ------
    InputError
        If a range is empty or out of the parameter's own.
    """
    ranges = ranges or {}
    for name in ranges:
        likelihood.index(name)
    without = Profiler(likelihood, likelihood.names[:1]).no_signal
    parameters = []
    for index, parameter in enumerate(likelihood.parameters):
        prior = parameter.prior
        if parameter.name in ranges:
            prior = _within(prior, parameter.name, *ranges[parameter.name])
        elif parameter.role == "signal" and not parameter.periodic:
            low = max(prior.low, -REACH * _outermost(likelihood, index, -1.0, without))
            high = min(prior.high, REACH * _outermost(likelihood, index, 1.0, without))
            prior = replace(prior, low=float(f"{low:.2g}"), high=float(f"{high:.2g}"))
        elif parameter.role == "background" and not prior.is_gaussian:
            prior = replace(prior, high=min(prior.high, max(NORM_REACH, 2.0 * prior.low)))
        parameters.append(replace(parameter, prior=prior))
    return replace(likelihood, parameters=tuple(parameters))


def _outermost(likelihood: Likelihood, index: int, sign: float, start: Array) -> float:
    """Return the size beyond which, on one side of zero, chi2 stays up by `RISE`."""
    end = abs(float(likelihood.low[index] if sign < 0 else likelihood.high[index]))
    sizes = 1e-6 * end * SCAN
    points = np.tile(start, (len(sizes), 1))
    points[:, index] = sign * np.minimum(sizes, end)
    highest = float(likelihood.chi2(start)) + RISE
    near = likelihood.chi2(points) < highest
    size = float(sizes[near][-1]) if near.any() else float(sizes[0])
    # So far the nuisances stood still; fitted, they make room for a larger signal.
    signals = np.array([parameter.role == "signal" for parameter in likelihood.parameters])
    point = start.copy()
    while size < end:
        point[index] = sign * size
        fit = minimise(likelihood, point, signals)
        if fit.chi2 > highest:
            return size
        point, size = fit.x.copy(), size * STEP
    return end


def _within(prior: Prior, name: str, low: float, high: float) -> Prior:
    if not prior.low <= low < high <= prior.high:
        raise InputError(
            "calibration",
            f"range of {name}",
            found=f"[{low:g}, {high:g}]",
            expected=f"inside [{prior.low:g}, {prior.high:g}]",
        )
    return replace(prior, low=low, high=high)


def calibrate(
    likelihood: Likelihood,
    simulations: int = 500,
    *,
    fitted: Likelihood | None = None,
    settings: Refit | None = None,
    **how: Unpack[Running],
) -> Calibration:
    """Check a posterior by simulation.

    Parameters
    ----------
    likelihood : Likelihood
        With priors to simulate from (`sensible_priors`).
    fitted : Likelihood, optional
        What is fitted, if not the same: a test of the test.
    **how
        As of `run_campaign`.
    """
    task = CalibrationTask(likelihood, fitted or likelihood, settings or Refit())
    if task.simulated.names != task.fitted.names:
        raise InputError(
            "calibration",
            "parameters",
            found=", ".join(task.fitted.names),
            expected=", ".join(task.simulated.names),
        )
    fits = run_campaign(task, simulations, what="simulations", **how)
    return summarise(task, fits)


def summarise(task: CalibrationTask, fits: Fits) -> Calibration:
    """Judge the ranks of finished simulations."""
    if not len(fits.index):
        raise ComputationError(f"Of {fits.failed} fits none succeeded.")
    what = described(task.fitted)
    names: Sequence[str] = task.ranked
    return Calibration(
        experiments=tuple(what["experiments"]),
        signal=what["signal"],
        priors=what["priors"],
        results={name: uniformity(fits.column(name)) for name in names},
        fits=fits,
    )
