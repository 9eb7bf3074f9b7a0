"""Calibration passes what is right and catches what is wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small import charge, counting

from bayesnu.campaigns.calibration import LIKELIHOOD, calibrate, sensible_priors
from bayesnu.campaigns.refit import Refit
from bayesnu.campaigns.uniformity import uniformity
from bayesnu.errors import ComputationError, InputError
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.priors import Prior, flat, gaussian

QUICK = Refit(draws=250, tune=150, chains=2)
SIMULATIONS = 80


def test_p_values_of_uniform_values_are_uniform() -> None:
    rng = np.random.default_rng(1)
    values = np.array([uniformity(rng.uniform(size=200)).p_value for _ in range(500)])
    for level in (0.01, 0.05, 0.2, 0.5, 0.8):
        # Three binomial standard deviations of 500 samples; p-values are discrete and
        # conservative by up to one step, which is less.
        assert abs((values <= level).mean() - level) < 3 * np.sqrt(level * (1 - level) / 500)


def test_the_band_holds_95_percent_of_uniform_samples_everywhere_at_once() -> None:
    rng = np.random.default_rng(2)
    inside = []
    for _ in range(500):
        found = uniformity(rng.uniform(size=150))
        inside.append(((found.ecdf >= found.low) & (found.ecdf <= found.high)).all())
    # Three standard deviations, and the band's level is discrete: conservative by a percent.
    assert 0.95 - 0.03 < np.mean(inside) < 0.95 + 0.04


@pytest.mark.parametrize(
    "distort",
    [lambda u: u**1.3, lambda u: 0.5 + 0.8 * (u - 0.5), lambda u: (0.1 + 0.95 * u) % 1.0 * 0.95],
    ids=["shifted", "too narrow", "with a gap"],
)
def test_values_that_are_not_uniform_are_caught(distort: object) -> None:
    values = np.random.default_rng(3).uniform(size=500)
    assert uniformity(distort(values)).p_value < 1e-3  # type: ignore[operator]


def calibrated(likelihood: Likelihood, fitted: Likelihood | None = None) -> dict[str, float]:
    """Return p-values by parameter of a small calibration."""
    found = calibrate(likelihood, SIMULATIONS, fitted=fitted, settings=QUICK, cores=1)
    assert found.fits.complete and found.fits.failed == 0
    assert found.calibrated == (found.smallest > 0.01)
    return {name: result.p_value for name, result in found.results.items()}


def test_a_right_posterior_is_calibrated() -> None:
    values = calibrated(counting())
    assert set(values) == {"size", "norm", LIKELIHOOD}
    # The seed is fixed: this cannot fail by chance, only by a change.
    assert min(values.values()) > 0.01


def test_a_posterior_of_two_modes_is_calibrated() -> None:
    # A few, for they are slow; the long measurement has 500 (docs/calibration.md).
    found = calibrate(charge(), 16, settings=QUICK, cores=1)
    assert found.fits.column("modes").max() == 2
    assert found.calibrated


def test_a_wrong_prior_is_caught() -> None:
    # Flat in the square instead of flat, on a range where the data do not decide.
    right = counting().with_prior("size", flat(0.0, 0.8))
    wrong = counting().with_prior("size", Prior(low=0.0, high=0.8, power=1.0))
    assert calibrated(right, wrong)["size"] < 1e-3
    narrow = counting().with_prior("norm", gaussian(1.0, 0.02, low=0.0))
    assert calibrated(counting(), narrow)["norm"] < 1e-3


def test_a_wrong_likelihood_is_caught() -> None:
    right = counting()
    wrong = replace(right, templates=1.1 * right.templates)
    assert min(calibrated(right, wrong).values()) < 1e-3


def test_a_likelihood_that_ignores_the_data_is_caught_by_its_own_rank() -> None:
    right = counting()
    deaf = replace(right, templates=1e-3 * right.templates + 1.0)
    assert calibrated(right, deaf)[LIKELIHOOD] < 1e-3


def test_priors_to_simulate_from_are_narrow_and_hold_both_solutions(moment: Likelihood) -> None:
    found = sensible_priors(moment)
    prior = found.parameters[found.index("mu_eff")].prior
    assert prior.low == 0.0 and 1.0 < prior.high < 5.0  # the limit is near 0.8
    assert all(np.isfinite(p.prior.high) or p.prior.is_gaussian for p in found.parameters)
    both = sensible_priors(charge()).parameters[0].prior
    assert both.low < -2.0 and both.high > 1.0  # the mirror solution of zero is at -2
    own = sensible_priors(moment, {"mu_eff": (0.5, 2.0)})
    assert own.parameters[0].prior.high == 2.0


def test_wrong_ranges_and_other_parameters_are_refused(moment: Likelihood) -> None:
    for ranges in ({"mu_eff": (2.0, 1.0)}, {"mu_eff": (-1.0, 1.0)}, {"unknown": (0.0, 1.0)}):
        with pytest.raises(InputError):
            sensible_priors(moment, ranges)
    with pytest.raises(InputError):
        calibrate(counting(), 10, fitted=charge(), cores=1)


def test_a_calibration_without_a_fit_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    from bayesnu.campaigns import calibration

    def fail(*_: object) -> None:
        raise ComputationError("no")

    monkeypatch.setattr(calibration, "refit", fail)
    with pytest.raises(ComputationError, match="none succeeded"):
        calibrate(counting(), 3, cores=1)
