"""The sterile dipole portal in (m4, mu): limits, thresholds, gradients, posteriors."""

import numpy as np
import pytest
from monte_carlo import assert_within, quantile_error, settings, stochastic

import bayesnu
from bayesnu.analyses.exclusion import credible_upper, exclusion, likelihood_at
from bayesnu.analyses.joint_posterior import joint_posterior
from bayesnu.errors import InputError
from bayesnu.inference.marginal_likelihood import marginalise
from bayesnu.likelihood import priors
from bayesnu.model.build import build_likelihood
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.signals import signal_by_tag

NUCLEI = ("xenonnt-2024-8b@deromeri-2024", "pandax4t-2024-8b@deromeri-2024")
ELECTRONS = ("xenonnt-2022-er",)
MODELS = {"nuclear-recoil": NUCLEI, "electron-recoil": ELECTRONS}


def counts(name, channel, m4, mu=1.0):
    rate = recoil_rate(bayesnu.load(name))
    found = rate.counts(signal_by_tag("sterile-dipole", channel), {"mu_eff": mu, "m4": m4})
    without = rate.counts(signal_by_tag("sterile-dipole", channel), {})
    return np.sum(list(found.values()), axis=0) - np.sum(list(without.values()), axis=0)


@pytest.mark.parametrize("channel", MODELS)
@pytest.mark.parametrize("flavour", ["e", "mu", "tau"])
def test_a_light_state_returns_the_limit_on_the_magnetic_moment(channel, flavour):
    models = MODELS[channel]
    coupling = f"mu_{flavour}"
    light = exclusion(
        models, "sterile-dipole", coupling, "m4", [1e-5], dof=1, credible=False
    ).upper[0]
    moment = bayesnu.limit(models, "magnetic-moment", coupling, method="profile")
    # Required: 0.5%. At m4 = 10 eV the terms in m4 are below 1e-6.
    assert light == pytest.approx(moment.frequentist.intervals[-1][1], rel=5e-3)


@pytest.mark.parametrize(
    ("channel", "name", "m4"),
    # Above sqrt(m^2 + 2 m E) - m at the end point of the spectrum: 8B ends at 16.4 MeV, the
    # table of hep at 20 MeV; the second 7Be line is at 0.86 MeV, which makes 0.56 MeV on electrons.
    [
        ("nuclear-recoil", "xenonnt-2024-8b", 17.0),
        ("nuclear-recoil", "xenonnt-2026-8b", 20.5),
        ("electron-recoil", "xenonnt-2022-er", 0.57),
    ],
)
def test_above_the_kinematic_threshold_the_signal_is_exactly_zero(channel, name, m4):
    assert (counts(name, channel, m4, mu=1e5) == 0.0).all()
    assert (counts(name, channel, 0.8 * m4, mu=1e5) > 0.0).any()


@pytest.fixture(scope="module")
def on_nuclei():
    return exclusion(
        NUCLEI, "sterile-dipole", "mu_e", "m4", [0.01, 1.0, 3.0, 5.0, 10.0, 14.0, 18.0]
    )


@pytest.fixture(scope="module")
def on_electrons():
    return exclusion(ELECTRONS, "sterile-dipole", "mu_e", "m4", [1e-4, 0.01, 0.03, 0.1, 0.3, 0.6])


def test_contour_on_nuclei_has_its_plateau_and_cut_off(on_nuclei):
    upper = on_nuclei.upper
    assert on_nuclei.dof == 2
    assert on_nuclei.threshold == pytest.approx(4.605, abs=1e-3)
    # Flat below 5 MeV (deromeri-2024, Fig. 4): 9% at 3 MeV, 28% at 5 MeV.
    assert upper[1] == pytest.approx(upper[0], rel=0.02)
    assert upper[2] == pytest.approx(upper[0], rel=0.15)
    assert 1.1 < upper[3] / upper[0] < 1.5
    # It bends up near 10 MeV and ends at the end point of 8B.
    assert 2.5 < upper[4] / upper[0] < 5.0
    assert upper[5] > 20.0 * upper[0]
    assert upper[6] is None


