"""The benchmark suite runs, compares equal things, and its page says what was measured."""

import json

import numpy as np
import pytest
from monte_carlo import generator

from bayesnu import load
from benchmarks import commands, ess, results, run, speed_page, stages
from benchmarks.calibration_chance import chance
from benchmarks.cases import EXPERIMENT, PARAMETER, copies, invented, real
from benchmarks.targets import TARGETS
from benchmarks.timing import Measured, machine


@pytest.fixture(scope="module")
def likelihood():
    return real()


def test_the_plain_pymc_model_expects_the_same_counts(likelihood):
    import pytensor

    from benchmarks.peers.plain_pymc import plain_model

    model = plain_model(likelihood, load(EXPERIMENT))
    point = likelihood.point({PARAMETER: 3.0, "flux_be7": 1.1})
    with pytensor.config.change_flags(cxx=""):
        function = pytensor.function(model.free_RVs, model["expected"], mode="FAST_COMPILE")
    values = [point[likelihood.index(v.name)] for v in model.free_RVs]
    # 24 nodes on a spectrum that is linear between points: 2e-4.
    np.testing.assert_allclose(function(*values), likelihood.expected(point), rtol=5e-4)


def test_emcee_and_the_kernel_draw_from_one_density(likelihood):
    rng = generator(1)
    points = likelihood.start + 0.01 * np.abs(rng.normal(size=(5, len(likelihood.names))))
    ours = np.array([likelihood.log_posterior(point) for point in points])
    # Constants apart; rounding of sums of some hundred terms.
    assert np.ptp(ess.log_posterior(likelihood, points) - ours) < 1e-9
    outside = points.copy()
    outside[:, 0] = -1.0
    assert (ess.log_posterior(likelihood, outside) == -np.inf).all()


def test_ess_is_counted_for_the_worst_parameter(likelihood):
    found = ess.kernel_nuts(likelihood, 50, 50, 1)
    rates = ess.rates("bayesnu", [found], likelihood.index(PARAMETER))
    assert rates["bayesnu: worst parameter"].median <= rates[f"bayesnu: {PARAMETER}"].median
    steps = ess.emcee_stretch(likelihood, 30, 44, 1)
    assert steps.draws.shape == (44, 20, 11)


@pytest.mark.parametrize(("bins", "components"), [(30, 5), (300, 100)])
def test_invented_experiments_have_the_size_asked_for(bins, components):
    found = invented(bins, components)
    assert found.templates.shape == (components, bins)
    assert np.isfinite(found.chi2(found.start))


def test_copies_share_signal_and_flux_only():
    three = copies(3, 30, 10)
    assert three.templates.shape == (30, 90)
    assert len(three.names) == 2 + 3 * 8
    point = three.point({PARAMETER: 1.0})
    single = [invented(30, 10, f"detector{k}", seed=k + 1) for k in range(3)]
    sum_of_three = sum(part.chi2(part.point({PARAMETER: 1.0})) for part in single)
    assert three.chi2(point) == pytest.approx(sum_of_three, rel=1e-12)


def test_a_command_is_timed_and_a_cold_one_finds_no_caches(tmp_path):
    copy = commands.Copy(tmp_path)
    seconds, answered, processor, memory = copy.run(("-m", "bayesnu", "--version"))
    assert seconds > answered > 0.0 and processor > 0.0 and memory > 1.0
    assert list(copy.code.rglob("__pycache__"))
    copy.empty_caches()
    assert not list(copy.code.rglob("__pycache__"))
    with pytest.raises(RuntimeError, match="failed"):
        copy.run(("-m", "bayesnu", "nothing"))


def test_imports_are_summed_by_package():
    text = "import time: self [us] | cumulative | imported package\n"
    text += (
        "import time:      1000 |       3000 |   scipy.special\nimport time: 500 | 500 | scipy\n"
    )
    assert stages.imports(text) == {"scipy": pytest.approx(1.5e-3)}
    wrapped = {"a._inner": 1.0, "a.outer": 1.001, "a.other": 0.5, "cli.main": 2.0}
    assert list(stages.without_wrappers(wrapped)) == ["a.outer", "a.other"]


