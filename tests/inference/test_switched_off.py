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
from bayesnu.inference.switched_off import find_corridors
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


def corridors(likelihood: Likelihood):
    return find_corridors(likelihood, find_minima(likelihood)[0], NEGLIGIBLE)


def test_a_corridor_is_cut_at_the_valley_of_its_factor():
    likelihood = counting()
    found = corridors(likelihood)
    assert found is not None and list(found.outside) == ["e"] and len(found.inside) == 1
    main, tail = find_pieces(likelihood)
    assert main.bounds["e"][0] == tail.bounds["e"][1] == pytest.approx(0.25**2)
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
    assert corridors(likelihood) is None
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


WIDE = replace(EFFICIENCY, sigma=0.4)


def two_experiments(second: float = 1.0) -> Likelihood:
    """Return a bin for each of two experiments, each with an efficiency of its own."""
    return polynomial(
        [signal("s", SIZE, one_sided=True), nuisance("e", WIDE), nuisance("f", WIDE)],
        {("s", "s", "e"): [1.0, 0.0], ("s", "s", "f"): [0.0, second], (): [BACKGROUND] * 2},
        [OBSERVED] * 2,
    )


def test_of_two_experiments_both_have_to_be_switched_off():
    found = corridors(two_experiments())
    assert found is not None and set(found.outside) == {"e", "f"}
    # Of which one is below its cut, or both.
    assert len(found.inside) == 3 and len(find_pieces(two_experiments())) == 4
    # A second experiment that sees little lets the first one switch all but off.
    little = corridors(two_experiments(1e-3))
    assert little is not None and set(little.outside) == {"e"}


@stochastic
def test_the_limit_of_two_experiments_is_that_of_the_grid():
    likelihood = two_experiments()
    found, printed = sampled_limit(likelihood, "s", 0.99, settings(cores=1))
    assert printed.converged and len(found.modes) == 4
    log_s, log_e = np.linspace(-6.0, np.log(1e4), 2000), np.linspace(-25.0, np.log(3.5), 1500)
    e = np.exp(log_e)
    counts = BACKGROUND + np.exp(2.0 * log_s)[:, None] * e
    log = xlogy(OBSERVED, counts) - counts - 0.5 * ((e - 1.0) / 0.4) ** 2
    each = np.exp(log - log.max()) * e
    density = each.sum(axis=1) ** 2 * np.exp(2.0 * log_s)
    below = np.cumsum(density) / density.sum()
    limit = np.exp(np.interp(0.99, below, log_s))
    assert_within(printed.intervals[0][1], limit, printed.intervals_error[0][1], 0.005 * limit)
    off = each[:, e < 0.4**2].sum(axis=1) ** 2 * np.exp(2.0 * log_s)
    (both,) = [m for m in found.modes if m.bounds["e"][0] == m.bounds["f"][0] == 0.0]
    weight = off.sum() / density.sum()
    assert_within(both.weight, weight, both.weight_error, 0.02 * weight)
