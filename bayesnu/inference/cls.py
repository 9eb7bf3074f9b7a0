"""CLs limits on a size, asymptotically: A. Read, J. Phys. G 28 (2002) 2693.

The test statistic of a size x >= 0 is Delta chi2(x) where x is above the best fit, and zero below
it: data with more signal than x do not speak against x. That is q-tilde of G. Cowan, K. Cranmer,
E. Gross and O. Vitells, Eur. Phys. J. C 71 (2011) 1554 (equation 16), whatever power of x the
signal goes with. Its distributions are theirs (equations 61 to 67), with the Asimov data of no
signal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from bayesnu.errors import ComputationError, InputError
from bayesnu.inference.profile import profile
from bayesnu.inference.profiler import Profiler
from bayesnu.likelihood.data import with_data
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.results.cls import SIGMAS, CLsLimit
from bayesnu.results.curve import Profile

FAR = 60
"""Doublings of a size after which it is said to have no limit."""


def one_sided_statistic(delta_chi2: float, best_fit: float, value: float) -> float:
    """Return q-tilde of a value, given Delta chi2 there and the best fit."""
    return max(delta_chi2, 0.0) if value >= best_fit else 0.0


@dataclass(frozen=True, eq=False)
class OneSidedTest:
    """q-tilde of the data and of the Asimov data without a signal, at any value."""

    curve: Profile
    expected: Profile

    def observed_at(self, value: float) -> float:
        """Return q-tilde of the data."""
        return one_sided_statistic(self.curve.at(value), self.curve.best_fit, value)

    def asimov_at(self, value: float) -> float:
        """Return q-tilde of the Asimov data."""
        return max(self.expected.at(value), 0.0)


def one_sided_test(
    likelihood: Likelihood, parameter: str, cut: float, curve: Profile | None = None
) -> OneSidedTest:
    """Return the test of a size.

    Parameters
    ----------
    curve : Profile, optional
        Of the data, if it is known.

    Raises
    ------
    InputError
        If the parameter is no size that begins at zero.
    """
    check_size(likelihood.parameters[likelihood.index(parameter)])
    curve = curve or profile(likelihood, parameter, cut=cut)
    nothing = Profiler(likelihood, [parameter]).at(0.0).x
    asimov = with_data(likelihood, likelihood.expected(nothing), nothing)
    return OneSidedTest(curve, profile(asimov, parameter, cut=cut))


def check_size(parameter: Parameter) -> None:
    """Refuse a parameter that does not begin at zero."""
    if not parameter.one_sided or parameter.prior.low != 0.0:
        raise InputError(
            "--cls",
            f"parameter {parameter.name}",
            found="both signs" if not parameter.one_sided else f"{parameter.prior.low:g} and more",
            expected="a size, from zero on",
        )


def tail_probabilities(q: float, asimov: float) -> tuple[float, float]:
    """Return CL_s+b and CL_b: how often q-tilde is larger, with the signal and without it."""
    if asimov <= 0.0:
        return 1.0, 1.0
    if q <= asimov:
        above, below = np.sqrt(q), np.sqrt(q) - np.sqrt(asimov)
    else:  # the best fit lies below zero
        above = (q + asimov) / (2.0 * np.sqrt(asimov))
        below = (q - asimov) / (2.0 * np.sqrt(asimov))
    # A statistic of zero is what any upward fluctuation has.
    return float(ndtr(-above)) if q > 0.0 else 1.0, float(ndtr(-below)) if q > 0.0 else 1.0


def cls_limit(test: OneSidedTest, level: float, *, power_constrained: bool = False) -> CLsLimit:
    """Return the CLs limit and the band that is expected without a signal.

    Parameters
    ----------
    power_constrained : bool
        Whether to add the power-constrained limit: that of CL_s+b, but no lower than one standard
        deviation below its median.

    Notes
    -----
    Where the data without a signal fluctuate by N standard deviations, CL_b = Phi(N) and CL_s+b =
    Phi(N - sqrt(q_A)), so that the limit is where sqrt(q_A) is N - Phi^-1(alpha Phi(N)).
    """
    alpha = 1.0 - level

    def ratio(value: float) -> float:
        with_signal, without = tail_probabilities(test.observed_at(value), test.asimov_at(value))
        return with_signal / without

    def expected(root: float) -> float:
        return _crossing(lambda value: float(np.sqrt(test.asimov_at(value))) - root, test)

    limit = _crossing(lambda value: alpha - ratio(value), test)
    constrained = None
    if power_constrained:
        own = _crossing(
            lambda value: (
                alpha - tail_probabilities(test.observed_at(value), test.asimov_at(value))[0]
            ),
            test,
        )
        constrained = max(own, expected(max(float(-ndtri(alpha)) - 1.0, 0.0)))
    return CLsLimit(
        level=level,
        limit=limit,
        band=tuple(expected(n - float(ndtri(alpha * ndtr(n)))) for n in SIGMAS),
        power_constrained=constrained,
    )


def _crossing(rises: Callable[[float], float], test: OneSidedTest) -> float:
    """Return where a function of the size that rises in the end is zero for the last time."""
    curve = test.expected
    reach = float(curve.values[-1])
    for _ in range(FAR):
        if rises(reach) > 0.0:
            break
        if reach >= curve.upper_bound:
            raise ComputationError(
                f"The data do not bound {curve.parameter}: there is no CLs limit."
            )
        reach = min(2.0 * reach, curve.upper_bound)
    grid = np.linspace(0.0, reach, 60)
    last = next((x for x in grid[::-1] if rises(float(x)) <= 0.0), 0.0)
    after = float(grid[np.searchsorted(grid, last) + 1])
    if rises(float(last)) == 0.0:
        return float(last)
    return float(brentq(rises, last, after, xtol=1e-10 * reach, rtol=1e-12))
