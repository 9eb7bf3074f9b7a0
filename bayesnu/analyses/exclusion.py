"""Limits on a coupling as a function of a mass that is held fixed in each fit.

The mass (of a sterile state, of a mediator) shapes the spectrum and is no polynomial: at each
value of a grid it makes another likelihood of the coupling. Both statements come from these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

import numpy as np

from bayesnu.analyses.question import Asked, Experiments, Question, as_question, likelihood_of
from bayesnu.errors import InputError
from bayesnu.inference.credible import credible
from bayesnu.inference.density import from_function
from bayesnu.inference.marginal_likelihood import marginalise
from bayesnu.inference.minimise import minimise
from bayesnu.inference.profile import profile
from bayesnu.inference.profiler import signal_scale
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.physics.signals import Signal, SignalParameter
from bayesnu.results.curve import Profile
from bayesnu.results.exclusion import Exclusion
from bayesnu.types import Array, Interval, Progress

COARSE = 49
"""Couplings at which the integral over the posterior begins."""
INSENSITIVE = 1e-6
"""A coupling that changes chi2 by less over its whole range is not constrained."""


def likelihood_at(
    experiments: Question | Experiments,
    signal: str | Signal,
    coupling: str,
    mass: Mapping[str, float],
    **asked: Unpack[Asked],
) -> Likelihood:
    """Return the likelihood of a coupling with the mass held fixed.

    Parameters
    ----------
    coupling : str
        The only free parameter of the signal.
    mass : mapping
        Shape parameters and their values, for example ``{"m4": 1.0}``.
    **asked
        As of `bayesnu.analyses.question.Asked`.
    """
    held = {**(asked.get("fixed") or {}), **mass}
    asked["fixed"] = held
    return likelihood_of(experiments, signal, [coupling], **asked)


def mass_parameter(signal: Signal, name: str) -> SignalParameter:
    """Return the parameter that is a mass."""
    found = signal.parameter(name)
    if not found.shape:
        shapes = [p.name for p in signal.parameters if p.shape]
        raise InputError(
            f"signal {signal.tag}",
            "mass",
            found=name,
            expected=" | ".join(shapes) or "a signal with a mass",
        )
    return found


def check_masses(masses: Sequence[float]) -> Array:
    """Return masses as an array: positive or zero, ascending."""
    values = np.asarray(masses, dtype=float)
    good = values.ndim == 1 and len(values) > 0 and np.isfinite(values).all()
    if not good or values[0] < 0 or (np.diff(values) <= 0).any():
        raise InputError("masses", "grid", found=str(masses)[:80], expected="ascending, from 0 on")
    return values


def exclusion(
    experiments: Question | Experiments,
    signal: str | Signal,
    coupling: str,
    mass: str,
    masses: Sequence[float],
    *,
    credible: bool = True,
    progress: Progress | None = None,
    **asked: Unpack[Asked],
) -> Exclusion:
    """Return the Delta chi2 limit and the credible limit on a coupling at each mass.

    Parameters
    ----------
    signal : str or Signal
        ``sterile-dipole`` or ``light-mediator``.
    coupling : str
        ``mu_e``, ``mu_eff``, ``g_vector``, ...: the signal's other couplings are zero.
    mass : str
        ``m4`` (MeV) or ``m_mediator`` (keV).
    masses : sequence of float
        Ascending. With 2 dof they should span all masses that the data can see: the minimum of
        the plane is looked for among them.
    credible : bool
        Whether to compute the credible limit as well.
    **asked
        As of `bayesnu.limit`; `dof` is 2 if not given (see `Exclusion.dof`), `prior` is that of
        the coupling at each mass.
    """
    values = check_masses(masses)
    question = as_question(experiments, signal, coupling, {"dof": 2, **asked})
    cut, level, dof = question.threshold, question.level, question.dof
    shape = mass_parameter(question.signal, mass)
    curves: list[Profile | None] = []
    limits: list[float | None] = []
    efficiency = 1.0
    likelihood = None
    for number, value in enumerate(values):
        likelihood = question.but(fixed={**question.fixed, mass: float(value)}).likelihood
        sensitive = is_sensitive(likelihood, coupling)
        curves.append(profile(likelihood, coupling, cut=cut) if sensitive else None)
        limit = None
        if credible and sensitive:
            limit, share = credible_upper(likelihood, coupling, level)
            efficiency = min(efficiency, share)
        limits.append(limit)
        if progress:
            progress((number + 1) / len(values), f"{mass} = {value:.3g}")
    assert likelihood is not None
    free = profile_without_signal(likelihood, coupling)
    found = [(c.chi2_min, float(m), c.best_fit) for m, c in zip(values, curves, strict=True) if c]
    best = min([*found, (free, float(values[-1]), 0.0)])
    allowed = tuple(
        _allowed(curve, cut if dof == 1 else cut - ((curve.chi2_min if curve else free) - best[0]))
        for curve in curves
    )
    meta = likelihood.parameters[likelihood.index(coupling)]
    return Exclusion(
        experiments=question.names,
        signal=question.signal.tag,
        coupling=coupling,
        unit=meta.unit,
        mass=mass,
        mass_unit=shape.unit,
        level=level,
        dof=dof,
        threshold=cut,
        masses=tuple(map(float, values)),
        allowed=allowed,
        upper=tuple(intervals[-1][1] if intervals else None for intervals in allowed),
        credible=tuple(limits),
        prior=meta.prior.words(coupling),
        best_fit=(best[1], best[2]),
        chi2_min=best[0],
        efficiency=efficiency,
        latex=meta.latex,
        mass_latex=shape.latex,
    )


def _allowed(curve: Profile | None, cut: float) -> tuple[Interval, ...]:
    """Return the couplings below a cut above the minimum at this mass: all or none without one."""
    if curve is not None:
        return curve.intervals(cut)
    return ((None, None),) if cut >= 0.0 else ()


def profile_without_signal(likelihood: Likelihood, coupling: str) -> float:
    """Return chi2 at no signal, nuisances at their best: the same at every mass."""
    held = np.arange(len(likelihood.names)) == likelihood.index(coupling)
    start = likelihood.start.copy()
    start[held] = 0.0
    return minimise(likelihood, start, held).chi2


def is_sensitive(likelihood: Likelihood, coupling: str) -> bool:
    """Return whether the coupling changes chi2 at all anywhere in its range."""
    index = likelihood.index(coupling)
    x = likelihood.start.copy()
    x[index] = likelihood.low[index]
    base = float(likelihood.chi2(x))
    x[index] = likelihood.high[index]
    return abs(float(likelihood.chi2(x)) - base) > INSENSITIVE


def credible_upper(
    likelihood: Likelihood, coupling: str, level: float
) -> tuple[float | None, float]:
    """Return the credible upper limit on a non-negative coupling, and the integrals' efficiency.

    None where the data do not bound it: such a limit would be the prior's.
    """
    index = likelihood.index(coupling)
    prior = likelihood.parameters[index].prior
    scale = signal_scale(likelihood, index, 2.0, likelihood.start)
    first = max(prior.low, 0.02 * min(scale, prior.high))
    worst = 1.0

    def log_likelihood(values: Array) -> Array:
        nonlocal worst
        found = marginalise(likelihood, coupling, values)
        worst = min(worst, found.efficiency)
        return found.log_likelihood

    density = from_function(log_likelihood, prior, np.geomspace(first, prior.high, COARSE))
    return credible(density, True, level).intervals[0][1], worst
