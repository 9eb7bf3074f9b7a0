"""The same profile and contour by iminuit: MINOS and mncontour, as a cross-check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammainc

from bayesnu.errors import ComputationError
from bayesnu.inference.minimise import minimise
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array, Interval

if TYPE_CHECKING:
    from iminuit import Minuit


def _minuit(likelihood: Likelihood) -> Minuit:
    from iminuit import Minuit

    start = minimise(
        likelihood, likelihood.start + 1e-2, np.zeros(len(likelihood.names), dtype=bool)
    ).x
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


def minos_interval(likelihood: Likelihood, parameter: str, cut: float) -> Interval:
    """Return the interval around the minimum that MINOS finds at a Delta chi2 cut.

    Parameters
    ----------
    likelihood : Likelihood
    parameter : str
    cut : float

    Returns
    -------
    (float or None, float or None)
        None at the low end of a one-sided parameter.
    """
    minuit = _minuit(likelihood)
    minuit.minos(parameter, cl=float(gammainc(0.5, 0.5 * cut)))
    error = minuit.merrors[parameter]
    if not error.is_valid:
        raise ComputationError(f"MINOS failed for {parameter}.")
    value = minuit.values[parameter]
    meta = likelihood.parameters[likelihood.index(parameter)]
    if meta.one_sided:
        return None, float(max(abs(value + error.lower), abs(value + error.upper)))
    return float(value + error.lower), float(value + error.upper)


def minuit_contour(
    likelihood: Likelihood, first: str, second: str, cut: float, points: int = 60
) -> Array:
    """Return points on the Delta chi2 contour by iminuit's mncontour, shape (points, 2)."""
    minuit = _minuit(likelihood)
    level = float(gammainc(1.0, 0.5 * cut))
    return np.asarray(minuit.mncontour(first, second, cl=level, size=points))
