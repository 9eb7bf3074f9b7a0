"""CLs: closed forms of a Gaussian, pyhf's asymptotic limits, and toys."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from monte_carlo import assert_within, seed, stochastic
from scipy.optimize import brentq
from scipy.stats import norm
from toy_likelihoods import nuisance, polynomial, signal

from bayesnu.campaigns.cls import with_toys
from bayesnu.errors import InputError
from bayesnu.inference.cls import cls_limit, one_sided_test
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.priors import Prior, flat
from bayesnu.likelihood.threshold import threshold
from bayesnu.results.cls import SIGMAS

ALPHA = 0.1
SIZE = flat(0.0, 500.0)
SIGMA = 2.0


def gaussian(value: float, power: int = 1) -> Likelihood:
    """Return a size that is measured with a Gaussian error, on a known background of 50."""
    of = polynomial(
        [signal("s", SIZE, one_sided=True)],
        {("s",) * power: [1.0], (): [50.0]},
        [50.0 + value],
        [SIGMA],
    )
    return of


def limit_of(of: Likelihood, level: float = 1.0 - ALPHA, **how: bool):
    return cls_limit(one_sided_test(of, "s", threshold(level, 1)), level, **how)


@pytest.mark.parametrize("value", [-5.0, -1.0, 0.0, 1.3, 4.0, 30.0])
def test_the_limit_of_a_gaussian_is_the_closed_form(value: float) -> None:
    """CLs(s) = (1 - Phi((s - x) / sigma)) / Phi(x / sigma), below zero too."""
    found = limit_of(gaussian(value))
    exact = value + SIGMA * norm.isf(ALPHA * norm.cdf(value / SIGMA))
    assert found.limit == pytest.approx(exact, abs=1e-6)


def test_the_expected_band_of_a_gaussian_is_the_limits_of_its_fluctuations() -> None:
    found = limit_of(gaussian(0.7))
    exact = [SIGMA * (n + norm.isf(ALPHA * norm.cdf(n))) for n in SIGMAS]
    np.testing.assert_allclose(found.band, exact, atol=1e-6)


def test_a_size_that_enters_as_its_square_has_the_root_of_the_limit() -> None:
    plain, square = limit_of(gaussian(1.3)), limit_of(gaussian(1.3, power=2))
    assert square.limit == pytest.approx(np.sqrt(plain.limit), abs=1e-6)
    np.testing.assert_allclose(square.band, np.sqrt(plain.band), atol=1e-6)


@pytest.mark.parametrize("value", [-6.0, 1.0])
def test_a_power_constrained_limit_does_not_profit_from_a_deficit(value: float) -> None:
    """CL_s+b alone is at x + 1.28 sigma, and one standard deviation below its median 0.28 sigma."""
    found = limit_of(gaussian(value), power_constrained=True)
    least = SIGMA * (norm.isf(ALPHA) - 1.0)
    exact = max(value + SIGMA * norm.isf(ALPHA), least)
    assert found.power_constrained == pytest.approx(exact, abs=1e-6)


def test_a_charge_has_no_one_sided_test() -> None:
    of = polynomial([signal("s", flat(-5.0, 5.0))], {("s",): [1.0], (): [50.0]}, [50.0], [1.0])
    with pytest.raises(InputError, match="both signs"):
        limit_of(of)


SIGNAL, BACKGROUND, OBSERVED = [5.0, 3.0, 1.0], [10.0, 12.0, 20.0], [12.0, 11.0, 22.0]


def counting(observed: list[float], power: int = 1) -> Likelihood:
    """Return three Poisson bins with a background that is known to a tenth."""
    background = nuisance("b", Prior(low=0.0, high=10.0, centre=1.0, sigma=0.1))
    return polynomial(
        [signal("s", flat(0.0, 50.0), one_sided=True), background],
        {("s",) * power: SIGNAL, ("b",): BACKGROUND},
        observed,
    )


def in_pyhf(observed: list[float], level: float) -> tuple[float, list[float]]:
    import pyhf

    samples = [
        {
            "name": "signal",
            "data": SIGNAL,
            "modifiers": [{"name": "s", "type": "normfactor", "data": None}],
        },
        {
            "name": "background",
            "data": BACKGROUND,
            "modifiers": [{"name": "lumi", "type": "lumi", "data": None}],
        },
    ]
    lumi = {
        "name": "lumi",
        "auxdata": [1.0],
        "sigmas": [0.1],
        "bounds": [[0.0, 10.0]],
        "inits": [1.0],
    }
    parameters = [lumi, {"name": "s", "bounds": [[0.0, 50.0]], "inits": [1.0]}]
    spec = {"channels": [{"name": "bins", "samples": samples}], "parameters": parameters}
    model = pyhf.Model(spec, poi_name="s", validate=False)
    data = [*observed, *model.config.auxdata]

    def cls(value: float) -> tuple[float, list[float]]:
        one, band = pyhf.infer.hypotest(
            value, data, model, test_stat="qtilde", return_expected_set=True
        )
        return float(one), [float(entry) for entry in band]

    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer(tolerance=1e-6))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        limit = brentq(lambda x: cls(x)[0] - 1.0 + level, 0.05, 20.0, xtol=1e-7)
        band = [
            brentq(lambda x, n=n: cls(x)[1][n] - 1.0 + level, 0.05, 20.0, xtol=1e-7)
            for n in range(5)
        ]
    return limit, band


@pytest.mark.parametrize("observed", [OBSERVED, [5.0, 8.0, 17.0]], ids=["as expected", "deficit"])
def test_limit_and_band_of_counts_are_those_of_pyhf(observed: list[float]) -> None:
    found = limit_of(counting(observed), 0.95)
    limit, band = in_pyhf(observed, 0.95)
    assert found.limit == pytest.approx(limit, rel=1e-4)
    np.testing.assert_allclose(found.band, sorted(band), rtol=1e-4)


@stochastic
def test_toys_of_a_gaussian_have_the_closed_form_too() -> None:
    """The distributions are exact there; what is left is chance, and the parabola in ln CLs."""
    of = gaussian(1.3, power=2)
    test = one_sided_test(of, "s", threshold(0.9, 1))
    found = with_toys(of, test, cls_limit(test, 0.9), 250, seed=seed(), cores=1).toys
    assert found is not None
    exact = np.sqrt(1.3 + SIGMA * norm.isf(ALPHA * norm.cdf(1.3 / SIGMA)))
    assert_within(found.limit, exact, found.limit_error, 0.02 * exact)
    assert found.limit_error < 0.05 * exact
    # The median of toys scatters by sqrt(pi / 2) of a mean's error.
    median = np.sqrt(SIGMA * norm.isf(ALPHA * 0.5))
    assert found.band[2] is not None
    assert_within(found.band[2], median, 1.5 * found.limit_error, 0.02 * median)
    told = [end for end in found.band if end is not None]
    assert found.band[0] is None and told == sorted(told)


@stochastic
def test_toys_of_counts_agree_with_the_asymptotic_limit() -> None:
    """Sixty counts and more: the asymptotic distributions hold to a few percent."""
    of = counting(OBSERVED, power=2)
    many = replace(of, templates=4.0 * of.templates, observed=4.0 * of.observed)
    test = one_sided_test(many, "s", threshold(0.9, 1))
    found = with_toys(many, test, cls_limit(test, 0.9), 150, seed=seed(), cores=1)
    assert found.toys is not None
    assert_within(found.toys.limit, found.limit, found.toys.limit_error, 0.05 * found.limit)
