"""A detector simulation's mean and width by true energy, for signal and backgrounds alike."""

import numpy as np
import pytest
from experiment_files import OWN_MODEL
from scipy.special import ndtr

from bayesnu.analyses.description import describe
from bayesnu.errors import InputError
from bayesnu.experiments.loading import load
from bayesnu.inference.profile import profile
from bayesnu.model.build import build_likelihood
from bayesnu.model.rate import standard_model_counts
from bayesnu.physics.signals import MagneticMoment

RESOLUTION = "[resolution]\ncoefficients = [0.3]\npowers = [0.5]\n"
RECONSTRUCTION = '[reconstruction]\ntable = "reconstruction.csv"\n'
ROWS = ((0.5, 0.9, 0.1), (1.0, 1.2, 0.2), (5.0, 5.3, 0.6), (20.0, 20.0, 1.4))


@pytest.fixture
def simulated(own_model):
    """Write the user's own experiment with a table instead of a resolution."""

    def write(rows=ROWS, entry=RECONSTRUCTION, columns="energy_keV,mean_keV,width_keV"):
        assert RESOLUTION in OWN_MODEL
        path = own_model(model=OWN_MODEL.replace(RESOLUTION, entry))
        lines = [columns, *(",".join(f"{value:.17g}" for value in row) for row in rows)]
        (path.parent / "reconstruction.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def test_a_line_is_reconstructed_where_and_as_wide_as_the_table_says(simulated) -> None:
    experiment = load(simulated())
    line = next(b for b in experiment.backgrounds if b.name == "line")
    # 5 keV, 10 events in all bins; the efficiency is one factor.
    shape = np.diff(ndtr((experiment.edges - 5.3) / 0.6))
    assert line.counts == pytest.approx(10 * shape / shape.sum(), rel=1e-12)


def test_the_signal_goes_through_the_same_table(simulated) -> None:
    experiment = load(simulated())
    energy = experiment.grid.energy
    # Held below 0.5 keV, linear between the rows, of constant bias and width above 20 keV.
    mean = np.interp(energy, [0.5, 1, 5, 20], [0.9, 1.2, 5.3, 20]) + np.maximum(energy - 20, 0)
    width = np.interp(energy, [0.5, 1, 5, 20], [0.1, 0.2, 0.6, 1.4])
    efficiency = np.interp(energy, [0.5, 1, 2, 11], [0, 0.4, 0.9, 0.9], left=0.0)
    inside = np.diff(ndtr((experiment.edges[:, None] - mean) / width), axis=0)
    assert experiment.response == pytest.approx(efficiency * experiment.grid.weight * inside)


@pytest.mark.parametrize("energy", ["true", "reconstructed"])
def test_a_table_of_a_gaussian_is_that_gaussian(simulated, own_model, energy: str) -> None:
    points = np.geomspace(0.01, 20.0, 2000)
    model = OWN_MODEL.replace('energy = "true"', f'energy = "{energy}"')
    plain = load(own_model(model=model))
    path = simulated(zip(points, points, 0.3 * points**0.5, strict=True))
    path.write_text(model.replace(RESOLUTION, RECONSTRUCTION), encoding="utf-8")
    table = load(path)
    assert standard_model_counts(table) == pytest.approx(standard_model_counts(plain), rel=1e-5)
    for one, other in zip(table.backgrounds, plain.backgrounds, strict=True):
        assert one.counts == pytest.approx(other.counts, rel=1e-5)


@pytest.mark.parametrize(
    ("change", "key", "expected"),
    [
        ({"entry": RESOLUTION + RECONSTRUCTION}, "reconstruction", "either resolution or"),
        ({"columns": "energy_keV,mean,width_keV"}, "columns", "a column 'mean_keV'"),
        ({"rows": ROWS[:-1]}, "mean_keV", "up to the end of the last bin, 11 keV"),
        ({"rows": ROWS[::-1]}, "energy_keV", "more than"),
        ({"rows": [*ROWS[:1], (1.0, 1.2, 0.0), *ROWS[2:]]}, "width_keV", "at least 1e-06"),
        ({"rows": [*ROWS[:1], (1.0, 1.2, 99.0), *ROWS[2:]]}, "width_keV", "a width between"),
        ({"rows": [*ROWS[:1], (1.0, -1.2, 0.2), *ROWS[2:]]}, "mean_keV", "at least 0"),
        ({"rows": [*ROWS[:1], (1.0, float("nan"), 0.2), *ROWS[2:]]}, "mean_keV", "finite"),
    ],
)
def test_a_wrong_table_is_refused_with_one_sentence(simulated, change, key, expected) -> None:
    with pytest.raises(InputError) as caught:
        load(simulated(**change))
    assert key in caught.value.key
    assert expected in caught.value.expected
    assert "\n" not in str(caught.value)


def test_the_page_names_the_table(simulated) -> None:
    facts = dict(describe(simulated(), toys=0).facts)
    assert facts["reconstruction"] == "mean and width from reconstruction.csv, of true energy"
    assert "resolution" not in facts
    assert "nest_reconstruction.csv" in dict(describe("lz-2022-er", toys=0).facts)["reconstruction"]


def test_lz_2022_expects_nothing_where_its_simulation_has_nothing() -> None:
    """Near threshold only upward fluctuations pass: they reconstruct higher and narrower."""
    experiment = load("lz-2022-er")
    expected = standard_model_counts(experiment) + sum(b.counts for b in experiment.backgrounds)
    below = experiment.edges[1:] < 1.0 + 1e-9
    assert experiment.observed[below].sum() == 0
    assert expected[below].sum() < 0.1


def test_lz_2022_in_the_papers_bins_is_fitted_better_by_its_simulation(tmp_path) -> None:
    path = tmp_path / "thirds.toml"
    path.write_text(
        """extends = "lz-2022-er"
replaces = ["nuisances"]
bins = [{ low_keV = 0.0, high_keV = 17.0, width_keV = 0.3333333333333333 }]
""",
        encoding="utf-8",
    )
    likelihood = build_likelihood([load(path)], MagneticMoment(), ["mu_eff"])
    fit = profile(likelihood, "mu_eff")
    # 56.3 with a Gaussian about the true energy, in 51 bins.
    assert fit.chi2_min == pytest.approx(51.0, abs=0.5)


@pytest.mark.parametrize("paper", ["giunti-ternes-2023", "ternes-tortola-2025"])
def test_papers_keep_their_gaussian(paper: str) -> None:
    file = load(f"lz-2022-er@{paper}").file
    assert file.reconstruction is None
    assert file.resolution.coefficients == (0.323,)
    assert load("lz-2022-er@atzori-corona-2022").file.reconstruction is None
    assert load("lz-2024-er").file.reconstruction is None