def test_contour_on_electrons_has_its_plateau_and_cut_off(on_electrons):
    upper = on_electrons.upper
    assert upper[1] == pytest.approx(upper[0], rel=0.01)
    assert upper[2] == pytest.approx(upper[0], rel=0.05)
    # pp neutrinos end at 0.42 MeV, which makes 0.32 MeV.
    assert 1.1 < upper[3] / upper[0] < 2.0
    assert upper[4] > 8.0 * upper[0]
    assert upper[5] is None


def test_three_experiments_on_electrons_combine():
    names = [f"{name}@giunti-ternes-2023" for name in ("xenonnt-2022-er", "lz-2022-er")]
    names.append("pandax4t-2022-er@giunti-ternes-2023")
    found = exclusion(names, "sterile-dipole", "mu_e", "m4", [1e-3, 0.3], credible=False)
    # A bound below 1e-11 mu_B for light states that ends near 0.3 MeV (deromeri-2024, Fig. 4).
    assert 0.7 < found.upper[0] < 1.3
    assert found.upper[1] > 8.0 * found.upper[0]


def test_two_degrees_of_freedom_are_weaker_than_one(on_nuclei):
    one = exclusion(NUCLEI, "sterile-dipole", "mu_e", "m4", [1.0], dof=1, credible=False)
    assert one.upper[0] < on_nuclei.upper[1]


def test_credible_limits_follow_the_contour(on_nuclei, on_electrons):
    for found in (on_nuclei, on_electrons):
        for ours, theirs in zip(found.credible, found.upper, strict=True):
            assert (ours is None) == (theirs is None)
            if ours is not None:
                # 90% of a flat-prior posterior against a cut for two parameters.
                assert 0.7 < ours / theirs < 1.05
        assert found.efficiency > 0.01


@stochastic
@pytest.mark.parametrize(("models", "m4"), [(NUCLEI, 9.0), (("xenonnt-2024-8b",), 0.0)])
def test_credible_limit_at_fixed_mass_is_that_of_the_sampler(models, m4):
    likelihood = likelihood_at(models, "sterile-dipole", "mu_e", {"m4": m4})
    ours, _ = credible_upper(likelihood, "mu_e", 0.9)
    wide = likelihood.with_prior("mu_e", priors.flat(0.0, 20.0 * ours))
    draws = bayesnu.sample(wide, settings(draws=4000, chains=2))["posterior"]["mu_e"].values
    error = quantile_error(draws, 0.9)
    assert error < 0.02 * ours
    # The integral's own grid and quasi-random points are good to 0.5%.
    assert_within(np.quantile(draws, 0.9), ours, error, 0.005 * ours)


def test_integrals_over_nuisances_equal_brute_force():
    """One bin, three nuisances: a grid over all of them."""
    likelihood = likelihood_at(["pandax4t-2024-8b"], "sterile-dipole", "mu_eff", {"m4": 0.0})
    # Mixing angles change nothing here, and three more dimensions are too many for a grid.
    angles = [name for name in likelihood.names if name.startswith("pull_")]
    likelihood = likelihood.with_fixed(dict.fromkeys(angles, 0.0))
    values = np.array([0.0, 50.0, 100.0, 150.0, 200.0])
    found = marginalise(likelihood, "mu_eff", values)
    others = [p.prior for p in likelihood.parameters if p.name != "mu_eff"]
    steps = np.linspace(-5.0, 5.0, 61)
    # Log-normal norms are spread evenly in their logarithm, in which they are Gaussian.
    axes = [
        p.centre * np.exp(p.sigma * steps)
        if p.log_normal
        else np.linspace(max(p.low, p.centre - 5 * p.sigma), p.centre + 5 * p.sigma, 61)
        for p in others
    ]
    points = np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")], axis=-1)
    index = likelihood.index("mu_eff")
    direct = []
    for value in values:
        x = np.insert(points, index, value, axis=1)
        direct.append(np.log(np.exp(-0.5 * likelihood.chi2(x)).sum()))
    # 512 quasi-random points: half a percent of the density.
    assert np.diff(found.log_likelihood) == pytest.approx(np.diff(direct), abs=0.01)


