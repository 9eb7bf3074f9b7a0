"""Exported likelihoods have the package's chi2 and limits in other people's hands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from monte_carlo import generator, stochastic

from bayesnu import (
    export_likelihood,
    joint_likelihood,
    likelihood_of,
    linearised,
    read_pyhf,
)
from bayesnu.cli import main
from bayesnu.errors import InputError
from bayesnu.inference.profile import profile
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.threshold import threshold

CUT = threshold(0.9, 1)
BOTH = ["xenonnt-2022-er", "lz-2022-er"]

# pyhf validates with what jsonschema has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver:DeprecationWarning")

Chi2 = Callable[[dict[str, float]], float]


def without_detectors(likelihood: Likelihood) -> Likelihood:
    """Hold what moves detectors and mixing: what is left has no products of nuisances."""
    moved = [p.name for p in likelihood.parameters if p.role in ("oscillation", "response")]
    return likelihood.with_fixed(dict.fromkeys(moved, 0.0))


@pytest.fixture(scope="module")
def moment() -> Likelihood:
    return likelihood_of(BOTH, "magnetic-moment", ["mu_eff"])


@pytest.fixture(scope="module")
def charge() -> Likelihood:
    return likelihood_of(["xenonnt-2022-er"], "millicharge", ["q_ee"])


def points(likelihood: Likelihood, seed: int, count: int = 20) -> list[np.ndarray]:
    """Return random points where no counts are negative: only this package has a floor there."""
    rng, found = generator(seed), []
    while len(found) < count:
        x = likelihood.start.copy()
        for i, parameter in enumerate(likelihood.parameters):
            prior = parameter.prior
            if parameter.role == "signal":
                x[i] = rng.uniform(max(prior.low, -0.5), min(prior.high, 0.5))
            elif prior.is_gaussian:
                x[i] = max(prior.low, prior.centre + prior.sigma * rng.uniform(-0.9, 0.9))
            else:
                x[i] = rng.uniform(max(prior.low, 0.2), min(prior.high, 1.2))
        if (likelihood.coefficients(x) @ likelihood.templates).min() > 0.0:
            found.append(x)
    return found


def written(likelihood: Likelihood, kind: str, folder: Path, name: str) -> Any:
    files = export_likelihood(likelihood, kind, folder)
    assert folder / name in files
    return json.loads((folder / name).read_text(encoding="utf-8"))


def to_pyhf(likelihood: Likelihood, x: np.ndarray) -> dict[str, float]:
    """Return the values that pyhf's parameters have, of a magnetic moment."""
    values = {}
    for parameter, value in zip(likelihood.parameters, x, strict=True):
        prior = parameter.prior
        if parameter.role == "signal":
            values["mu_eff_2"] = value**2
        elif prior.is_gaussian:
            values[parameter.name] = (value - prior.centre) / prior.sigma
        else:
            values[parameter.name] = value
    return values


@stochastic
@pytest.mark.parametrize("form", [without_detectors, linearised])
def test_chi2_is_that_of_pyhf(form: Any, moment: Likelihood, tmp_path: Path) -> None:
    import pyhf

    likelihood = form(moment)
    workspace = pyhf.Workspace(written(likelihood, "pyhf", tmp_path, "workspace.json"))
    model = workspace.model()
    data = workspace.data(model)
    found = []
    for x in points(likelihood, 1):
        values = to_pyhf(likelihood, x)
        theirs = float(model.logpdf([values[n] for n in model.config.par_order], data)[0])
        found.append(float(likelihood.chi2(x)) + 2.0 * theirs)
    assert np.ptp(found) < 1e-8


def test_pyhf_finds_the_same_limit_on_a_moment(moment: Likelihood, tmp_path: Path) -> None:
    import pyhf

    likelihood = without_detectors(moment)
    workspace = pyhf.Workspace(written(likelihood, "pyhf", tmp_path, "workspace.json"))
    model = workspace.model()
    data = workspace.data(model)
    assert model.config.poi_name == "mu_eff_2"
    limit = profile(likelihood, "mu_eff").intervals(CUT)[-1][1]
    assert limit is not None
    pyhf.set_backend("numpy", "minuit")
    try:
        _, least = pyhf.infer.mle.fit(data, model, return_fitted_val=True)
        for share, sign in ((1.0 - 1e-4, -1.0), (1.0 + 1e-4, 1.0)):
            square = (limit * share) ** 2
            _, at = pyhf.infer.mle.fixed_poi_fit(square, data, model, return_fitted_val=True)
            assert sign * (float(at) - float(least) - CUT) > 0.0
    finally:
        pyhf.set_backend("numpy")


