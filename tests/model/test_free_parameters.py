"""Masses, mixing angles and the weak mixing angle as variables: the same counts, exact slopes."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from monte_carlo import generator
from toy_likelihoods import central

from bayesnu import InputError, likelihood_of, load
from bayesnu.likelihood.priors import flat
from bayesnu.model.ambient import AMBIENT
from bayesnu.model.graph.likelihood import GraphLikelihood
from bayesnu.model.rate import RecoilRate
from bayesnu.physics.signals import MagneticMoment

ER, NR = "xenonnt-2022-er", "pandax4t-2024-8b"


@pytest.fixture(autouse=True)
def quick_to_compile() -> Iterator[None]:
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        yield


def graph(experiment: str, signal: str, *free: str) -> GraphLikelihood:
    found = likelihood_of([experiment], signal, free)
    assert isinstance(found, GraphLikelihood) and found.route == "graph"
    return found


MEDIATORS = [
    (ER, "g_vector", 3.0, (1.0, 40.0, 1e4)),
    (ER, "g_pseudoscalar", 10.0, (5.0, 200.0)),
    (NR, "g_scalar", 5.0, (10.0, 2e4, 1e6)),
]


@pytest.mark.parametrize(("experiment", "coupling", "size", "masses"), MEDIATORS)
def test_counts_of_a_free_mediator_mass_are_those_of_each_mass(
    experiment, coupling, size, masses
) -> None:
    of = graph(experiment, "light-mediator", coupling, "m_mediator")
    for mass in masses:
        fixed = {"m_mediator": mass}
        held = likelihood_of([experiment], "light-mediator", [coupling], fixed=fixed)
        x = of.start.copy()
        x[of.index(coupling)], x[of.index("m_mediator")] = size, mass
        y = held.point({coupling: size})
        np.testing.assert_allclose(of.expected(x), held.expected(y), rtol=1e-12)


STERILE = {
    ER: ("mu_e", 5.0, (0.001, 0.0137, 0.05, 0.11, 0.2, 0.3, 0.45, 0.65)),
    NR: ("mu_eff", 500.0, (0.01, 0.5, 3.0, 7.3, 12.0, 15.0, 19.0)),
}


@pytest.mark.parametrize("experiment", STERILE)
def test_a_mass_that_moves_thresholds_and_lines_has_exact_counts_and_slopes(experiment) -> None:
    size, amount, masses = STERILE[experiment]
    of = graph(experiment, "sterile-dipole", size, "m4")
    x, m4 = of.start.copy(), of.index("m4")
    x[of.index(size)] = amount
    v = pt.dvector("v")
    label = (experiment, "solar_nu")
    counts = of.counts_of({name: v[i] for i, name in enumerate(of.names)})[label]
    weight = np.cos(np.arange(len(of.observed))) + 2.0  # one slope that tests all bins
    compiled = pytensor.function([v], [counts, pytensor.grad((counts * weight).sum(), v)])

    def exact(mass: float):
        held = likelihood_of([experiment], "sterile-dipole", [size], fixed={"m4": mass})
        return held.components(held.point({size: amount}))[label]

    for mass in masses:
        x[m4] = mass
        found, slope = compiled(x)
        assert np.abs(found - exact(mass)).max() < 1e-6 * np.abs(found).max()
        numeric = central(lambda m: exact(float(m[0])) @ weight, np.array([mass]), 1e-4 * mass)
        # A step over a node, or a change of the grid, costs digits of the numerical slope.
        assert slope[m4] == pytest.approx(float(numeric[0]), rel=1e-5, abs=1e-5)


def test_counts_do_not_jump_where_a_line_passes_a_node() -> None:
    of = graph(ER, "sterile-dipole", "mu_e", "m4")
    x = of.start.copy()
    x[of.index("mu_e")] = 5.0
    masses = 0.3 + 1e-5 * np.arange(60)  # ends move by a few nodes
    rows = []
    for mass in masses:
        x[of.index("m4")] = mass
        rows.append(of.components(x)[ER, "solar_nu"])
    second = np.abs(np.diff(rows, 2, axis=0)).max()
    assert second < 1e-3 * np.abs(np.diff(rows, axis=0)).max()


MIXING = [
    ("xenonnt-2022-er@ternes-tortola-2025", "sin2_theta12", 0.35),
    ("xenonnt-2022-er@ternes-tortola-2025", "sin2_theta13", 0.03),
    (NR, "sin2_theta12", 0.35),
    (NR, "dm2_21", 8.3),
    ("darwin-30ty", "dm2_21", 6.9),
]


@pytest.mark.parametrize(("experiment", "name", "value"), MIXING)
def test_mixing_parameters_enter_exactly(experiment, name, value) -> None:
    loaded, entry = load(experiment), AMBIENT[name]
    data = {experiment: np.ones(loaded.bins)}
    of = likelihood_of([loaded], "magnetic-moment", ["mu_e"], free=[name], observed=data)
    assert f"pull_{name}" not in of.names
    x = of.start.copy()
    x[of.index("mu_e")], x[of.index(name)] = 2.0, value
    rate = RecoilRate(loaded, **{entry.mixing: entry.scale * value})
    exact = sum(rate.counts(MagneticMoment(), {"mu_e": 2.0}).values())
    np.testing.assert_allclose(of.components(x)[experiment, "solar_nu"], exact, rtol=1e-9)


@pytest.mark.parametrize("experiment", [ER, "lz-2022-er@atzori-corona-2022"])
def test_the_weak_mixing_angle_enters_exactly(experiment) -> None:
    loaded = load(experiment)
    of = graph(experiment, "millicharge", "q_ee", "sin2_theta_w")
    x = of.start.copy()
    assert x[of.index("sin2_theta_w")] == loaded.neutrinos.sin2_theta_w
    x[of.index("q_ee")], x[of.index("sin2_theta_w")] = 2.0, 0.29
    neutrinos = loaded.neutrinos.model_copy(update={"sin2_theta_w": 0.29})
    other = replace(loaded, file=loaded.file.model_copy(update={"neutrinos": neutrinos}))
    held = likelihood_of([other], "millicharge", ["q_ee"])
    np.testing.assert_allclose(of.expected(x), held.expected(held.point({"q_ee": 2.0})), rtol=1e-12)


def test_priors_of_free_masses_and_angles_are_stated() -> None:
    def words(name: str, *question: str) -> str:
        of = graph(*question, name)
        return of.parameters[of.index(name)].prior.words(name)

    mediator = words("m_mediator", ER, "light-mediator", "g_vector")
    assert mediator == "flat in log m_mediator on [1, 1e+06]"
    assert words("m4", NR, "sterile-dipole", "mu_e") == "flat in log m4 on [0.001, 20]"
    moment = (NR, "magnetic-moment", "mu_eff")
    assert words("sin2_theta12", *moment) == "Gaussian in sin2_theta12, 0.318 +- 0.016"
    assert words("dm2_21", *moment) == "Gaussian in dm2_21, 7.5 +- 0.21"
    assert words("sin2_theta_w", *moment) == "flat in sin2_theta_w on [0, 1]"


DENSITIES = [
    (ER, "light-mediator", ("g_vector", "m_mediator")),
    (NR, "sterile-dipole", ("mu_e", "m4")),
    (NR, "magnetic-moment", ("mu_eff", "sin2_theta12")),
    ("xenonnt-2026-s2only", "charge-radius", ("r2_ee", "sin2_theta_w")),
]


@pytest.mark.parametrize(("experiment", "signal", "free"), DENSITIES)
def test_the_density_that_is_sampled_is_the_posterior_in_other_coordinates(
    experiment, signal, free
) -> None:
    of = graph(experiment, signal, *free)
    density = of.density()
    function = density.function()
    differences = []
    for seed in range(4):
        u = density.start(seed)
        x = density.to_parameters(u)
        np.testing.assert_allclose(density.to_unbounded(x), u, rtol=1e-7, atol=1e-7)
        jacobian = central(density.to_parameters, u, 1e-4)
        value, gradient = function(u)
        differences.append(value - of.log_posterior(x) - np.linalg.slogdet(jacobian)[1])
        numeric = central(lambda at: function(at)[0], u, 1e-4)
        np.testing.assert_allclose(gradient, numeric, atol=1e-6 * np.abs(numeric).max() + 1e-5)
    assert np.ptp(differences) < 1e-6  # the numerical Jacobian's error


def test_other_data_priors_and_held_nuisances_are_kept() -> None:
    of = graph(NR, "magnetic-moment", "mu_eff", "sin2_theta12")
    counts = np.full_like(of.observed, 9.0)
    other = of.with_observed(counts).with_prior("sin2_theta12", flat(0.0, 1.0))
    other = other.with_fixed({"flux_b8": 1.05})
    assert "flux_b8" not in other.names and "flux_b8" in of.names
    assert other.parameters[other.index("sin2_theta12")].prior == flat(0.0, 1.0)
    x = of.start.copy()
    x[of.index("flux_b8")] = 1.05
    kept = [name != "flux_b8" for name in of.names]
    np.testing.assert_allclose(other.expected(x[kept]), of.expected(x), rtol=1e-12)
    np.testing.assert_array_equal(other.observed, counts)


def test_what_the_graph_cannot_do_is_refused_in_a_sentence() -> None:
    from bayesnu import contour_scan, limit, profile_scan, toys

    of = graph(ER, "light-mediator", "g_vector", "m_mediator")
    mediator = ([ER], "light-mediator")
    for ask in (
        lambda: of.templates,
        lambda: limit(*mediator, "g_vector", free=["m_mediator"], method="profile"),
        lambda: profile_scan(*mediator, "g_vector", free=["m_mediator"]),
        lambda: contour_scan(*mediator, ("g_vector", "m_mediator")),
        lambda: toys(of, "g_vector", [0.0], number=2),
    ):
        with pytest.raises(InputError, match="free mass, in which the counts are no polynomial"):
            ask()
    with pytest.raises(InputError, match="a free mass without a coupling"):
        likelihood_of([ER], "sterile-dipole", ["m4"])
    with pytest.raises(InputError, match="free parameter, in which the counts"):
        profile_scan([ER], "magnetic-moment", "mu_eff", free=["sin2_theta12"])
    with pytest.raises(InputError, match="beside the effective moment of a beam"):
        likelihood_of(
            ["xenonnt-2022-er@ternes-tortola-2025", "gemma-2012"],
            "transition-magnetic-moment",
            ["Lambda_1"],
            free=["sin2_theta12"],
        )
    both = likelihood_of([ER], "sterile-dipole", ["mu_e", "m4", "sin2_theta12"])
    with pytest.raises(InputError, match="which moves thresholds"):
        both.expected(both.start)


def test_maps_of_a_funnel_go_back_and_forth_within_the_prior() -> None:
    of = graph(ER, "light-mediator", "g_vector", "m_mediator")
    density = of.density()
    u = 3.0 * generator(5).normal(size=(200, density.size))
    x = density.to_parameters(u)
    assert ((x >= of.low) & (x <= of.high)).all()
    inside = (x[:, 0] < 0.999 * of.high[0]) & (x[:, 0] > 1e-12)
    back = density.to_unbounded(x[inside])
    np.testing.assert_allclose(back, u[inside], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("mass", [1.0, 1e3, 1e6])
def test_the_polynomial_of_a_heavy_mediator_keeps_its_highest_power(mass: float) -> None:
    held = likelihood_of([ER], "light-mediator", ["g_vector"], fixed={"m_mediator": mass})
    rate = RecoilRate(load(ER))
    for size in (0.03 * max(mass, 30.0), 0.1 * max(mass, 30.0)):
        values = {"g_vector": size, "m_mediator": mass}
        exact = sum(rate.counts(held.origin.signal, values).values())
        found = held.components(held.point({"g_vector": size}))[ER, "solar_nu"]
        np.testing.assert_allclose(found, exact, rtol=1e-9)


@pytest.mark.parametrize("prior", ["flat", "log"])
def test_the_pymc_model_of_a_funnel_is_the_same_density(prior: str) -> None:
    of = likelihood_of([NR], "light-mediator", ["g_vector", "m_mediator"], prior=prior)
    model = of.density().model()
    names = [variable.name for variable in model.value_vars]
    outputs = {v.name: v for v in model.unobserved_value_vars if v.name in of.names}
    to_parameters = model.compile_fn(
        list(outputs.values()), inputs=model.value_vars, point_fn=False, on_unused_input="ignore"
    )
    log_density = model.compile_logp()
    rng, differences = generator(3), []

    def parameters(u: np.ndarray) -> np.ndarray:
        found = dict(zip(outputs, to_parameters(*u), strict=True))
        return np.array([float(found[name]) for name in of.names])

    for seed in range(4):
        first = model.initial_point(random_seed=seed)
        u = np.array([float(first[name]) for name in names]) + 0.3 * rng.normal(size=len(names))
        jacobian = central(parameters, u, 1e-3)
        value = float(log_density(dict(zip(names, u, strict=True))))
        log_posterior = of.log_posterior(parameters(u))
        differences.append(value - log_posterior - np.linalg.slogdet(jacobian)[1])
    assert np.ptp(differences) < 1e-6  # the numerical Jacobian's error
