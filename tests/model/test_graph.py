"""The PyMC model made of cross sections is the same likelihood as all other forms of it."""

from functools import cache

import numpy as np
import pytensor
import pytest
from monte_carlo import generator
from pymc.model.transform.conditioning import remove_value_transforms
from unbounded import log_jacobian

from bayesnu import asimov, build_likelihood, build_model, likelihood_of, load
from bayesnu.errors import InputError
from bayesnu.inference.log_posterior import log_posterior
from bayesnu.likelihood.likelihood import COUNTS_FLOOR, Likelihood
from bayesnu.model.rate import RecoilRate
from bayesnu.physics.signals import StandardModel, signal_by_tag

ER, NR = "xenonnt-2022-er@giunti-ternes-2023", "pandax4t-2024-8b"
PHASES = ("phi_1", "phi_3")
SIZES = ("Lambda_1", "Lambda_2", "Lambda_3")
BEAMS = ("gemma-2012", "lsnd-2001", "borexino-2017")

CASES = {
    "moment, electrons": ((ER,), "magnetic-moment", ("mu_e", "mu_mu", "mu_tau"), {}),
    "moment, nuclei": ((NR,), "magnetic-moment", ("mu_eff",), {}),
    "moment, both": (("lz-2024-er", "xenonnt-2026-8b"), "magnetic-moment", ("mu_eff",), {}),
    "charges, electrons": ((ER,), "millicharge", ("q_ee", "q_mumu", "q_etau"), {}),
    "charges, photons": (
        ("lz-2022-er@atzori-corona-2022-ar37-epa",),
        "millicharge",
        ("q_ee", "q_emu"),
        {},
    ),
    "charges, nuclei": (("xenonnt-2024-8b@deromeri-2024",), "millicharge", ("q_ee", "q_emu"), {}),
    "radii, electrons": ((ER,), "charge-radius", ("r2_eff", "r2_emu"), {}),
    "radii, nuclei": ((NR,), "charge-radius", ("r2_ee", "r2_mutau"), {}),
    "anapole, electrons": ((ER,), "anapole-moment", ("a_e", "a_mu"), {}),
    "anapole, nuclei": ((NR,), "anapole-moment", ("a_eff",), {}),
    "sterile, electrons": ((ER,), "sterile-dipole", ("mu_e", "mu_tau"), {"m4": 0.1}),
    "sterile, nuclei": ((NR,), "sterile-dipole", ("mu_eff",), {"m4": 5.0}),
    "mediators, electrons": (
        (ER,),
        "light-mediator",
        ("g_vector", "g_axial", "g_scalar", "g_pseudoscalar"),
        {"m_mediator": 50.0},
    ),
    "mediators, nuclei": ((NR,), "light-mediator", ("g_vector", "g_scalar"), {"m_mediator": 1e4}),
    "tensor, electrons": ((ER,), "tensor-mediator", ("g_tensor",), {"m_mediator": 50.0}),
    "tensor, nuclei": ((NR,), "tensor-mediator", ("g_tensor",), {"m_mediator": 1e4}),
    "gauge boson, electrons": ((ER,), "gauge-boson-le-lmu", ("g",), {"m_boson": 50.0}),
    "gauge boson, nuclei": ((NR,), "gauge-boson-b-3l_mu", ("g",), {"m_boson": 1e4}),
    "gauge boson, beam": (("coherent-lar-2020",), "gauge-boson-lmu-ltau", ("g",), {}),
    "mixing angle, loops": (
        ("lz-2022-er@atzori-corona-2022",),
        "weak-mixing-angle",
        ("sin2_theta_w",),
        {},
    ),
    "mixing angle, both": (
        ("lz-2024-er", "xenonnt-2026-8b"),
        "weak-mixing-angle",
        ("sin2_theta_w",),
        {},
    ),
    "mixing angle, quenching": (("conus-plus-2025",), "weak-mixing-angle", ("sin2_theta_w",), {}),
    "fluxes, electrons": ((ER,), "solar-flux", ("flux_pp",), {"flux_be7": 1.1}),
    "fluxes, nuclei": (("xenonnt-2026-8b",), "solar-flux", ("flux_b8", "flux_hep"), {}),
    "transitions, electrons": ((ER,), "transition-magnetic-moment", SIZES, {}),
    "transitions, nuclei": ((NR,), "transition-magnetic-moment", SIZES, {}),
    "transitions, beams": (
        ("xenonnt-2022-er@ternes-tortola-2025", *BEAMS),
        "transition-magnetic-moment",
        (*SIZES, *PHASES),
        {},
    ),
    "quenching": (("conus-plus-2025",), "magnetic-moment", ("mu_eff",), {}),
    "quenching, charges": (("conus-plus-2025",), "millicharge", ("q_ee", "q_emu"), {}),
    "bins in time": (("coherent-csi-2021",), "charge-radius", ("r2_mumu",), {}),
    "shapes of nuclei": (("coherent-lar-2020",), "charge-radius", ("r2_mumu",), {}),
    "moments by flavour": (
        ("conus-plus-2025", "xenonnt-2022-er@ternes-tortola-2025"),
        "transition-magnetic-moment",
        (*SIZES, *PHASES),
        {},
    ),
    "light yields": (("xenonnt-2026-s2only",), "magnetic-moment", ("mu_eff",), {}),
    "non-standard, electrons": (
        ("xenonnt-2022-er",),
        "nsi-electron",
        ("eps_L_ee", "eps_V_mutau", "size_R_emu", "phi_R_emu"),
        {"eps_A_tautau": 0.2},
    ),
    "non-standard, nuclei": ((NR,), "nsi-quark", ("eps_u_ee", "im_d_etau"), {"eps_d_ee": 0.1}),
    "non-standard, beam": (("coherent-csi-2021",), "nsi-quark", ("eps_u_ee", "eps_d_mutau"), {}),
    "detector table": (("xenonnt-2022-er",), "millicharge", ("q_ee",), {}),
}


