"""A limit is refused where twice the prior's range would move it, and only there."""

import numpy as np
import pytest
from monte_carlo import settings, stochastic

from bayesnu.analyses.question import likelihood_of
from bayesnu.inference.credible import PRIORS, credible
from bayesnu.inference.density import from_function
from bayesnu.inference.point_density import from_points
from bayesnu.inference.sampled_limit import sampled_limit
from bayesnu.likelihood.priors import Prior, flat

FALLS = {
    "flat": lambda x: 0.0 * x,
    "exponential": lambda x: -x,
    "Gaussian": lambda x: -0.5 * x**2,
    "flat up to 1, then exponential": lambda x: -np.maximum(x - 1.0, 0.0) * 3.0,
    "plateau behind a peak": lambda x: np.maximum(-0.5 * x**2, -7.0),
}
FASTER = ("Gaussian", "plateau behind a peak")
"""What falls ever faster moves a limit by less than an exponential: by half of it at the least."""
LENGTHS = (0.3, 1.0, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 1e4)


def exact_limit(log_likelihood, power: float, high: float, level: float) -> float:
    low = 1e-3 if power < 0.0 else 0.0
    x = np.union1d(np.linspace(low, high, 4001), np.geomspace(1e-3, high, 4001))
    density = np.exp(log_likelihood(x)) * x**power
    below = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(x))])
    return float(np.interp(level * below[-1], below, x))


@pytest.mark.parametrize("power", [0.0, 1.0, -1.0], ids=["flat", "flat-squared", "log"])
@pytest.mark.parametrize("level", [0.68, 0.9, 0.997])
@pytest.mark.parametrize("name", FALLS)
def test_a_limit_is_refused_where_twice_the_range_moves_it(name, level, power):
    refused = []
    for high in LENGTHS:
        prior = Prior(low=1e-3 if power < 0.0 else 0.0, high=high, power=power)
        limits = [exact_limit(FALLS[name], power, end, level) for end in (high, 2.0 * high)]
        moved = limits[1] / limits[0] - 1.0
        found = credible(from_function(FALLS[name], prior), True, level)
        refused.append(not found.bounded)
        assert found.bounded or found.intervals == ((None, None),)
        if moved > PRIORS * 1.02:
            assert refused[-1], (high, moved)
        elif moved < PRIORS * (0.5 if name in FASTER else 0.98):
            assert not refused[-1], (high, moved)
    assert refused[0]


@pytest.mark.parametrize("level", [0.68, 0.9, 0.997])
def test_a_region_is_refused_where_twice_the_range_makes_it_longer(level):
    from scipy.special import erf, erfinv

    for high in (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0):
        half = [erfinv(level * erf(end / 2**0.5)) for end in (high, 2.0 * high)]
        moved = half[1] / half[0] - 1.0
        found = credible(from_function(FALLS["Gaussian"], flat(-high, high)), False, level)
        assert moved < PRIORS or not found.bounded
        assert moved > 0.5 * PRIORS or found.bounded


def test_draws_alone_show_where_the_range_ends_too():
    draws = (np.arange(4000) + 0.5).reshape(4, 1000) / 4000
    for high, bounded in ((100.0, True), (8.0, True), (1.5, False)):
        # Quantiles of an exponential that the range cuts off.
        x = -np.log1p(-draws * -np.expm1(-high))
        assert credible(from_points(x, flat(0.0, high)), True, 0.9).bounded is bounded
    assert not credible(from_points(draws, flat(0.0, 1.0)), True, 0.9).bounded


@stochastic
def test_a_limit_near_the_end_of_the_range_is_given_with_few_draws_and_many():
    likelihood = likelihood_of(
        ["lsnd-2001"], "transition-magnetic-moment", ["Lambda_2"], prior="flat-squared"
    )
    for draws in (1000, 8000):
        _, found = sampled_limit(
            likelihood, "Lambda_2", 0.997, settings(draws=draws, cores=1), best=None
        )
        assert found.bounded
        # On a range of 200 it is 84.87.
        error = found.intervals_error[0][1]
        assert found.intervals[0][1] == pytest.approx(84.87, abs=5 * error + 0.15)
