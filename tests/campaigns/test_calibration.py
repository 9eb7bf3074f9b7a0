"""Calibration passes what is right and catches what is wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from monte_carlo import assert_share, generator, seed, stochastic
from small import charge, counting

from bayesnu.campaigns.calibration import LIKELIHOOD, calibrate, sensible_priors
from bayesnu.campaigns.refit import Refit
from bayesnu.campaigns.uniformity import uniformity
from bayesnu.errors import ComputationError, InputError
from bayesnu.inference.density import Density
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.priors import Prior, flat, gaussian
from bayesnu.results.calibration import PRINTED, Uniformity

QUICK = Refit(draws=250, tune=150, chains=2)
SIMULATIONS = 80


@stochastic
def test_p_values_of_uniform_values_are_uniform() -> None:
    rng = generator(1)
    values = np.array([uniformity(rng.uniform(size=200)).p_value for _ in range(2000)])
    for level in (0.01, 0.05, 0.2, 0.5, 0.8):
        # P-values are discrete: conservative by up to one step, a tenth of what is small.
        assert_share((values <= level).sum(), len(values), 0.9 * level, level + 0.01)


@stochastic
def test_the_band_holds_95_percent_of_uniform_samples_everywhere_at_once() -> None:
    rng = generator(2)
    inside = []
    for _ in range(2000):
        found = uniformity(rng.uniform(size=150))
        inside.append(((found.ecdf >= found.low) & (found.ecdf <= found.high)).all())
    # The band's level is discrete: conservative by a percent.
    assert_share(np.sum(inside), len(inside), 0.945, 0.96)


@stochastic
@pytest.mark.parametrize(
    "distort",
    [lambda u: u**1.3, lambda u: 0.5 + 0.8 * (u - 0.5), lambda u: (0.1 + 0.95 * u) % 1.0 * 0.95],
    ids=["shifted", "too narrow", "with a gap"],
)
def test_values_that_are_not_uniform_are_caught(distort: object) -> None:
    values = generator(3).uniform(size=500)
    assert uniformity(distort(values)).p_value < 1e-3  # type: ignore[operator]


def calibrated(likelihood: Likelihood, fitted: Likelihood | None = None) -> dict[str, Uniformity]:
    """Return the uniformity of every parameter's ranks in a small calibration."""
    found = calibrate(likelihood, SIMULATIONS, fitted=fitted, settings=QUICK, seed=seed(), cores=1)
    assert found.fits.complete and found.fits.failed == 0
    assert found.calibrated == (found.smallest > 0.01)
    return found.results


def assert_uniform(result: Uniformity, number: int) -> None:
    """The share of ranks below every tenth is binomial."""
    for tenth in range(1, 10):
        at = int(np.argmin(np.abs(result.z - tenth / 10)))
        assert_share(round(result.ecdf[at] * number), number, result.z[at])


@stochastic
def test_a_right_posterior_is_calibrated() -> None:
    values = calibrated(counting())
    assert set(values) == {"size", "norm", LIKELIHOOD, PRINTED + "size"}
    for result in values.values():
        assert_uniform(result, SIMULATIONS)


@stochastic
def test_a_posterior_of_two_modes_is_calibrated() -> None:
    # A few, for they are slow; the long measurement has 500 (docs/calibration.md).
    found = calibrate(charge(), 16, settings=QUICK, seed=seed(), cores=1)
    assert found.fits.column("modes").max() == 2
    for result in found.results.values():
        assert_uniform(result, 16)


@stochastic
def test_a_wrong_prior_is_caught() -> None:
    # Flat in the square instead of flat, on a range where the data do not decide.
    right = counting().with_prior("size", flat(0.0, 0.8))
    wrong = counting().with_prior("size", Prior(low=0.0, high=0.8, power=1.0))
    assert calibrated(right, wrong)["size"].p_value < 1e-3
    narrow = counting().with_prior("norm", gaussian(1.0, 0.02, low=0.0))
    assert calibrated(counting(), narrow)["norm"].p_value < 1e-3


@stochastic
def test_a_wrong_likelihood_is_caught() -> None:
    right = counting()
    wrong = replace(right, templates=1.1 * right.templates)
    assert min(found.p_value for found in calibrated(right, wrong).values()) < 1e-3


@stochastic
def test_a_likelihood_that_ignores_the_data_is_caught_by_its_own_rank() -> None:
    right = counting()
    deaf = replace(right, templates=1e-3 * right.templates + 1.0)
    assert calibrated(right, deaf)[LIKELIHOOD].p_value < 1e-3


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


@stochastic
def test_a_wrong_way_to_read_limits_off_draws_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    # The draws, and with them their ranks, stay right: only what is printed is wrong.
    from bayesnu.campaigns import calibration

    right = calibration.density_of_refit

    def shifted(*given: object) -> Density:
        density = right(*given)  # type: ignore[arg-type]
        return replace(density, values=0.7 * density.values, density=density.density / 0.7)

    monkeypatch.setattr(calibration, "density_of_refit", shifted)
    values = calibrated(counting())
    assert_uniform(values["size"], SIMULATIONS)
    assert values[PRINTED + "size"].p_value < 1e-3
