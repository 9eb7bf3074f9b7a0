"""Fundamental moments in data of reactors and beams: the effective moment of each flavour."""

import numpy as np
import pytest

from bayesnu import effective_moment
from bayesnu.analyses.beams.derived import effective_moments
from bayesnu.errors import InputError
from bayesnu.experiments.loading import load
from bayesnu.model.beam_moments import oscillation_parameters
from bayesnu.model.build import build_likelihood
from bayesnu.model.rate import recoil_rate
from bayesnu.moments import majorana, muon_neutrino, reactor, solar
from bayesnu.physics.moments.beams import HelicityState, beam_by_name, flavour
from bayesnu.physics.moments.effective import effective_moment_squared
from bayesnu.physics.moments.mixing import mixing_matrix
from bayesnu.physics.signals import DiracMoment, MagneticMoment, TransitionMoment
from bayesnu.physics.signals.fundamental_moments import moment_matrix
from bayesnu.physics.sources.sun.oscillation import OscillationParameters

FREE = ("Lambda_1", "Lambda_2", "Lambda_3", "phi_1", "phi_3")
POINTS = [
    {"Lambda_1": 30.0, "Lambda_2": 20.0, "Lambda_3": 50.0, "phi_1": 0.4, "phi_3": -2.1},
    {"Lambda_1": 0.0, "Lambda_2": 40.0, "Lambda_3": 10.0, "phi_1": 2.0, "phi_3": 1.0},
]
MIXING = OscillationParameters(
    sin2_theta12=0.318, sin2_theta13=0.0220, sin2_theta23=0.5, dm2_21_eV2=7.5e-5,
    delta_cp=1.08 * np.pi,
)  # fmt: skip
"""Defaults of experiment files."""


def moments_of(values):
    phased = (
        values["Lambda_1"] * np.exp(1j * values["phi_1"]),
        values["Lambda_2"],
        values["Lambda_3"] * np.exp(1j * values["phi_3"]),
    )
    return majorana(*phased)


def effective(values, name):
    return float(effective_moment(moments_of(values), beam_by_name(name), mixing_matrix(MIXING)))


def test_antineutrinos_have_the_moment_of_neutrinos():
    matrix = moments_of(POINTS[0])
    for name in ("e", "mu", "tau"):
        (state,) = flavour(name).states
        anti = flavour(name).__class__("anti", "anti", (HelicityState(plus=state.minus),))
        unitary = mixing_matrix(MIXING)
        one, other = (effective_moment_squared(matrix, b, unitary) for b in (flavour(name), anti))
        assert one == pytest.approx(other, rel=1e-12)
    for beam, name in ((reactor(), "e"), (muon_neutrino(), "mu")):
        found = effective_moment(matrix, beam, mixing_matrix(MIXING))
        assert found == pytest.approx(effective(POINTS[0], name), rel=1e-12)


@pytest.mark.parametrize("values", POINTS)
@pytest.mark.parametrize("name", ["conus-plus-2025", "coherent-csi-2021"])
def test_counts_are_those_of_the_effective_moments_of_each_flavour(name, values):
    experiment = load(name)
    likelihood = build_likelihood([experiment], TransitionMoment(), FREE)
    found = likelihood.expected(likelihood.point(values))
    by_flavour = {f"mu_{f}": effective(values, f) for f in ("e", "mu", "tau")}
    expected = sum(recoil_rate(experiment).counts(MagneticMoment(), by_flavour).values())
    expected = expected + sum(b.counts for b in experiment.backgrounds)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_reactor_sun_and_beam_are_one_likelihood_of_moments():
    """A reactor is blind to some moments and sees the phases; the sun sees all, and no phase."""
    names = ["xenonnt-2022-er@ternes-tortola-2025", "conus-plus-2025", "coherent-csi-2021"]
    experiments = [load(name) for name in names]
    likelihood = build_likelihood(experiments, TransitionMoment(), FREE)
    assert {"flux_pp", "flux_leibstadt", "flux_sns"} <= set(likelihood.names)
    oscillation = experiments[0].neutrinos.oscillation
    assert oscillation.nuisances and "pull_sin2_theta12" in likelihood.names
    x = likelihood.point(POINTS[0])
    y = x.copy()
    y[likelihood.index("phi_1")] += 0.7
    parts = {bins.experiment: bins.part for bins in likelihood.stack}
    change = likelihood.expected(y) - likelihood.expected(x)
    assert not change[parts[names[0]]].any()
    assert np.abs(change[parts[names[1]]]).max() > 1e-6
    assert np.abs(change[parts[names[2]]]).max() > 1e-6
    # The mixing is that of the solar file, and so are its nuisances.
    z = x.copy()
    z[likelihood.index("pull_sin2_theta12")] += 1.0
    assert (likelihood.expected(z) != likelihood.expected(x))[parts[names[1]]].any()


DIRAC = {
    "lambda_11": 30.0, "lambda_12": 20.0, "lambda_13": 5.0, "phi_12": 1.0, "phi_13": -0.4,
    "lambda_21": 11.0, "lambda_32": 7.0, "lambda_33": 26.0, "phi_21": 2.0, "phi_32": 0.3,
}  # fmt: skip


@pytest.mark.parametrize("name", ["conus-plus-2025", "xenonnt-2022-er"])
def test_counts_of_dirac_neutrinos_are_those_of_effective_moments(name):
    experiment, signal = load(name), DiracMoment()
    likelihood = build_likelihood([experiment], signal, signal.elementary())
    found = likelihood.expected(likelihood.point(DIRAC))
    matrix = moment_matrix(signal, DIRAC)
    entry = experiment.neutrinos.oscillation
    mixing = mixing_matrix(oscillation_parameters(entry))
    if not experiment.sees_sun:
        moments = {
            f"mu_{f}": float(effective_moment(matrix, beam_by_name(f), mixing))
            for f in ("e", "mu", "tau")
        }
    else:  # averaged over oscillations each component has one mixture, that of low energies
        beam = solar(oscillation_parameters(entry))
        moments = {"mu_eff": float(effective_moment(matrix, beam, mixing))}
    expected = sum(recoil_rate(experiment).counts(MagneticMoment(), moments).values())
    expected = expected + sum(b.counts for b in experiment.backgrounds)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_draws_of_dirac_moments_have_the_effective_moment_of_every_beam():
    draws = {n: np.array([v, 2.0 * v if n.startswith("lambda") else v]) for n, v in DIRAC.items()}
    draws |= {f"phi_{k}{i}": np.zeros(2) for k in "123" for i in "123" if k != i} | draws
    found = effective_moments(draws)
    for beam, of in (("reactor", reactor()), ("solar", solar())):
        one = effective_moment(moment_matrix(DiracMoment(), DIRAC), of)
        np.testing.assert_allclose(found[beam], [one, 2.0 * one], rtol=1e-12)
    with pytest.raises(InputError, match="phi_12"):
        effective_moments({"lambda_11": np.ones(2), "lambda_12": np.ones(2)})
