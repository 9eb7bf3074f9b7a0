"""A nuisance that switches the signal off: the tail is found, weighed and in the limit."""

from dataclasses import replace

import numpy as np
import pytest
from monte_carlo import assert_honest, assert_within, settings, stochastic
from scipy.special import xlogy
from toy_likelihoods import nuisance, polynomial, signal

from bayesnu.inference.minima import NEGLIGIBLE, find_minima
from bayesnu.inference.modes import find_pieces
from bayesnu.inference.sampled_limit import sampled_limit
from bayesnu.inference.switched_off import find_corridor
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.priors import Prior, gaussian, log_normal

SIZE = Prior(low=0.0, high=1e4, power=1.0)
EFFICIENCY = Prior(low=0.0, centre=1.0, sigma=0.25)
SIGNAL = {("s", "s", "e"): [1.0]}
OBSERVED, BACKGROUND = 10.0, 9.0


def counting(
    size: Prior = SIZE, efficiency: Prior = EFFICIENCY, terms: dict | None = None
) -> Likelihood:
    """Return one bin: a size squared times an efficiency, on a background."""
    return polynomial(
        [
            signal("s", size, one_sided=True),
            nuisance("e", efficiency),
            nuisance("b", gaussian(1.0, 1e-3)),
        ],
        {**(terms or SIGNAL), ("b",): [BACKGROUND]},
        [OBSERVED],
    )


def corridor(likelihood: Likelihood):
    return find_corridor(likelihood, find_minima(likelihood)[0], NEGLIGIBLE)


def test_a_corridor_is_cut_at_the_valley_of_its_factor():
    likelihood = counting()
    found = corridor(likelihood)
    assert found is not None and found.factor == "e"
    assert found.cut == pytest.approx(0.25**2)
    main, tail = find_pieces(likelihood)
    assert main.bounds["e"][0] == tail.bounds["e"][1] == found.cut
    assert tail.bounds["e"][0] == 0.0
    assert main.draws_each == 1 < tail.draws_each


@pytest.mark.parametrize(
    "likelihood",
    [
        counting(efficiency=log_normal(0.25)),
        counting(efficiency=replace(EFFICIENCY, sigma=0.05)),  # twenty pulls away
        counting(efficiency=replace(EFFICIENCY, low=0.5)),
        counting(size=Prior(low=1e-2, high=1e4, power=-1.0)),
        counting(terms={**SIGNAL, ("s", "s"): [0.1]}),  # seen by something else too
    ],
    ids=["log-normal", "narrow", "bounded", "log prior", "not of all templates"],
)
def test_there_is_none_where_nothing_can_switch_the_signal_off(likelihood):
    assert corridor(likelihood) is None
    assert len(find_pieces(likelihood)) == 1


def exact(level: float, cut: float) -> tuple[float, float]:
    """Return the limit on the size, and the probability of efficiencies below `cut`."""
    log_s, log_e = np.linspace(-6.0, np.log(1e4), 3000), np.linspace(-25.0, np.log(3.0), 1500)
    s, e = np.exp(log_s)[:, None], np.exp(log_e)
    counts = BACKGROUND + s**2 * e
    log = xlogy(OBSERVED, counts) - counts - 0.5 * ((e - 1.0) / 0.25) ** 2 + 2.0 * np.log(s)
    density = np.exp(log - log.max() + np.log(e))
    below = np.cumsum(density.sum(axis=1)) / density.sum()
    limit = np.exp(np.interp(level, below, log_s))
    small = np.cumsum(density.sum(axis=0)) / density.sum()
    return float(limit), float(np.interp(np.log(cut), log_e, small))


@stochastic
def test_the_limit_and_the_weight_of_a_tail_are_those_of_the_grid():
    likelihood = counting()
    limit, weight = exact(0.95, 0.25**2)
    pulls = []
    for number in (1, 2):
        found, printed = sampled_limit(likelihood, "s", 0.95, settings(seed=10 * number, cores=1))
        assert printed.converged and len(found.modes) == 2
        tail = found.modes[1]
        assert tail.weight_error < 0.2 * tail.weight
        assert_within(tail.weight, weight, tail.weight_error, 0.01 * weight)
        error = printed.intervals_error[0][1]
        assert error < 0.05 * limit
        pulls.append((printed.intervals[0][1] - limit) / error)
    assert_honest(pulls)