def test_a_patch_set_has_the_profile_of_a_charge(charge: Likelihood, tmp_path: Path) -> None:
    import pyhf

    likelihood = without_detectors(charge)
    base = pyhf.Workspace(written(likelihood, "pyhf", tmp_path, "workspace.json"))
    patches = pyhf.PatchSet(json.loads((tmp_path / "patchset.json").read_text(encoding="utf-8")))
    patches.verify(base)
    curve = profile(likelihood, "q_ee")
    assert [patch.values[0] for patch in patches] == pytest.approx(list(curve.values))
    near = int(np.argmin(np.abs(np.array(curve.delta_chi2) - CUT)))
    best = int(np.argmin(curve.delta_chi2))
    pyhf.set_backend("numpy", "minuit")
    try:
        least = []
        for number in (best, near):
            workspace = pyhf.Workspace(patches.apply(base, f"value_{number}"))
            model = workspace.model()
            data = workspace.data(model)
            least.append(float(pyhf.infer.mle.fit(data, model, return_fitted_val=True)[1]))
    finally:
        pyhf.set_backend("numpy")
    ours = curve.delta_chi2[near] - curve.delta_chi2[best]
    # The limit is known to 1e-4 where chi2 is to a few 1e-4: its slope there is several a unit.
    assert least[1] - least[0] == pytest.approx(ours, abs=1e-4)


def pyhs3_chi2(likelihood: Likelihood, folder: Path, mode: str) -> Chi2:
    """Return chi2 as pyhs3 evaluates the exported file, up to a constant."""
    import pyhs3
    import pytensor
    from pytensor.graph.traversal import explicit_graph_inputs

    document = written(likelihood, "hs3", folder, "hs3.json")
    model = pyhs3.Workspace(**document).model("analysis", progress=False)
    assert set(model.free_params) == set(likelihood.names)
    inputs = [v for v in explicit_graph_inputs([model.log_prob]) if v.name]
    names = [str(v.name) for v in inputs]
    compiled = pytensor.function(inputs, -2.0 * model.log_prob.sum(), mode=mode)
    return lambda values: float(compiled(*[values[name] for name in names]))


def same_chi2(likelihood: Likelihood, theirs: Chi2) -> None:
    found = [
        float(likelihood.chi2(x)) - theirs(dict(zip(likelihood.names, x, strict=True)))
        for x in points(likelihood, 2)
    ]
    assert np.ptp(found) < 1e-8


@stochastic
def test_chi2_with_all_nuisances_is_that_of_pyhs3(moment: Likelihood, tmp_path: Path) -> None:
    same_chi2(moment, pyhs3_chi2(moment, tmp_path, "FAST_COMPILE"))