@cache
def likelihood(case: str) -> Likelihood:
    experiments, signal, free, fixed = CASES[case]
    return likelihood_of(experiments, signal, free, fixed=fixed)


def points(of: Likelihood, count: int) -> np.ndarray:
    """Return points inside all bounds: signals up to typical sizes, nuisances of two widths."""
    rng, x = generator(11), np.empty((count, len(of.names)))
    probes = {p.name: p.probe for p in of.origin.signal.parameters}
    for column, p in enumerate(of.parameters):
        if p.role == "signal":
            size = probes[p.name]
            size = min(size, p.prior.high)
            drawn = rng.uniform(0.02 if p.prior.low >= 0.0 else -1.0, 1.0, count) * size
        elif p.prior.log_normal:
            drawn = np.exp(rng.uniform(-1.0, 1.0, count) * p.prior.sigma)
        elif p.prior.is_gaussian:
            drawn = p.prior.centre + 2.0 * p.prior.sigma * rng.uniform(-1.0, 1.0, count)
        else:
            drawn = rng.uniform(0.6, 1.2, count)
        x[:, column] = np.clip(drawn, p.prior.low + 1e-3, p.prior.high - 1e-3)
    return x


def density(of: Likelihood, templates: bool = False, gradient: bool = False):
    """Return x -> log-density, and its gradient, of a PyMC model on the parameters' own scale."""
    model = remove_value_transforms(build_model(of, templates=templates))
    variables = [model.rvs_to_values[model[name]] for name in of.names]
    logp = model.logp(jacobian=False)
    outputs = [logp, *(pytensor.grad(logp, variables) if gradient else [])]
    found = pytensor.function(variables, outputs, mode="FAST_COMPILE", on_unused_input="ignore")
    return lambda x: [float(value) for value in found(*x)]


@pytest.mark.parametrize("case", CASES)
def test_graph_templates_numpy_and_compiled_likelihood_are_one_density(case: str) -> None:
    check_one_density(likelihood(case))


SHAPES = """
extends = "{name}"
[nuisances.threshold]
kind = "threshold"
sigma = 0.01
[nuisances.scale]
kind = "energy-scale"
sigma = 0.02
combine = "multiply"
[nuisances.resolution]
kind = "resolution"
sigma = 0.1
[nuisances.efficiency]
kind = "efficiency"
sigma = 0.03
prior = "flat"
"""


def test_a_quenched_detector_with_shapes_is_one_density(tmp_path) -> None:
    path = tmp_path / "shapes.toml"
    path.write_text(SHAPES.format(name="conus-plus-2025"))
    of = likelihood_of([load(path)], "millicharge", ["q_ee"])
    assert {"threshold_shapes", "scale_shapes", "quenching_k_shapes"} <= set(of.names)
    check_one_density(of)


def check_one_density(of: Likelihood) -> None:
    x = points(of, 100)
    kernel = log_posterior(of)
    u = kernel.to_unbounded(x)
    compiled = kernel.function()
    graph, templates = density(of, gradient=True), density(of, templates=True)
    ours = np.array([of.log_posterior(point) for point in x])
    found = [graph(point) for point in x]
    others = {
        "graph": [value for value, *_ in found],
        "templates": [templates(point)[0] for point in x],
        "compiled": [compiled(at)[0] - log_jacobian(of, kernel, at) for at in u],
    }
    scale = np.maximum(1.0, np.abs(ours) / 1e3)  # 1e-9 of values of order 10^3: rounding grows
    for name, values in others.items():
        difference = np.array(values) - ours
        assert np.abs((difference - difference[0]) / scale).max() < 1e-9, name
    for point, (_, *slopes) in zip(x, found, strict=True):
        if of.expected(point).min() <= COUNTS_FLOOR:
            continue  # the floor of the counts has no slope
        exact = -0.5 * of.chi2_and_gradient(point)[1] - of.log_normal / np.maximum(point, 1e-300)
        np.testing.assert_allclose(slopes, exact, rtol=1e-6, atol=1e-6 * np.abs(exact).max())


