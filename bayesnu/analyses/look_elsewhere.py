"""How likely a signal as strong is at any of the masses where it was looked for.

At one mass Delta chi2 has a known distribution; the largest of many has none that is simple. Toys
without a signal have it, and where too few of them are as strong, the number of times that their
Delta chi2 crosses a low level says how often it crosses a high one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import numpy as np

from bayesnu.analyses.exclusion import check_masses, is_sensitive, mass_parameter
from bayesnu.analyses.question import Asked, Experiments, Question, as_question
from bayesnu.campaigns.ensemble import FEWEST_TOYS
from bayesnu.campaigns.mass_scan import MassScanTask
from bayesnu.campaigns.runner import run_campaign
from bayesnu.errors import ComputationError, InputError, Interrupted
from bayesnu.inference.discovery import chance, distribution
from bayesnu.inference.minima import find_minima
from bayesnu.inference.minimise import minimise
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.physics.signals import Signal
from bayesnu.results.look_elsewhere import LookElsewhere
from bayesnu.types import Array, Progress

LOW = 0.5
"""Delta chi2 whose upcrossings are counted: often crossed, and above what fits cannot tell."""


def look_elsewhere(
    experiments: Question | Experiments,
    signal: str | Signal,
    coupling: str,
    mass: str,
    masses: Sequence[float],
    *,
    toys: int = 200,
    progress: Progress | None = None,
    **asked: Unpack[Asked],
) -> LookElsewhere:
    """Return the largest Delta chi2 of a scan of masses, and its p-values at this and at any mass.

    Parameters
    ----------
    coupling, mass, masses : str, str, sequence of float
        As of `bayesnu.exclusion`. The grid should be finer than what the data resolve: what is
        crossed between two masses is not counted.
    toys : int
        Simulated data sets without a signal.
    **asked
        As of `bayesnu.limit`.

    Raises
    ------
    InputError
        If something given is wrong, or no mass changes the counts.
    ComputationError
        If a fit fails, or (`Interrupted`) not all toys were made.
    """
    values = check_masses(masses)
    if toys < FEWEST_TOYS:
        raise InputError("look elsewhere", "toys", found=toys, expected=f"{FEWEST_TOYS} or more")
    question = as_question(experiments, signal, coupling, asked)
    shape = mass_parameter(question.signal, mass)
    found: list[Likelihood] = []
    seen: list[float] = []
    for value in map(float, values):
        likelihood = question.but(fixed={**question.fixed, mass: value}).likelihood
        if is_sensitive(likelihood, coupling):
            found.append(likelihood)
            seen.append(value)
    if not found:
        raise InputError("masses", mass, found="none that the data see", expected="at least one")
    scan = scanned(tuple(found), coupling, toys, progress)
    observed, delta, kind = scan
    largest = float(observed.max())
    crossings = upcrossings(delta, LOW)
    return LookElsewhere(
        experiments=question.names,
        signal=question.signal.tag,
        coupling=coupling,
        mass=mass,
        mass_unit=shape.unit,
        masses=tuple(seen),
        delta_chi2=tuple(map(float, observed)),
        local_p_value=chance(largest, kind) or 1.0,
        toys=toys,
        p_value=float((delta.max(axis=1) >= largest).mean()),
        low=LOW,
        upcrossings=float(crossings.mean()),
        upcrossings_error=float(crossings.std(ddof=1) / np.sqrt(toys)),
    )


def scanned(
    likelihoods: tuple[Likelihood, ...],
    coupling: str,
    toys: int,
    progress: Progress | None = None,
    seed: int = 1,
) -> tuple[Array, Array, str]:
    """Return Delta chi2 of no signal at every mass: of the data, of toys, and its distribution.

    Returns
    -------
    tuple of ndarray, ndarray, str
        Shapes (masses,) and (toys, masses).
    """
    first = likelihoods[0]
    held = np.arange(len(first.names)) == first.index(coupling)
    start = first.start.copy()
    start[held] = 0.0
    null = minimise(first, start, held)
    if not null.converged:
        raise ComputationError("The fit without a signal did not converge.")
    best = np.array([find_minima(likelihood)[0].chi2 for likelihood in likelihoods])
    task = MassScanTask(likelihoods, coupling, null.x)
    fits = run_campaign(task, toys, what="toys", seed=seed, cores=1, progress=progress)
    if not fits.complete:
        raise Interrupted(f"Interrupted after {len(fits.index)} of {toys} toys.")
    if fits.failed:
        raise ComputationError(f"{fits.failed} of {toys} toys could not be fitted.")
    return np.maximum(null.chi2 - best, 0.0), fits.values, distribution(first, coupling)


def upcrossings(delta: Array, level: float) -> Array:
    """Return how often each row rises through a level from one mass to the next, shape (rows,)."""
    above = delta > level
    return np.asarray((above[:, 1:] & ~above[:, :-1]).sum(axis=1), dtype=float)
