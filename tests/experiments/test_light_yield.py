"""Light: photoelectrons, their smearing and the efficiency by them, folded by the package."""

import itertools

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from bayesnu.errors import InputError
from bayesnu.experiments.light import GammaLight, PoissonLight
from bayesnu.experiments.loading import load
from bayesnu.model.build import build_likelihood
from bayesnu.model.rate import standard_model_counts
from bayesnu.physics.signals import StandardModel

EDGES = np.array([5.0, 9.0, 15.0, 40.0])
CURVE = np.array([6.0, 12.0, 20.0]), np.array([0.1, 0.7, 0.9])
ENERGIES = np.array([0.05, 0.4, 1.3, 3.0])


def accepted(n):
    return np.interp(n, *CURVE, left=0.0)


def test_a_gamma_distribution_is_integrated_with_the_efficiency():
    found = GammaLight(EDGES, CURVE, 13.0, (1.0, 9.0))(ENERGIES)
    for column, energy in enumerate(ENERGIES):
        shape = 1.0 + 9.0 * energy
        density = stats.gamma(shape, scale=13.0 * energy / shape).pdf
        for row, (low, high) in enumerate(itertools.pairwise(EDGES)):
            inside = [p for p in CURVE[0] if low < p < high]
            expected = quad(lambda n, f=density: f(n) * accepted(n), low, high, points=inside)[0]
            assert found[row, column] == pytest.approx(expected, rel=1e-7, abs=1e-12)


def test_whole_photoelectrons_are_summed_and_a_bin_holds_its_lower_edge():
    found = PoissonLight(EDGES, CURVE, 13.0)(ENERGIES)
    for column, energy in enumerate(ENERGIES):
        for row, (low, high) in enumerate(itertools.pairwise(EDGES)):
            n = np.arange(low, high)
            expected = (stats.poisson.pmf(n, 13.0 * energy) * accepted(n)).sum()
            assert found[row, column] == pytest.approx(expected, rel=1e-10)


SOURCE = """
[source]
kind = "reactor"
name = "mine"
thermal_power_GW = 3.0
distance_m = 20.0
"""
QUENCHING = 'model = "lindhard"\nk = 0.162\nsigma_k = 0.01\n'
RESOLUTION = "coefficients = [0.02, 0.018]\npowers = [0.0, 0.5]\nin_quadrature = true\n"
IN_ENERGY = f"""
title = "bins of energy"
channel = "quenched-recoil"
target = "Ge"
exposure_t_yr = 0.001
bins = [{{ low_keV = 0.15, high_keV = 0.45, width_keV = 0.1 }}]
backgrounds = {{}}
{SOURCE}
[quenching]
{QUENCHING}
[efficiency]
table = "trigger.csv"
energy = "reconstructed"
[resolution]
{RESOLUTION}
"""
IN_BINS = f"""
title = "any bins"
channel = "nuclear-recoil"
target = "Ge"
backgrounds = {{}}
{SOURCE}
[runs.all]
exposure_t_yr = 0.001
observed = {{ table = "counts.csv", column = "counts" }}
[runs.all.response]
edges = [0.15, 0.25, 0.35, 0.45]
efficiency = {{ table = "trigger.csv" }}
[runs.all.response.quenching]
{QUENCHING}
[runs.all.response.resolution]
{RESOLUTION}
"""
LIGHT = """
title = "light"
channel = "nuclear-recoil"
target = "CsI"
backgrounds = {}
[source]
kind = "pion-decay-at-rest"
name = "sns"
distance_m = 20.0
neutrinos_per_proton = 0.09
protons_on_target = 3e23
years = 1.0
[runs.all]
exposure_t_yr = 0.01
observed = { table = "counts.csv", column = "counts" }
[runs.all.response]
edges = [5.0, 9.0, 15.0, 40.0]
light_yield = { photoelectrons_per_keV = 13.0, smearing = "poisson" }
efficiency = { table = "light.csv", up = { cut = "up" }, down = { cut = "down" } }
[runs.all.response.quenching]
model = "polynomial"
coefficients = [0.07]
up = { factor = [0.08] }
down = { factor = [0.06] }
"""


@pytest.fixture
def write(tmp_path):
    (tmp_path / "counts.csv").write_text("counts\n0\n0\n0\n")
    (tmp_path / "trigger.csv").write_text("energy_keV,efficiency\n0.1,0.1\n0.2,0.8\n0.3,1.0\n")
    rows = ["photoelectrons,efficiency,up,down", "4,0.1,0.2,0.0", "10,0.8,0.9,0.7"]
    (tmp_path / "light.csv").write_text("\n".join(rows) + "\n")

    def written(text, name="mine"):
        path = tmp_path / f"{name}.toml"
        path.write_text(text)
        return load(path)

    return written


