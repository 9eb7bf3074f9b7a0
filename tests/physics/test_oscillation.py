"""Survival and flavour probabilities."""

import numpy as np
import pytest

from bayesnu.solar.oscillation import (
    OscillationParameters,
    flavour_probabilities,
    survival_low_energy,
)


def test_low_energy_survival_is_that_of_giunti_ternes_2023():
    # Printed as 0.542.
    assert survival_low_energy() == pytest.approx(0.542, abs=1e-3)


def test_flavours_sum_to_one():
    survival = np.linspace(0, 1, 11)
    parameters = OscillationParameters(sin2_theta23=0.57)
    total = sum(flavour_probabilities(survival, parameters))
    np.testing.assert_allclose(total, 1.0, rtol=0, atol=1e-12)


def test_maximal_mixing_makes_mu_and_tau_equal():
    shares = flavour_probabilities(0.4, OscillationParameters(sin2_theta23=0.5))
    assert shares.mu == shares.tau