def test_the_graph_shows_what_is_between_cross_sections_and_counts() -> None:
    experiment = load(ER)
    of = likelihood("moment, electrons")
    model = build_model(of)
    assert [variable.name for variable in model.free_RVs] == list(of.names)
    tail = "xenonnt_2022_er_at_giunti_ternes_2023"
    names = [f"{kind}_{tail}" for kind in ("dsigma_dT", "recoil_rate", "expected")]
    assert [model.named_vars_to_dims[name] for name in names] == [
        (f"component_{tail}", f"recoil_{tail}"),
        (f"recoil_{tail}",),
        (f"bin_{tail}",),
    ]
    np.testing.assert_allclose(model.coords[f"recoil_{tail}"], experiment.grid.energy)
    assert model.named_vars_to_dims[f"counts_{tail}"] == (f"bin_{tail}",)
    point = of.point({"mu_e": 1.0, "mu_mu": 2.0})
    variables = [model[name] for name in of.names]
    values = pytensor.function(variables, [model[name] for name in names], mode="FAST_COMPILE")
    sections, rate, expected = values(*point)
    exact = RecoilRate(experiment)
    by_component = exact.spectrum(of.origin.signal, {"mu_e": 1.0, "mu_mu": 2.0})
    np.testing.assert_allclose(rate, sum(by_component.values()), rtol=1e-12)
    by_hand = exact.per_t_yr(StandardModel(), {})[:, None] * sections
    np.testing.assert_allclose(by_hand, list(by_component.values()), rtol=1e-12)
    np.testing.assert_allclose(expected, of.expected(point), rtol=1e-12)


def test_a_model_is_made_of_a_question_or_of_what_makes_one() -> None:
    wanted = [("xenonnt-2022-er",), "magnetic-moment", ["mu_eff"]]
    for model in (build_model(*wanted), build_model(*wanted, templates=True)):
        assert "mu_eff" in model.named_vars
        assert ("dsigma_dT_xenonnt_2022_er" in model.named_vars) != (
            "templates_xenonnt_2022_er" in model.named_vars
        )


def test_other_data_and_priors_of_a_likelihood_are_those_of_its_graph() -> None:
    of = likelihood("moment, nuclei")
    counts = np.arange(len(of.observed), dtype=float) + 1.0
    held = {"flux_b8": 1.1, of.names[-1]: 0.9}
    changed = of.with_observed(counts).with_fixed(held)
    model = build_model(changed)
    assert [variable.name for variable in model.free_RVs] == list(changed.names)
    graph = density(changed)
    x = points(changed, 5)
    difference = [graph(point)[0] - changed.log_posterior(point) for point in x]
    assert np.ptp(difference) < 1e-9


def test_weak_interactions_alone_are_a_model_too() -> None:
    of = build_likelihood([load(NR)], StandardModel(), [])
    graph = density(of)
    x = 0.95 * of.start + 0.1 * generator(2).uniform(size=(5, len(of.start)))
    difference = [graph(point)[0] - of.log_posterior(point) for point in x]
    assert np.ptp(difference) < 1e-9


def test_a_likelihood_that_does_not_know_what_it_was_made_of_is_its_templates() -> None:
    import pickle

    travelled = pickle.loads(pickle.dumps(likelihood("moment, nuclei")))
    assert travelled.origin is None
    assert "templates_pandax4t_2024_8b" in build_model(travelled).named_vars


def test_an_effect_of_ones_own_acts_between_cross_sections_and_data() -> None:
    import pymc as pm

    experiment = load("xenonnt-2022-er")
    middle = 0.5 * (experiment.edges[1:] + experiment.edges[:-1])

    def tilt(name: str, expected):
        slope = pm.Normal("tilt", 0.0, 0.02)
        return expected * (1.0 + slope * (middle - 70.0) / 70.0)

    of = likelihood_of([experiment], "magnetic-moment", ["mu_eff"])
    model = build_model(of, effect=tilt)
    variables = [model[name] for name in (*of.names, "tilt")]
    expected = pytensor.function(variables, model["expected_xenonnt_2022_er"], mode="FAST_COMPILE")
    point = of.point({"mu_eff": 1.0})
    np.testing.assert_allclose(
        expected(*point, 0.1), of.expected(point) * (1.0 + 0.1 * (middle - 70.0) / 70.0)
    )
    with pytest.raises(InputError, match="effect"):
        build_model(of, effect=tilt, templates=True)


def test_expected_data_are_data_of_the_graph() -> None:
    data = asimov([NR], "magnetic-moment", {"mu_eff": 100.0})
    of = likelihood_of([NR], "magnetic-moment", ["mu_eff"], observed=data)
    model = build_model(of)
    np.testing.assert_allclose(model["data_pandax4t_2024_8b"].get_value(), data[NR])


def test_a_signal_of_a_channel_keeps_its_units_in_the_graph() -> None:
    of = build_likelihood([load(NR)], signal_by_tag("millicharge", "nuclear-recoil"), ["q_ee"])
    graph, x = density(of), points(of, 4)
    assert np.ptp([graph(point)[0] - of.log_posterior(point) for point in x]) < 1e-9
