"""The chance of a signal as strong at any mass: independent masses, and a Gaussian process."""

import numpy as np
import pytest
from monte_carlo import assert_share, assert_within, seed, stochastic
from scipy.stats import norm
from toy_likelihoods import polynomial, signal

import bayesnu
from bayesnu.analyses.look_elsewhere import scanned, upcrossings
from bayesnu.inference.discovery import BOUNDARY
from bayesnu.likelihood.priors import flat
from bayesnu.results.look_elsewhere import LookElsewhere


def bumps(templates: np.ndarray, excess: float = 0.0):
    """Likelihoods of a strength that is not negative, each with its template, of one data set."""
    flat_part = np.full(templates.shape[1], 1000.0)
    observed = flat_part + excess * templates[len(templates) // 2]
    size = signal("s", flat(0.0, 1e5), one_sided=True)
    sigma = np.full(templates.shape[1], 10.0)
    return tuple(
        polynomial([size], {(): flat_part, ("s",): row}, observed, sigma) for row in templates
    )


@stochastic
def test_independent_masses_have_the_p_value_of_many_trials():
    likelihoods = bumps(np.eye(8), excess=25.0)
    observed, delta, kind = scanned(likelihoods, "s", 800, seed=seed())
    assert kind == BOUNDARY
    assert observed == pytest.approx([0, 0, 0, 0, 6.25, 0, 0, 0], abs=1e-6)
    largest = delta.max(axis=1)
    for z in (1.5, 2.0, 2.5):
        one = norm.sf(z)
        assert_share(int((largest >= z * z).sum()), 800, 1.0 - (1.0 - one) ** 8)


@stochastic
def test_upcrossings_of_a_gaussian_process_are_those_of_rice():
    # Bumps of width w: strengths a distance d apart are correlated by exp(-d^2 / (4 w^2)).
    bins, width = np.arange(60.0), 3.0
    masses = np.arange(10.0, 50.0, 0.8)
    templates = np.exp(-0.5 * ((bins - masses[:, None]) / width) ** 2)
    _, delta, _ = scanned(bumps(templates), "s", 300, seed=seed(2))
    for level in (0.5, 2.0):
        found = upcrossings(delta, level)
        # S. O. Rice, Bell Syst. Tech. J. 24 (1945) 46: sqrt(-rho'') / 2 pi for each unit of length.
        rate = 1.0 / (np.sqrt(2.0) * width) / (2.0 * np.pi) * np.exp(-0.5 * level)
        expected = rate * (masses[-1] - masses[0])
        error = found.std(ddof=1) / np.sqrt(len(found))
        # A step of a quarter of a width misses few of the crossings.
        assert_within(found.mean(), expected, error, exact_to=0.03 * expected)


def test_the_bound_is_that_of_gross_and_vitells():
    found = LookElsewhere(
        ("a",), "s", "g", "m", "keV", (1.0, 2.0, 3.0), (0.0, 16.0, 1.0), norm.sf(4.0),
        100, 0.0, 0.5, 3.0, 0.2,
    )  # fmt: skip
    assert found.gross_vitells == pytest.approx(norm.sf(4.0) + 3.0 * np.exp(-7.75), rel=1e-9)
    assert found.gross_vitells_error == pytest.approx(0.2 * np.exp(-7.75))
    assert "16 at m = 2 keV" in str(found)
    assert "p < 0.01" in str(found)
    assert found.to_dict()["gross_vitells"] == found.gross_vitells


def test_a_scan_of_mediators_says_both():
    found = bayesnu.look_elsewhere(
        ["xenonnt-2022-er"], "light-mediator", "g_vector", "m_mediator", [1.0, 30.0, 300.0], toys=20
    )
    assert len(found.delta_chi2) == 3
    assert found.p_value >= found.local_p_value - 5.0 * found.p_value_error
    with pytest.raises(bayesnu.InputError, match="toys"):
        bayesnu.look_elsewhere(
            ["xenonnt-2022-er"], "light-mediator", "g_vector", "m_mediator", [1.0], toys=2
        )
