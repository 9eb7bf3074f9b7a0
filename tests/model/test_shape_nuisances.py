"""What a file says of its detector moves the neutrinos and all folded backgrounds alike."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytensor
import pytest
from experiment_files import OWN_MODEL, write_own
from monte_carlo import generator
from pymc.model.transform.conditioning import remove_value_transforms
from unbounded import log_jacobian

from bayesnu import asimov, build_likelihood, build_model, likelihood_of, load
from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.smearing import Moved
from bayesnu.inference.log_posterior import log_posterior
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.signals import MagneticMoment

XENONNT, LZ, NUCLEI = "xenonnt-2022-er", "lz-2022-er", "xenonnt-2024-8b"
SIGNAL, VALUES = MagneticMoment(), {"mu_eff": 1.0}
Variant = Callable[..., Path]


def entry(name: str, kind: str, sigma: float, more: str = "") -> str:
    return f'[nuisances.{name}]\nkind = "{kind}"\nsigma = {sigma}\n{more}\n'


def likelihood(*experiments: Experiment) -> Likelihood:
    return build_likelihood(experiments, SIGNAL, ["mu_eff"])


def moved(of: Likelihood, experiment: str, **pulls: float) -> dict[str, np.ndarray]:
    """Return the counts of all components of an experiment, other nuisances at expectation."""
    found = of.components(of.point({**VALUES, **pulls}))
    return {label: counts for (where, label), counts in found.items() if where == experiment}


def by_hand(experiment: Experiment, nominal: Experiment) -> dict[str, np.ndarray]:
    """Return what a detector makes of the neutrinos and of the other file's backgrounds."""
    rate = recoil_rate(experiment).spectrum(SIGNAL, VALUES)
    response = experiment.responses[0]
    found = {"solar_nu": response.nominal @ sum(rate.values())}
    for background in nominal.backgrounds:
        if background.recoils is not None:
            found[background.name] = (
                response.fold(background.recoils.grid)[()] @ background.recoils.density
            )
    return found


KINDS = {
    "threshold": ("threshold", 0.1),
    "efficiency": ("efficiency", 0.04),
    "resolution": ("resolution", 0.1),
    "scale": ("energy-scale", 0.01),
    "shift": ("energy-shift", 0.08),
}


