"""More of the same data: how limits must scale."""

import dataclasses

import numpy as np
import pytest

from bayesnu.experiments.loading import load
from bayesnu.inference.profile import profile
from bayesnu.likelihood import priors
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.threshold import threshold
from bayesnu.model.build import build_likelihood
from bayesnu.physics.signals import MagneticMoment

CUT = threshold(0.9, 1)


def fixed_asimov(name: str, factor: float) -> Likelihood:
    """All pulls fixed, counts of the Standard Model, exposure times a factor."""
    likelihood = build_likelihood([load(name)], MagneticMoment(), ["mu_eff"])
    for parameter in likelihood.parameters[1:]:
        likelihood = likelihood.with_prior(parameter.name, priors.gaussian(1.0, 1e-9))
    likelihood = dataclasses.replace(likelihood, templates=factor * likelihood.templates)
    x = np.ones(len(likelihood.names))
    x[0] = 0.0
    return likelihood.with_observed(likelihood.expected(x))


def upper(likelihood: Likelihood) -> float:
    found = profile(likelihood, "mu_eff").intervals(CUT)[-1][1]
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["xenonnt-2022-er", "lz-2024-er", "pandax4t-2024-er"])
def test_moments_scale_with_the_inverse_fourth_root_of_exposure(name: str) -> None:
    # The signal is mu^2 and its uncertainty the root of a background: mu ~ exposure^-1/4.
    # Where the signal is not small against the background the power is larger (up to 1/2);
    # at a hundred times the exposure that is below 2%.
    limits = [upper(fixed_asimov(name, factor)) for factor in (100.0, 200.0)]
    assert limits[0] / limits[1] == pytest.approx(2.0**0.25, rel=0.02)


def test_at_the_real_exposure_the_power_lies_between_the_two_regimes() -> None:
    limits = [upper(fixed_asimov("xenonnt-2022-er", factor)) for factor in (1.0, 2.0)]
    assert 2.0**0.25 < limits[0] / limits[1] < 2.0**0.5


def test_exposure_in_the_file_scales_rates_and_not_event_numbers(variant) -> None:
    path = variant("xenonnt-2022-er@khan-2022", "exposure_t_yr = 2.32\n")
    one, two = load("xenonnt-2022-er@khan-2022"), load(path)
    assert two.response == pytest.approx(2.0 * one.response, rel=1e-12)
    assert two.backgrounds[0].counts == pytest.approx(2.0 * one.backgrounds[0].counts, rel=1e-12)
    path = variant("xenonnt-2022-er", "exposure_t_yr = 2.32\n")
    for a, b in zip(load("xenonnt-2022-er").backgrounds, load(path).backgrounds, strict=True):
        assert b.counts.sum() == pytest.approx(a.counts.sum(), rel=1e-12)
