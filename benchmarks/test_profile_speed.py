"""A Delta chi2 profile of 41 points with 20 nuisances, beside iminuit."""

import numpy as np
import pytest
from iminuit import Minuit

from bayesnu.inference.profile import profile
from benchmarks.cases import PARAMETER, TWENTY_NUISANCES, real

VALUES = np.linspace(0.0, 1.2, 41)


@pytest.fixture(scope="module")
def likelihood():
    found = real(*TWENTY_NUISANCES)
    assert len(found.names) == 21
    return found


def test_profile(benchmark, likelihood):
    curve = benchmark(profile, likelihood, PARAMETER, values=VALUES)
    assert len(curve.values) >= len(VALUES)


def test_profile_grid_chosen(benchmark, likelihood):
    """The profile that `bayesnu limit` makes: it finds the range of the values by itself."""
    benchmark(profile, likelihood, PARAMETER)


def test_iminuit(benchmark, likelihood):
    """MIGRAD for the nuisances at each value, from the solution before, with the gradient."""
    delta = benchmark(by_minuit, likelihood)
    ours = profile(likelihood, PARAMETER, values=VALUES)
    expected = np.interp(VALUES, ours.values, ours.delta_chi2)
    # MIGRAD stops at an estimated distance to the minimum of 2e-4 (tolerance 0.1).
    np.testing.assert_allclose(delta, expected, atol=5e-3)


def by_minuit(likelihood) -> np.ndarray:
    minuit = Minuit(
        lambda x: float(likelihood.chi2(x)),
        likelihood.start,
        grad=lambda x: likelihood.chi2_and_gradient(x)[1],
        name=likelihood.names,
    )
    minuit.errordef, minuit.strategy = Minuit.LEAST_SQUARES, 0
    for parameter in likelihood.parameters:
        low, high = parameter.prior.low, parameter.prior.high
        minuit.limits[parameter.name] = (
            None if np.isinf(low) else low,
            None if np.isinf(high) else high,
        )
    found = []
    minuit.fixed[PARAMETER] = True
    for value in VALUES:
        minuit.values[PARAMETER] = value
        minuit.migrad()
        found.append(minuit.fval)
    return np.array(found) - min(found)
