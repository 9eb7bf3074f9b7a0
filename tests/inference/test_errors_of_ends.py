"""The Monte Carlo errors of ends see what the draws have in common: neighbours, and chains."""

import numpy as np
from monte_carlo import assert_honest, assert_within, generator, settings, stochastic

from bayesnu.analyses.asimov import asimov
from bayesnu.analyses.question import likelihood_of
from bayesnu.inference.density import Density
from bayesnu.inference.sampled_limit import sampled_limit

RADII = ("r2_ee", "r2_mumu", "r2_tautau", "r2_emu", "r2_etau", "r2_mutau")


def density_with(batches: np.ndarray) -> Density:
    """Return a density whose noise is that of batches of chains, shape (chains, batches)."""
    chains, each = batches.shape
    number = batches.size
    spread = (batches.ravel() - batches.mean()) / np.sqrt(number * (number - 1.0))
    x = np.array([0.0, 1.0])
    return Density(x, np.ones(2), noise=np.outer(spread, [1.0, 1.0]), chains=chains, batches=each)


@stochastic
def test_batches_that_are_alike_are_worth_fewer():
    rng = generator(4)
    sets, memory = 200, 0.6
    draws = rng.normal(size=(sets, 4, 50)) / np.sqrt(1.0 - memory**2)
    noise = rng.normal(size=draws.shape)
    for t in range(1, draws.shape[2]):
        draws[..., t] = memory * draws[..., t - 1] + noise[..., t]
    pulls = []
    for batches in draws:
        density = density_with(batches)
        pulls.append(batches.mean() / density.total_error(density.noise)[0])
    assert_honest(pulls)
    # As if all were independent, errors would be half of that.
    independent = np.sqrt((draws.mean(axis=(1, 2)) ** 2 * 200 / draws.var(axis=(1, 2))).mean())
    assert independent > 1.5


def test_chains_that_disagree_have_the_error_of_their_number():
    rng = generator(5)
    chains = np.array([-1.0, 1.0, 0.5, -0.5])[:, None] + 0.01 * rng.normal(size=(4, 25))
    density = density_with(chains)
    error = density.total_error(density.noise)[0]
    assert error > 0.5 * chains.mean(axis=1).std(ddof=1) / np.sqrt(4)
    independent = Density(density.values, density.density, noise=density.noise)
    assert error > 3.0 * independent.total_error(density.noise)[0]


@stochastic
def test_six_radii_end_at_the_same_place_with_another_seed():
    name = "darwin-300ty@giunti-ternes-2023"  # few nuisances: the ends are what is drawn
    data = asimov([name], "charge-radius")
    likelihood = likelihood_of([name], "charge-radius", RADII, observed=data)
    ends, errors = [], []
    for number in (1, 2):
        _, found = sampled_limit(likelihood, "r2_ee", 0.9, settings(seed=number, cores=2))
        assert found.converged and len(found.intervals) == 1
        ends.append(found.intervals[0])
        errors.append(found.intervals_error[0])
    assert_within(ends[0], ends[1], np.hypot(*np.array(errors, dtype=float)))