def test_parts_are_merged_and_another_machine_starts_anew(tmp_path):
    path = tmp_path / "speed.json"
    entry = {"date": "2026-01-01", "load_before": 0.0, "seconds": 1.0, "measured": {}}
    results.merge("chi2", entry, machine(), path)
    results.merge("ess", entry, machine(), path)
    assert list(results.read(path).parts) == ["chi2", "ess"]
    results.merge("ess", entry, machine() | {"cores": 1000}, path)
    assert list(results.read(path).parts) == ["ess"]


def test_the_page_says_what_is_met_and_why_not(tmp_path):
    def part(**numbers):
        measured = {k: Measured(v, v, v, 5).to_dict() for k, v in numbers.items()}
        return {"date": "", "load_before": 3.0, "seconds": 1.0, "measured": measured}

    chi2 = {"kernel[30-10]": 4e-6, "kernel[300-10]": 9e-6, "products[300-10]": 3e-6}
    found = results.Results(machine() | {"cores": 2}, {"chi2": part(**chi2)})
    page = speed_page.page(found)
    assert "under 30 us | 4 us | 4 us to 4 us |  | yes |" in page
    assert "300 bins, at most twice the bare matrix products | 3 |" in page
    assert "300 bins, at most twice the bare matrix products: Every bin" in page
    assert "was not quiet" in page
    assert machine()["system"] in page


def test_every_section_says_when_and_with_which_code_it_was_measured():
    def part(**more):
        return {"date": "2026-01-01", "load_before": 0.0, "seconds": 1.0, "measured": {}} | more

    old = {"ess": part(commit="abc1234", older_than="Much."), "chi2": part(date="2026-02-02")}
    page = speed_page.page(results.Results(machine(), old))
    assert "\nMeasured 2026-01-01 at commit abc1234, **with older code**.\n" in page
    assert "\nMeasured 2026-02-02.\n" in page
    both = "Measured ess: 2026-01-01 at commit abc1234, **with older code**; chi2: 2026-02-02."
    assert both in page.partition("## Targets")[2].partition("## Whole")[0]


def test_every_promise_names_something_a_part_measures():
    """Of the scripts; the names of the others are those of the tests."""
    names = {command.name for command in commands.COMMANDS}
    assert set(stages.LOOKED_INTO) <= names
    full = results.Results(
        machine(),
        {
            "commands": {
                "measured": {
                    key: Measured(1.0, 1.0, 1.0, 1).to_dict()
                    for name in names
                    for key in (name, f"{name}: memory", f"{name}: answer")
                }
            }
        },
    )
    about_commands = [target for target in TARGETS if "bayesnu " in target.promise]
    assert len(about_commands) >= 6
    assert all(target.value(full) is not None for target in about_commands)
    assert set(run.PARTS) >= {"chi2", "commands", "ess", "growth", "profile", "refit", "refits"}


def test_the_committed_page_belongs_to_the_committed_results():
    if not results.RESULTS.is_file():
        pytest.fail("docs/speed.json is missing: run make bench")
    assert json.loads(results.RESULTS.read_text())["parts"]
    assert (results.DOCS / "speed.md").read_text() == speed_page.page(results.read())


def test_chance_explains_coverages_as_often_as_it_should() -> None:

    share = {"value": 0.9, "error": 0.01}
    found = chance([share] * 5)
    # Nineteen of twenty times, none of five Gaussian numbers is above 2.57 errors.
    assert found.usual == pytest.approx((0.0152, 0.0257), abs=1e-4)
    assert (found.p, found.p_of_worst) == (1.0, 1.0) and found.met
    # An error of 1% for 90% is one of 0.6% for 97%: seven of the former away.
    off = {"value": 0.97, "error": 0.01 * np.sqrt(0.97 * 0.03 / 0.09)}
    found = chance([share, off])
    assert found.chi2 == pytest.approx(49.0) and found.dof == 2 and not found.met
    assert (found.mean, found.mean_error) == pytest.approx((0.035, 0.00707), abs=1e-5)
