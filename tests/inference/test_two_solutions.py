"""Charge radii of two flavours have two solutions; profile and posterior know both."""

import numpy as np
import pytest
from monte_carlo import assert_within, settings, stochastic

from bayesnu.analyses.asimov import asimov
from bayesnu.analyses.question import likelihood_of
from bayesnu.inference.minimise import derivatives, minimise
from bayesnu.inference.posterior import sample
from bayesnu.likelihood.likelihood import Likelihood

NAMES = ("r2_ee", "r2_mumu")
WINDOWS = (((-33.0, -15.0), (-62.0, -46.0)), ((-5.0, 2.0), (-17.0, 13.0)))
"""Around the second solution and the first, beyond Delta chi2 = 20."""

POINTS = 28
"""On each axis of a window; with twice as many the weight does not change by 0.0001."""


@pytest.fixture(scope="module")
def likelihood() -> Likelihood:
    name = "darwin-300ty-depleted@giunti-ternes-2023"
    return likelihood_of([name], "charge-radius", NAMES, observed=asimov([name], "charge-radius"))


@pytest.mark.parametrize("scenario", ["darwin-30ty", "darwin-300ty", "darwin-300ty-depleted"])
@pytest.mark.parametrize(("parameter", "place"), [("r2_ee", -24.0), ("r2_mumu", -55.0)])
def test_the_profile_finds_the_second_minimum(
    expected_profile, scenario: str, parameter: str, place: float
) -> None:
    """Published: near (-24, -55). At 30 t yr the two are one interval with two minima."""
    other = "r2_mumu" if parameter == "r2_ee" else "r2_ee"
    found = expected_profile(f"{scenario}@giunti-ternes-2023", "charge-radius", parameter, other)
    print(scenario, parameter, found.minima)
    assert len(found.minima) == 2
    assert found.minima[0] == pytest.approx(-0.6, abs=0.3)
    assert found.minima[1] == pytest.approx(place, rel=0.10)


@stochastic
def test_the_posterior_weighs_both_solutions_as_a_grid_does(likelihood: Likelihood) -> None:
    """Grid in the radii, nuisances integrated by Laplace: they are Gaussian with 3e6 events.

    That is good to 0.002 of the weight. Every chain holds a mode by its weight, to one draw.
    """
    second, first = (_evidence(likelihood, window) for window in WINDOWS)
    grid = second / (second + first)
    tree = sample(likelihood, settings(draws=1000, chains=4, cores=2, seed=5))
    draws = np.asarray(tree["posterior"]["r2_ee"])
    share = float((draws < -10.0).mean())
    print(f"weight of the second solution: grid {grid:.3f}, posterior {share:.3f}")
    error = float(tree["modes"]["weight_error"].values.max())
    assert error < 0.02
    assert_within(share, grid, error, 0.003)


def _evidence(likelihood: Likelihood, window: tuple[tuple[float, float], ...]) -> float:
    indices = [likelihood.index(name) for name in NAMES]
    held = np.zeros(len(likelihood.names), dtype=bool)
    held[indices] = True
    axes = [np.linspace(*side, POINTS) for side in window]
    start, total = likelihood.start.copy(), 0.0
    for x in axes[0]:
        for y in axes[1]:
            point = start.copy()
            point[indices] = x, y
            fit = minimise(likelihood, point, held)
            start = fit.x
            hessian = derivatives(likelihood, fit.x)[2][~held][:, ~held]
            total += np.exp(-0.5 * fit.chi2 - 0.5 * np.linalg.slogdet(0.5 * hessian)[1] + 40.0)
    return total * float(np.prod([axis[1] - axis[0] for axis in axes]))
