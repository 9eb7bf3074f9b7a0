"""The compiled fit is the NumPy fit."""

from __future__ import annotations

import numpy as np
import pytest

from bayesnu.analyses.scans import likelihood_of
from bayesnu.inference import minimise as module
from bayesnu.inference.compiled_fit import arguments_of, newton
from bayesnu.inference.minimise import minimise
from bayesnu.likelihood.likelihood import Likelihood

CHARGES = ("q_ee", "q_mumu", "q_emu")


@pytest.fixture(scope="module")
def charges() -> Likelihood:
    """Poisson and Gaussian bins, parameters that enter alone, squared and as products."""
    names = ["xenonnt-2022-er@giunti-ternes-2023", "lz-2022-er"]
    return likelihood_of(names, "millicharge", CHARGES)


def points(likelihood: Likelihood, number: int) -> list[np.ndarray]:
    rng = np.random.default_rng(2)
    signal = np.array([p.role == "signal" for p in likelihood.parameters])
    width = np.where(signal, 5.0, 0.2)
    draws = likelihood.start + width * rng.normal(size=(number, len(signal)))
    return list(np.clip(draws, likelihood.low, likelihood.high))


def test_chi2_gradient_and_hessian_are_those_of_the_likelihood(charges: Likelihood) -> None:
    arguments, size = arguments_of(charges), len(charges.names)
    for x in points(charges, 8):
        gradient, hessian = np.empty(size), np.empty((size, size))
        chi2 = newton(x, *arguments, gradient, hessian)
        expected = charges.newton(x)
        # The same sums in another order.
        assert chi2 == pytest.approx(expected[0], rel=1e-12)
        np.testing.assert_allclose(gradient, expected[1], atol=1e-11 * np.abs(expected[1]).max())
        np.testing.assert_allclose(hessian, expected[2], atol=1e-11 * np.abs(expected[2]).max())


def test_both_fits_end_in_the_same_minimum(
    charges: Likelihood, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = np.zeros(len(charges.names), dtype=bool)
    held[charges.index("q_ee")] = True
    starts = points(charges, 8)
    compiled = [minimise(charges, start, held) for start in starts]
    monkeypatch.setattr(module, "_is_fitted_often", lambda _: False)
    for one, start in zip(compiled, starts, strict=True):
        other = minimise(charges, start, held)
        assert one.converged and other.converged
        # A fit ends where a step promises less than 1e-8.
        assert one.chi2 == pytest.approx(other.chi2, abs=2e-8)
        np.testing.assert_allclose(one.x, other.x, atol=1e-4)


def test_everything_held_is_no_fit(charges: Likelihood) -> None:
    (x,) = points(charges, 1)
    found = minimise(charges, x, np.ones(len(x), dtype=bool))
    assert np.array_equal(found.x, x)
    assert found.chi2 == pytest.approx(float(charges.chi2(x)), rel=1e-12)
