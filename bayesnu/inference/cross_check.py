"""The same profile and contour by iminuit: MINOS and mncontour, as a cross-check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammainc

from bayesnu.errors import ComputationError
from bayesnu.inference.minima import find_minima
from bayesnu.inference.minimise import Minimum
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.curve import Profile
from bayesnu.results.interval_text import intervals_text
from bayesnu.types import Array, Interval

if TYPE_CHECKING:
    from iminuit import Minuit


AGREE = 0.01
"""MINOS and a profile agree where their ends differ by less than this share of the interval."""

NEAR = 1e-4
"""MIGRAD starts so far from the minimum, in shares of a parameter, that it has to find it."""


def _minuit(likelihood: Likelihood, near: Minimum) -> Minuit:
    from iminuit import Minuit

    start = np.clip(near.x * (1.0 + NEAR) + NEAR, likelihood.low, likelihood.high)
    minuit = Minuit(
        lambda x: float(likelihood.chi2(x)),
        start,
        grad=lambda x: likelihood.chi2_and_gradient(x)[1],
        name=list(likelihood.names),
    )
    minuit.errordef = Minuit.LEAST_SQUARES
    minuit.strategy = 2
    for parameter in likelihood.parameters:
        low, high = parameter.prior.low, parameter.prior.high
        # The counts depend on the square of a one-sided parameter: without its bound at zero
        # chi2 is smooth there, as MINOS needs it.
        if parameter.one_sided:
            low = -high
        minuit.limits[parameter.name] = (
            None if np.isinf(low) else low,
            None if np.isinf(high) else high,
        )
    minuit.migrad()
    if not minuit.valid:
        minuit.simplex().migrad()
    if not minuit.valid:
        raise ComputationError("iminuit found no valid minimum.")
    return minuit


def minos_interval(
    likelihood: Likelihood, parameter: str, cut: float, near: Minimum | None = None
) -> Interval:
    """Return the interval that MINOS finds around a minimum, at a cut above the lowest chi2.

    Parameters
    ----------
    near : Minimum, optional
        The minimum inside the interval; default: the lowest.

    Returns
    -------
    (float or None, float or None)
        None where the parameter's range ends before chi2 has risen by the cut, and at the low
        end of a size that may be zero.
    """
    lowest = find_minima(likelihood)[0]
    minuit = _minuit(likelihood, near or lowest)
    assert minuit.fval is not None
    if minuit.fval < lowest.chi2 - 1e-3:
        raise ComputationError(
            f"iminuit finds a lower chi2 than ours, by {lowest.chi2 - minuit.fval:.3g}."
        )
    # MINOS goes up from the minimum that it starts from, which need not be the lowest.
    own = cut - (minuit.fval - lowest.chi2)
    minuit.minos(parameter, cl=float(gammainc(0.5, 0.5 * own)))
    error = minuit.merrors[parameter]
    value = minuit.values[parameter]
    index = likelihood.index(parameter)
    meta = likelihood.parameters[index]
    low = None if error.at_lower_limit else float(value + error.lower)
    high = None if error.at_upper_limit else float(value + error.upper)
    # MINOS gives up where a nuisance meets an end of its range on the way: MIGRAD does not.
    top = lowest.chi2 + cut
    ends = float(likelihood.low[index]), float(likelihood.high[index])
    if meta.one_sided:
        ends = -ends[1], ends[1]  # as for MINOS
    if low is not None and not error.lower_valid:
        low = _reached(minuit, parameter, value, ends[0], top)
    if high is not None and not error.upper_valid:
        high = _reached(minuit, parameter, value, ends[1], top)
    if meta.one_sided and low is not None and high is not None and low < 0.0 < high:
        return None, max(-low, high)
    if meta.one_sided and (low is None or low < 0.0):
        # A size may be found with the other sign: the counts are the same.
        low, high = (None if high is None else -high), (None if low is None else -low)
    return low, high


def _reached(minuit: Minuit, parameter: str, inside: float, end: float, top: float) -> float | None:
    """Return where chi2 reaches a height, by MIGRAD with the parameter held; None if never."""
    fits = minuit
    values = np.array(minuit.values)

    def above(value: float) -> float:
        fits.values = values
        fits.values[parameter] = value
        fits.fixed[parameter] = True
        fits.migrad()
        if not fits.valid or fits.fval is None:
            raise ComputationError(f"iminuit found no minimum at {parameter} = {value:g}.")
        return float(fits.fval) - top

    try:
        step, near = 1e-3 * abs(end - inside), inside
        while above(far := inside + np.sign(end - inside) * step) < 0.0:
            if step >= abs(end - inside):
                return None
            near, step = far, min(2.0 * step, abs(end - inside))
        return float(brentq(above, near, far, rtol=1e-6))
    finally:
        fits.fixed[parameter] = False


def check_intervals(likelihood: Likelihood, curve: Profile, cut: float) -> tuple[Interval, ...]:
    """Return the interval of MINOS for each interval of a profile; both ends have to agree.

    Raises
    ------
    ComputationError
        If they do not.
    """
    index = likelihood.index(curve.parameter)
    found = []
    for low, high in curve.intervals(cut):
        a = -np.inf if low is None else low
        b = np.inf if high is None else high
        inside = [fit for fit in find_minima(likelihood) if a <= fit.x[index] <= b]
        inside = [fit for fit in inside if fit.chi2 < curve.chi2_min + cut]
        theirs = minos_interval(likelihood, curve.parameter, cut, inside[0] if inside else None)
        found.append(theirs)
        ends = [(low, theirs[0]), (high, theirs[1])]
        width = (curve.upper_bound if high is None else high) - (
            curve.lower_bound if low is None else low
        )
        if any(not _agree(one, other, AGREE * width) for one, other in ends):
            raise ComputationError(
                f"MINOS finds {intervals_text((theirs,))} for {curve.parameter} where the "
                f"profile has {intervals_text(((low, high),))}."
            )
    return tuple(found)


def _agree(one: float | None, other: float | None, width: float) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < width


def minuit_contour(
    likelihood: Likelihood, first: str, second: str, cut: float, points: int = 60
) -> Array:
    """Return points on the Delta chi2 contour by iminuit's mncontour, shape (points, 2)."""
    minuit = _minuit(likelihood, find_minima(likelihood)[0])
    level = float(gammainc(1.0, 0.5 * cut))
    return np.asarray(minuit.mncontour(first, second, cl=level, size=points))
