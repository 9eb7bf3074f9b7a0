"""Solar mass states: probabilities, and the rate of a transition-moment signal."""

import numpy as np
import pytest

import bayesnu
from bayesnu.model.build import build_likelihood
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.moments import solar
from bayesnu.physics.signals import MagneticMoment, StandardModel, TransitionMoment
from bayesnu.physics.source import MASS_STATES
from bayesnu.physics.sources.sun.flux_moments import flux_moments
from bayesnu.physics.sources.sun.mass_states import (
    first_state_low_energy,
    first_state_msw,
    mass_state_moments,
)
from bayesnu.physics.sources.sun.oscillation import (
    OscillationParameters,
    survival_low_energy,
    survival_msw,
)

PARAMETERS = OscillationParameters()


def survival_from(first):
    """P_ee of three flavours from P_e1 of two."""
    s12, s13 = PARAMETERS.sin2_theta12, PARAMETERS.sin2_theta13
    return (1 - s13) ** 2 * ((1 - s12) * first + s12 * (1 - first)) + s13**2


def test_first_state_gives_the_survival_probability():
    energy = np.geomspace(0.05, 15, 40)
    first = first_state_msw(energy, "b8")
    np.testing.assert_allclose(survival_from(first), survival_msw(energy, "b8"), rtol=1e-13)
    low = first_state_low_energy()
    assert survival_from(low) == pytest.approx(survival_low_energy(), rel=1e-13)


def test_matter_effects_vanish_at_low_energy():
    assert first_state_msw(1e-6, "pp") == pytest.approx(first_state_low_energy(), rel=1e-5)


@pytest.mark.parametrize("survival", ["low-energy", "msw"])
@pytest.mark.parametrize("component", ["pp", "be7", "b8"])
def test_mass_states_sum_to_the_flux(component, survival):
    threshold = np.array([0.0, 0.1, 0.3])
    found = mass_state_moments(component, threshold, PARAMETERS, survival, "GS98")
    assert tuple(found) == MASS_STATES
    total = flux_moments(component, threshold)
    np.testing.assert_allclose(sum(found.values()), total, rtol=1e-12)


@pytest.fixture(scope="module")
def xenonnt():
    return bayesnu.load("xenonnt-2022-er")


def signal_counts(experiment, signal, values):
    rate = recoil_rate(experiment)
    counts = sum(rate.counts(signal, values).values())
    return counts - sum(rate.counts(StandardModel(), {}).values())


def test_counts_are_those_of_the_effective_solar_moment(xenonnt):
    # At low energy all components have one P_e1, so Eq. 14 holds for the counts as a whole.
    lambdas = {"Lambda_1": 0.7, "Lambda_2": 1.1, "Lambda_3": 0.4}
    beam = solar(PARAMETERS)
    from bayesnu.physics.moments import effective_moment, majorana

    mu = effective_moment(majorana(*lambdas.values()), beam)
    found = signal_counts(xenonnt, TransitionMoment(), lambdas)
    expected = signal_counts(xenonnt, MagneticMoment(), {"mu_eff": mu})
    # Rounding of signal plus Standard Model minus Standard Model.
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


def test_counts_do_not_depend_on_phases(xenonnt):
    lambdas = {"Lambda_1": 0.7, "Lambda_2": 1.1, "Lambda_3": 0.4}
    plain = signal_counts(xenonnt, TransitionMoment(), lambdas)
    turned = signal_counts(xenonnt, TransitionMoment(), lambdas | {"phi_1": 2.0, "phi_3": -1.0})
    np.testing.assert_array_equal(plain, turned)
    signal = TransitionMoment()
    likelihood = build_likelihood([xenonnt], signal, signal.elementary())
    x = likelihood.point(lambdas)
    y = likelihood.point(lambdas | {"phi_1": 2.0, "phi_3": -1.0})
    assert likelihood.chi2(x) == likelihood.chi2(y)


def test_matter_effects_change_the_counts_of_light_components_little(xenonnt):
    changed = xenonnt.neutrinos.model_copy(update={"survival": "msw"})
    threshold = np.array([0.0])
    for component in changed.components:
        low, msw = (
            mass_state_moments(component, threshold, PARAMETERS, kind, "GS98")["1"][0, 0]
            for kind in ("low-energy", "msw")
        )
        # pp 0.97, 7Be 0.91: P_e1 falls by twice as much as P_ee.
        assert 0.9 < msw / low < 1.0