def test_joint_posterior_states_its_prior_and_weighs_insensitive_masses():
    joint = joint_posterior(
        NUCLEI,
        "sterile-dipole",
        "mu_e",
        "m4",
        np.geomspace(1.0, 20.0, 9),
        np.geomspace(1.0, 1e5, 41),
    )
    assert joint.prior == "flat in log mu_e on [1, 100000], flat in log m4 on [1, 20]"
    weights = np.outer(_trapezoid(joint.masses), _trapezoid(joint.couplings))
    assert (joint.density * weights).sum() == pytest.approx(1.0, rel=1e-12)
    # Above 16.4 MeV nothing is excluded: evidence and prior are untouched.
    assert joint.log_bayes_factor[-1] == pytest.approx(0.0, abs=1e-9)
    assert joint.log_bayes_factor[0] < -0.5
    assert joint.mass_density()[-1] > joint.mass_density()[0]
    upper = joint.upper(0.9)
    assert (np.diff(upper) >= -1e-6 * upper[:-1]).all()
    inside = joint.region(0.9)
    assert (joint.density * weights)[inside].sum() == pytest.approx(0.9, abs=0.03)
    assert joint.efficiency > 0.1


def _trapezoid(grid):
    steps = np.zeros(len(grid))
    logs = np.diff(np.log(grid))
    steps[1:] += 0.5 * logs
    steps[:-1] += 0.5 * logs
    return steps


@pytest.mark.parametrize(
    ("channel", "name", "threshold"),
    [
        ("nuclear-recoil", "xenonnt-2024-8b", 16.36),
        ("electron-recoil", "xenonnt-2022-er", 0.557),
    ],
)
def test_gradients_are_finite_at_the_threshold(channel, name, threshold):
    step = 1e-4 * threshold
    masses = threshold + step * np.arange(-20, 21)
    signal = np.array([counts(name, channel, m, mu=100.0) for m in masses])
    slope = np.gradient(signal, step, axis=0)
    assert np.isfinite(slope).all()
    # The signal closes continuously: no step is larger than the signal 1% below the threshold.
    below = counts(name, channel, 0.99 * threshold, mu=100.0)
    assert np.abs(np.diff(signal, axis=0)).max() <= below.max()
    for m4 in (masses[0], threshold, masses[-1]):
        likelihood = build_likelihood(
            [bayesnu.load(name)],
            signal_by_tag("sterile-dipole", channel),
            ["mu_e"],
            fixed={"m4": float(m4)},
        )
        _, gradient = likelihood.chi2_and_gradient(likelihood.point({"mu_e": 50.0}))
        assert np.isfinite(gradient).all()


def test_light_mediators_are_scanned_with_the_same_function():
    found = exclusion(
        ["xenonnt-2022-er@khan-2022"],
        "light-mediator",
        "g_scalar",
        "m_mediator",
        [0.1, 1000.0],
        credible=False,
    )
    # A heavy mediator needs a larger coupling: g / m is what counts.
    assert found.upper[1] > 5.0 * found.upper[0]
    assert found.mass_unit == "keV"


def test_a_coupling_is_no_mass():
    with pytest.raises(InputError, match="m4"):
        exclusion(NUCLEI, "sterile-dipole", "mu_e", "mu_mu", [1.0])
    with pytest.raises(InputError, match="ascending"):
        exclusion(NUCLEI, "sterile-dipole", "mu_e", "m4", [2.0, 1.0])