@stochastic
@pytest.mark.parametrize(("name", "parameter"), [("moment", "mu_eff"), ("charge", "q_ee")])
def test_chi2_and_limit_are_those_of_pyhs3(
    name: str, parameter: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    from iminuit import Minuit

    # With fewer nuisances it is compiled in a fraction of the time.
    likelihood = without_detectors(request.getfixturevalue(name))
    theirs = pyhs3_chi2(likelihood, tmp_path, "NUMBA")
    same_chi2(likelihood, theirs)
    limit = profile(likelihood, parameter).intervals(CUT)[-1][1]
    assert limit is not None

    def least(value: float, free: bool = False) -> float:
        start = dict(zip(likelihood.names, likelihood.start, strict=True)) | {parameter: value}
        minuit = Minuit(lambda x: theirs(dict(zip(start, x, strict=True))), list(start.values()))
        for i, p in enumerate(likelihood.parameters):
            minuit.limits[i] = (p.prior.low, p.prior.high)
            minuit.errors[i] = p.prior.sigma if p.prior.has_pull else 0.1
        minuit.fixed[likelihood.index(parameter)] = not free
        minuit.tol = 1e-4
        minuit.migrad(ncall=20000)
        return float(minuit.fval)

    lowest = least(0.3 * limit, free=True)
    assert least(limit * (1.0 - 1e-4)) - lowest < CUT < least(limit * (1.0 + 1e-4)) - lowest


def chi2_by_the_formula(found: Any, values: dict[str, float]) -> float:
    """Return chi2 from templates.json as its text says, with nothing of this package."""

    def factor(name: str) -> float:
        kind, _, own = name.rpartition(" ")
        x = values[own]
        bent = x**2 if abs(x) <= 1.0 else 2.0 * abs(x) - 1.0
        return {"": x, "cos": np.cos(x), "sin": np.sin(x), "bend": bent}[kind]

    first = {entry["experiment"]: entry["first"] for entry in found["bins"]}
    counts = np.zeros(len(found["observed"]))
    for term in found["terms"]:
        start = first[term["experiment"]]
        product = np.prod([factor(name) for name in term["factors"]])
        counts[start : start + len(term["counts"])] += product * np.array(term["counts"])
    counts = np.maximum(counts, 1e-10)
    total = 0.0
    for n, expected, sigma in zip(found["observed"], counts, found["sigma"], strict=True):
        if sigma > 0.0:
            total += ((expected - n) / sigma) ** 2
        else:
            total += 2.0 * (expected - n + (n * np.log(n / expected) if n else 0.0))
    for entry in found["parameters"]:
        if entry["sigma"] is not None:
            x, centre = values[entry["name"]], entry["centre"]
            off = np.log(x / centre) if entry["log_normal"] else x - centre
            total += (off / entry["sigma"]) ** 2
    return total


@stochastic
@pytest.mark.parametrize(
    ("experiments", "signal", "parameter"),
    [(BOTH, "magnetic-moment", "mu_eff"), (["conus-plus-2025"], "magnetic-moment", "mu_eff")],
)
def test_templates_and_their_formula_are_all_that_chi2_needs(
    experiments: list[str], signal: str, parameter: str, tmp_path: Path
) -> None:
    likelihood = likelihood_of(experiments, signal, [parameter])
    found = written(likelihood, "json", tmp_path, "templates.json")
    assert all(entry["unit"] for entry in found["parameters"])
    for x in points(likelihood, 3):
        values = dict(zip(likelihood.names, x, strict=True))
        assert chi2_by_the_formula(found, values) == pytest.approx(float(likelihood.chi2(x)))


def test_npz_holds_the_same_without_pickle(charge: Likelihood, tmp_path: Path) -> None:
    (path,) = export_likelihood(charge, "npz", tmp_path)
    found = np.load(path, allow_pickle=False)
    np.testing.assert_array_equal(found["templates"], charge.templates)
    np.testing.assert_array_equal(found["observed"], charge.observed)
    assert found["factors"][0] == "flux_pp"
    assert json.loads(str(found["about"]))["format"] == "bayesnu-templates-1"


def test_what_was_written_for_pyhf_is_read_again(moment: Likelihood, tmp_path: Path) -> None:
    likelihood = without_detectors(moment)
    path, about = export_likelihood(likelihood, "pyhf", tmp_path)
    again = read_pyhf(path, about=about)
    assert set(again.names) == set(likelihood.names) and again.signals == ("mu_eff",)
    found = []
    for x in points(likelihood, 5, count=5):
        values = dict(zip(likelihood.names, x, strict=True))
        theirs = again.chi2(np.array([values[name] for name in again.names]))
        found.append(float(likelihood.chi2(x)) - float(theirs))
    assert max(map(abs, found)) < 1e-8


def test_a_workspace_is_a_constraint_beside_an_experiment(
    moment: Likelihood, tmp_path: Path
) -> None:
    """XENONnT from its workspace and LZ are what both are, shared fluxes included."""
    parts = [
        without_detectors(likelihood_of([name], "magnetic-moment", ["mu_eff"])) for name in BOTH
    ]
    path, about = export_likelihood(parts[0], "pyhf", tmp_path)
    both = joint_likelihood([parts[1], read_pyhf(path, about=about)])
    whole = without_detectors(moment)
    limits = [profile(one, "mu_eff").intervals(CUT)[-1][1] for one in (both, whole)]
    assert limits[0] == pytest.approx(limits[1], rel=1e-6)


def test_products_of_nuisances_are_refused_for_pyhf_with_what_to_do(moment: Likelihood) -> None:
    with pytest.raises(InputError, match="one Gaussian nuisance a term"):
        export_likelihood(moment, "pyhf", "nowhere")


def test_gaussian_counts_and_tied_parameters_are_refused_for_pyhf() -> None:
    conus = likelihood_of(["conus-plus-2025"], "magnetic-moment", ["mu_eff"])
    with pytest.raises(InputError, match="Gaussian errors"):
        export_likelihood(linearised(conus), "pyhf", "nowhere")
    several = likelihood_of(["xenonnt-2022-er"], "millicharge", ["q_ee"], fit="marginal")
    with pytest.raises(InputError, match="several powers of one"):
        export_likelihood(linearised(several), "pyhf", "nowhere")


def test_the_first_order_has_the_slopes_of_the_whole(moment: Likelihood) -> None:
    first = linearised(moment)
    x = moment.point({"mu_eff": 0.5})
    np.testing.assert_allclose(first.expected(x), moment.expected(x), rtol=1e-12)
    for i, parameter in enumerate(moment.parameters):
        if parameter.prior.is_gaussian:
            move = np.zeros(len(x))
            move[i] = 1e-6 * parameter.prior.sigma
            ours, theirs = (one.expected(x + move) - one.expected(x) for one in (first, moment))
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-9)


def test_the_command_writes_what_the_function_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["export", "xenonnt-2022-er", "--signal", "magnetic-moment", "--parameter", "mu_eff"]
    out = tmp_path / "out"
    formats = ["--format", "pyhf", "--format", "json", "--first-order", "--out", str(out)]
    assert main([*words, *formats]) == 0
    assert "workspace.json" in capsys.readouterr().out
    likelihood = linearised(likelihood_of(["xenonnt-2022-er"], "magnetic-moment", ["mu_eff"]))
    path, _ = export_likelihood(likelihood, "pyhf", tmp_path / "direct")
    assert path.read_bytes() == (out / "pyhf/workspace.json").read_bytes()
    assert main([*words, "--format", "latex", "--out", str(out)]) == 2
    assert "no format of a likelihood" in capsys.readouterr().err