def changed(experiment: Experiment, name: str, t: float) -> Experiment:
    """Return an experiment with a detector that is t sigma off, made without nuisances."""
    detector = experiment.responses[0].fold.__self__
    kind, sigma = KINDS[name]
    energy, efficiency = detector.efficiency
    if kind == "threshold":
        other = replace(detector, efficiency=(energy + t * sigma, efficiency))
    elif kind == "efficiency":
        other = replace(detector, efficiency=(energy, efficiency * (1.0 + t * sigma)))
    elif kind == "resolution":
        smearing = detector.smearing

        def wider(e: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            mean, width = smearing(e)
            return mean, (1.0 + t * sigma) * width

        other = replace(detector, smearing=wider)
    elif kind == "energy-scale":
        other = replace(detector, smearing=Moved(detector.smearing, scale=1.0 + t * sigma))
    else:
        other = replace(detector, smearing=Moved(detector.smearing, shift=t * sigma))
    return replace(experiment, responses=(other.response(experiment.grid),))


@pytest.mark.parametrize("name", [XENONNT, LZ])
@pytest.mark.parametrize("kind", KINDS)
def test_at_one_sigma_all_that_is_folded_is_what_the_moved_detector_makes_of_it(
    variant: Variant, name: str, kind: str
) -> None:
    path = variant(name, entry("it", *KINDS[kind]), "moved")
    experiment, nominal = load(path), load(name)
    of = likelihood(experiment)
    pull = next(n for n in of.names if n.startswith("it_"))
    for t in (-1.0, 0.0, 1.0):
        found = moved(of, "moved", **{pull: t})
        expected = by_hand(changed(nominal, kind, t), nominal)
        assert expected.keys() == found.keys()
        for label, counts in expected.items():
            # The file's grid reaches further, and has the kinks of the moved efficiency.
            scale = counts.max()
            np.testing.assert_allclose(found[label], counts, atol=2e-5 * scale, err_msg=label)


def test_the_files_own_shift_of_the_efficiency_is_one_sigma_of_the_threshold(
    variant: Variant,
) -> None:
    with_nuisance = load(variant(XENONNT, entry("threshold", "threshold", 0.1), "moved"))
    shifted = load(variant(XENONNT, "[efficiency]\nshift_keV = 0.1\n", "shifted"))
    of = likelihood(with_nuisance)
    found = moved(of, "moved", threshold_moved=1.0)["solar_nu"]
    np.testing.assert_allclose(found, moved(likelihood(shifted), "shifted")["solar_nu"], rtol=1e-6)


def test_a_finer_recoil_grid_changes_nothing(variant: Variant) -> None:
    lines = "".join(entry(name, *KINDS[name]) for name in KINDS)
    path = variant(LZ, lines, "fine")
    coarse, fine = (likelihood(load(path, refine_grid=refine)) for refine in (1, 3))
    x = coarse.point(VALUES)
    for name in KINDS:
        for t in (-1.0, 1.0):
            x[coarse.index(f"{name}_fine")] = t
            scale = coarse.expected(x).max()
            np.testing.assert_allclose(coarse.expected(x), fine.expected(x), atol=1e-4 * scale)
            x[coarse.index(f"{name}_fine")] = 0.0


def test_an_efficiency_band_is_its_columns(tmp_path: Path, own_model: Callable[..., Path]) -> None:
    columns = (
        "energy_keV,efficiency,high,low\n0.5,0,0,0\n1,0.4,0.5,0.2\n2,0.9,1,0.7\n11,0.9,1,0.7\n"
    )
    band = "[nuisances.band]\nkind = 'efficiency'\n" + "".join(
        f"{end} = {{ table = 'efficiency.csv', column = '{column}' }}\n"
        for end, column in (("up", "high"), ("down", "low"))
    )
    experiment = load(own_model(OWN_MODEL + band, efficiency=columns))
    of = likelihood(experiment)
    for t, column in ((1.0, "high"), (-1.0, "low"), (0.0, "efficiency")):
        model = OWN_MODEL.replace('energy = "true"', f'energy = "true"\ncolumn = "{column}"')
        path = write_own(tmp_path / column, model, efficiency=columns)
        expected = by_hand(load(path), experiment)
        for label, counts in moved(of, "own", band_own=t).items():
            np.testing.assert_allclose(counts, expected[label], rtol=1e-12)


TABLES = {
    "counts.csv": "low_keV,high_keV,counts\n1,3,12\n3,5,17\n5,7,18\n7,9,11\n9,11,9\n",
    "shape.csv": "low_keV,high_keV,mid,high,low,up,down\n"
    + "".join(
        f"{2 * i + 1},{2 * i + 3},{5 + i},{6 + 1.5 * i},{4.5 + 0.8 * i},"
        f"{1 + 0.1 * i},{1 - 0.05 * i}\n"
        for i in range(5)
    ),
}
COMPONENT = """
[backgrounds.shaped]
counts = { table = "shape.csv", column = "mid" }
events = 14
prior = { type = "gaussian", relative_sigma = 0.2 }
"""
TEMPLATE = """
[nuisances.tilt]
kind = "template"
components = ["shaped"]
up = { table = "shape.csv", column = "high" }
down = { table = "shape.csv", column = "low" }
"""
RATIO = """
[nuisances.form]
kind = "template"
components = ["solar_nu", "flat"]
ratio = true
up = { table = "shape.csv", column = "up" }
down = { table = "shape.csv", column = "down" }
"""
NORM = """
[nuisances.both]
kind = "norm"
components = ["shaped", "line"]
sigma = 0.1
"""


@pytest.fixture
def own(tmp_path: Path, own_model: Callable[..., Path]) -> Callable[[str], Path]:
    def write(lines: str) -> Path:
        path = own_model(OWN_MODEL + COMPONENT + lines)
        for name, text in TABLES.items():
            (path.parent / name).write_text(text)
        return path

    return write


def test_a_template_is_its_tables_with_the_size_of_the_nominal_one(own) -> None:
    of = likelihood(load(own(TEMPLATE)))
    i = np.arange(5)
    shapes = {0.0: 5.0 + i, 1.0: 6.0 + 1.5 * i, -1.0: 4.5 + 0.8 * i}
    scale = 14.0 / shapes[0.0].sum()
    for t, shape in shapes.items():
        np.testing.assert_allclose(moved(of, "own", tilt_own=t)["shaped"], scale * shape)
    assert of.parameters[of.index("tilt_own")].role == "background"


def test_ratios_move_the_neutrinos_and_the_backgrounds_that_are_named(own) -> None:
    of = likelihood(load(own(RATIO)))
    nominal, i = moved(of, "own", form_own=0.0), np.arange(5)
    for t, ratio in ((1.0, 1.0 + 0.1 * i), (-1.0, 1.0 - 0.05 * i)):
        found = moved(of, "own", form_own=t)
        for label in ("solar_nu", "flat"):
            np.testing.assert_allclose(found[label], nominal[label] * ratio, rtol=1e-12)
        np.testing.assert_allclose(found["line"], nominal["line"])


def test_a_norm_multiplies_all_components_it_names(own) -> None:
    of = likelihood(load(own(NORM)))
    nominal, found = moved(of, "own", both_own=1.0), moved(of, "own", both_own=1.2)
    for label, counts in found.items():
        factor = 1.2 if label in ("shaped", "line") else 1.0
        np.testing.assert_allclose(counts, factor * nominal[label])
    prior = of.parameters[of.index("both_own")].prior
    assert (prior.centre, prior.sigma) == (1.0, 0.1)


def test_ratios_multiply_where_a_file_says_so(variant: Variant) -> None:
    lines = entry("one", "efficiency", 0.1) + entry("two", "efficiency", 0.2)
    added = likelihood(load(variant(XENONNT, lines, "added")))
    lines = entry("one", "efficiency", 0.1) + entry(
        "two", "efficiency", 0.2, 'combine = "multiply"'
    )
    product = likelihood(load(variant(XENONNT, lines, "product")))
    nominal = moved(added, "added")["solar_nu"]
    a = moved(added, "added", one_added=1.0, two_added=1.0)["solar_nu"]
    b = moved(product, "product", one_product=1.0, two_product=1.0)["solar_nu"]
    np.testing.assert_allclose(a, 1.3 * nominal, rtol=1e-10)
    np.testing.assert_allclose(b, 1.1 * 1.2 * nominal, rtol=1e-10)


def test_correlated_nuisances_are_independent_ones_that_move_together(variant: Variant) -> None:
    lines = entry("one", "efficiency", 0.1) + entry("two", "energy-shift", 0.08)
    lines += '[[correlations]]\nnames = ["one", "two"]\nmatrix = [[1.0, 0.6], [0.6, 1.0]]\n'
    of = likelihood(load(variant(XENONNT, lines, "tied")))
    alone = entry("one", "efficiency", 0.1) + entry("two", "energy-shift", 0.08 * 0.8)
    apart = likelihood(load(variant(XENONNT, alone, "apart")))
    np.testing.assert_allclose(
        moved(of, "tied", two_tied=1.0)["solar_nu"],
        moved(apart, "apart", two_apart=1.0)["solar_nu"],
        rtol=1e-6,
    )
    # The first takes the second along, by the correlation.
    alone = entry("two", "energy-shift", 0.08 * 0.6)
    shifted = likelihood(load(variant(XENONNT, alone, "shifted")))
    np.testing.assert_allclose(
        moved(of, "tied", one_tied=1.0)["solar_nu"],
        1.1 * moved(shifted, "shifted", two_shifted=1.0)["solar_nu"],
        rtol=1e-6,
    )


def test_shared_nuisances_are_one_parameter_and_others_one_an_experiment(variant: Variant) -> None:
    lines = entry("scale", "energy-scale", 0.01) + entry(
        "level", "threshold", 0.1, 'shared = "common_level"'
    )
    both = [load(variant(name, lines, f"{name}-x")) for name in (XENONNT, LZ)]
    names = likelihood(*both).names
    assert names.count("common_level") == 1
    assert {"scale_xenonnt_2022_er_x", "scale_lz_2022_er_x"} <= set(names)


THEORY = '[nuisances.theory]\nkind = "atomic"\nprior = "flat"\n'


def test_atomic_theory_leads_from_steps_to_the_many_body_rate(variant: Variant) -> None:
    of = likelihood(load(variant(LZ, THEORY, "shared")))
    prior = of.parameters[of.index("theory_shared")].prior
    assert (prior.low, prior.high) == (0.0, 1.0)
    many_body = likelihood(load(variant(LZ, '[neutrinos]\natomic = "rrpa"\n', "rrpa")))
    steps = moved(likelihood(load(LZ)), LZ)["solar_nu"]
    found = [moved(of, "shared", theory_shared=share)["solar_nu"] for share in (0.0, 0.5, 1.0)]
    np.testing.assert_allclose(found[0], steps, rtol=1e-10)
    np.testing.assert_allclose(found[2], moved(many_body, "rrpa")["solar_nu"], rtol=1e-10)
    np.testing.assert_allclose(found[1], 0.5 * (found[0] + found[2]), rtol=1e-10)
    assert np.abs(found[2] / steps - 1.0).max() > 0.05


def test_a_flat_prior_ends_at_one_sigma(variant: Variant) -> None:
    of = likelihood(load(variant(XENONNT, entry("it", "threshold", 0.1, 'prior = "flat"'), "a")))
    prior = of.parameters[of.index("it_a")].prior
    assert (prior.low, prior.high, prior.has_pull) == (-1.0, 1.0, False)


def test_what_is_expected_is_the_nominal_shape_also_under_a_flat_prior(variant: Variant) -> None:
    flat = entry("it", "threshold", 0.1, 'prior = "flat"') + THEORY
    found = asimov([variant(XENONNT, flat, "flat")])["flat"]
    np.testing.assert_allclose(found, asimov([XENONNT])[XENONNT], rtol=1e-10)


def test_files_without_nuisances_are_what_they_were() -> None:
    experiment = load(f"{XENONNT}@khan-2022")
    text = repr(experiment.file)
    assert "correlations=" not in text and "nuisances={" not in text
    assert not experiment.response_factors[1:]


COUNTS = "xenonnt-8b/2024_sr0_81bins.csv"
ON_NUCLEI = f"""
[nuisances.coincidence]
kind = "template"
components = ["AC_sr0"]
up = {{ sr0 = {{ table = "{COUNTS}", column = "ER" }} }}
down = {{ sr0 = {{ table = "{COUNTS}", column = "AC" }} }}

[nuisances.level]
kind = "norm"
components = ["solar_nu", "ER"]
sigma = 0.2
prior = "log-normal"
"""


def all_kinds(variant: Variant, own: Callable[[str], Path]) -> Iterator[Likelihood]:
    every = "".join(entry(name, *KINDS[name]) for name in KINDS)
    every += '[[correlations]]\nnames = ["scale", "shift"]\nmatrix = [[1.0, -0.5], [-0.5, 1.0]]\n'
    own_kinds = TEMPLATE + RATIO + NORM + entry("level", "threshold", 0.1, 'combine = "multiply"')
    yield likelihood(load(variant(LZ, every + THEORY, "all")))
    angles = '[neutrinos]\nsurvival = "msw"\n[neutrinos.oscillation]\nnuisances = true\n'
    theory = variant(XENONNT, THEORY + angles, "theory")
    yield likelihood_of([theory], "millicharge", ["q_ee", "q_emu"])
    yield likelihood(load(own(own_kinds)))
    yield likelihood(load(variant(NUCLEI, ON_NUCLEI, "nuclei")))


def points(of: Likelihood) -> np.ndarray:
    """Return points within bounds, nuisances up to two widths off."""
    rng, x = generator(3), []
    for p in of.parameters:
        r = rng.uniform(-1.0, 1.0, 20)
        if p.role == "signal":
            drawn = 1.5 + r
        elif p.prior.log_normal:
            drawn = np.exp(r * p.prior.sigma)
        elif p.prior.is_gaussian:
            drawn = p.prior.centre + 2.0 * p.prior.sigma * r
        else:
            drawn = 0.9 + 0.1 * r
        x.append(np.clip(drawn, p.prior.low + 1e-3, p.prior.high - 1e-3))
    return np.array(x).T


def test_numpy_compiled_templates_and_graph_are_one_density(variant: Variant, own) -> None:
    for of in all_kinds(variant, own):
        x = points(of)
        kernel = log_posterior(of)
        function, u = kernel.function(), kernel.to_unbounded(x)
        ours = np.array([of.log_posterior(point) for point in x])
        found = {"compiled": [function(at)[0] - log_jacobian(of, kernel, at) for at in u]}
        for form in ("graph", "templates"):
            model = remove_value_transforms(build_model(of, templates=form == "templates"))
            variables = [model.rvs_to_values[model[name]] for name in of.names]
            logp = model.logp(jacobian=False)
            density = pytensor.function(variables, logp, mode="FAST_COMPILE")
            found[form] = [float(density(*point)) for point in x]
        scale = np.maximum(1.0, np.abs(ours) / 1e3)
        for form, values in found.items():
            difference = np.array(values) - ours
            assert np.abs((difference - difference[0]) / scale).max() < 1e-9, form


WRONG = {
    "atomic with a width": (entry("a", "atomic", 0.1), "neither sigma"),
    "atomic of free electrons": (
        '[neutrinos]\natomic = "free"\n[nuisances.a]\nkind = "atomic"\n',
        "begins at",
    ),
    "tables in pairs": (
        '[nuisances.a]\nkind = "template"\ncomponents = ["Kr85"]\n'
        'up = { table = "x.csv", column = "y" }\n',
        "in pairs",
    ),
    "no width": ('[nuisances.a]\nkind = "threshold"\n', "either sigma or tables"),
    "relative and large": (entry("a", "resolution", 1.5), "below 1"),
    "components of a response": (
        entry("a", "threshold", 0.1, 'components = ["Kr85"]'),
        "components belong to",
    ),
    "norm of nothing": (entry("a", "norm", 0.1), "components belong to"),
    "log-normal": (entry("a", "threshold", 0.1, 'prior = "log-normal"'), "log-normal"),
    "no such component": (entry("a", "norm", 0.1, 'components = ["Kr"]'), "Kr85"),
    "a name that is taken": (entry("signal", "threshold", 0.1), "another"),
    "a name that is none": (entry("a-b", "threshold", 0.1), "a-b"),
    "correlated with nothing": (
        entry("a", "threshold", 0.1)
        + '[[correlations]]\nnames = ["a", "b"]\nmatrix = [[1.0, 0.1], [0.1, 1.0]]\n',
        "not in nuisances",
    ),
    "correlated norms": (
        entry("a", "threshold", 0.1)
        + entry("b", "norm", 0.1, 'components = ["Kr85"]')
        + '[[correlations]]\nnames = ["a", "b"]\nmatrix = [[1.0, 0.1], [0.1, 1.0]]\n',
        "cannot be correlated",
    ),
    "no correlation": (
        entry("a", "threshold", 0.1)
        + entry("b", "resolution", 0.1)
        + '[[correlations]]\nnames = ["a", "b"]\nmatrix = [[1.0, 1.0], [1.0, 1.0]]\n',
        "positive definite",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_makes_no_sense_is_refused_in_a_sentence(variant: Variant, case: str) -> None:
    lines, words = WRONG[case]
    with pytest.raises(InputError, match=words):
        load(variant(XENONNT, lines))


def test_lines_have_no_table_to_replace(own) -> None:
    with pytest.raises(InputError, match="ratio = true"):
        load(own(TEMPLATE.replace('"shaped"', '"line"')))


def test_a_likelihood_of_names_takes_the_nuisances_of_a_file(variant: Variant) -> None:
    path = variant(XENONNT, entry("it", "threshold", 0.1), "named")
    assert "it_named" in likelihood_of([path], "magnetic-moment", ["mu_eff"]).names