def test_a_folded_run_is_the_detector_that_has_bins_of_energy(write):
    energy, bins = write(IN_ENERGY, "energy"), write(IN_BINS)
    expected = standard_model_counts(energy)
    # Two recoil grids, each good to about 1e-5.
    assert standard_model_counts(bins) == pytest.approx(expected, rel=1e-4)
    for pull in (-1.0, 1.0):
        found = []
        for experiment in (energy, bins):
            likelihood = build_likelihood(
                [experiment], StandardModel(), [], observed={experiment.name: np.zeros(3)}
            )
            name = f"quenching_k_{experiment.name}"
            found.append(likelihood.expected(likelihood.point({name: pull})))
        assert found[1] == pytest.approx(found[0], rel=1e-4)


@pytest.mark.parametrize(
    ("nuisance", "changes"),
    [
        ("factor", {1.0: ("[0.07]", "[0.08]"), -1.0: ("[0.07]", "[0.06]")}),
        (
            "cut",
            {
                1.0: ('"light.csv",', '"light.csv", column = "up",'),
                -1.0: ('"light.csv",', '"light.csv", column = "down",'),
            },
        ),
    ],
)
def test_nuisances_are_at_one_sigma_the_changed_detector(write, nuisance, changes):
    likelihood = build_likelihood([write(LIGHT)], StandardModel(), [])
    for pull, (old, new) in changes.items():
        changed = standard_model_counts(write(LIGHT.replace(old, new, 1), "changed"))
        found = likelihood.expected(likelihood.point({f"{nuisance}_mine": pull}))
        # The grid covers what any of the detectors sees, that of the changed one its own.
        assert found == pytest.approx(changed, rel=1e-4)


def test_light_of_electrons_is_that_of_a_table_in_a_channel_with_bins_of_energy(write, tmp_path):
    """Which has no light_yield of its own: what it would say is a response."""
    electrons = """
[runs.all.electron_response]
edges = [5.0, 9.0, 15.0, 40.0]
light_yield = { photoelectrons_per_keV = 13.0, smearing = "poisson" }
efficiency = { table = "light.csv" }
"""
    both = LIGHT.replace("backgrounds = {}\n", "backgrounds = {}\nelectron_recoils = true\n")
    both += electrons
    seen = standard_model_counts(write(both, "both")) - standard_model_counts(write(LIGHT))
    energy = np.arange(0.002, 9.0, 0.004)
    curve = np.array([4.0, 10.0]), np.array([0.1, 0.8])
    chances = PoissonLight(EDGES, curve, 13.0)(energy)
    rows = ["energy_keV,bin_1,bin_2,bin_3"]
    rows += [",".join(f"{v:.9g}" for v in row) for row in np.vstack([energy, chances]).T.tolist()]
    (tmp_path / "chances.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    source = LIGHT.partition("[source]")[2].partition("[runs.all]")[0]
    text = f"""
title = "table"
channel = "electron-recoil"
target = "CsI"
exposure_t_yr = 0.01
bins = [{{ low_keV = 1.0, high_keV = 4.0, width_keV = 1.0 }}]
backgrounds = {{}}
response = {{ table = "chances.csv" }}
[source]{source}"""
    assert seen == pytest.approx(standard_model_counts(write(text, "table")), rel=1e-4)
    light = '\nlight_yield = { photoelectrons_per_keV = 13.0, smearing = "poisson" }\nbackgrounds'
    with pytest.raises(InputError, match=r"light_yield: .*no such key"):
        write(text.replace("\nbackgrounds", light), "refused")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[5.0, 9.0, 15.0, 40.0]", "[5.0, 9.0, 9.0, 40.0]", "edges must ascend"),
        ("[5.0, 9.0, 15.0, 40.0]", "[5.0, 9.0, 40.0]", "found 2 bins, expected 3"),
        ('"poisson"', '"poisson", shape = [1.0, 9.0]', "a poisson one has none"),
        ('"poisson"', '"gamma"', "a gamma smearing has a shape"),
        ("edges", "resolution = { coefficients = [0.1], powers = [0.5] }\nedges", "light_yield or"),
        ("coefficients = [0.07]", "coefficients = [1.07]", "a factor of 1.07"),
        ("factor = [0.08]", "cut = [0.08]", "every nuisance needs up and down"),
        ("light_yield = {", "light_yield = { gain = 2.0,", r"light_yield.gain: .*no such key"),
        ("[runs.all.response]", "[runs.all.electron_response]", "runs.all.response"),
    ],
)
def test_what_makes_no_response_is_refused_in_one_sentence(write, old, new, message):
    with pytest.raises(InputError, match=message) as refused:
        write(LIGHT.replace(old, new, 1))
    assert "-folded" not in str(refused.value) and "-table" not in str(refused.value)
