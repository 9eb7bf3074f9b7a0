"""The weak mixing angle from recoils of nuclei and electrons: two-sided intervals."""

from pathlib import Path

import numpy as np
import pytest

from bayesnu import InputError, likelihood_of, limit, load
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.signals import WeakMixingAngle

SIGNAL, ANGLE = "weak-mixing-angle", "sin2_theta_w"
LOW_ENERGY = 0.2386


def interval(experiments: list[str | Path], level: float = 0.68) -> tuple[float, float]:
    found = limit(experiments, SIGNAL, ANGLE, level=level, method="profile")
    assert found.frequentist is not None
    ((low, high),) = found.frequentist.intervals
    assert low is not None and high is not None
    return low, high


@pytest.fixture(scope="module")
def helm() -> tuple[float, float]:
    return interval(["coherent-csi-2021"])


def test_coherent_csi_is_as_precise_as_the_collaboration(helm: tuple[float, float]) -> None:
    """0.220 +0.028 -0.026, recalled from arXiv:2110.07730."""
    low, high = helm
    assert low < 0.220 < high
    assert 0.5 * (high - low) == pytest.approx(0.027, rel=0.1)


def test_coherent_csi_covers_the_low_energy_value_for_one_of_two_form_factors(
    helm: tuple[float, float], tmp_path: Path
) -> None:
    """The form factor moves it by 0.02: with Helm's, the file's, it ends 0.001 below."""
    path = tmp_path / "other.toml"
    path.write_text(
        'extends = "coherent-csi-2021"\n[neutrinos]\nform_factor = "klein-nystrand"\n',
        encoding="utf-8",
    )
    other = interval([path])
    for low, high in (helm, other):
        assert 0.5 * (high - low) < 0.05
    assert other[0] < LOW_ENERGY < other[1]
    # 1.05 standard deviations instead of 0.99.
    assert interval(["coherent-csi-2021"], 0.72)[1] > LOW_ENERGY


@pytest.mark.parametrize("xenon", ["xenonnt-2024-8b", "xenonnt-2026-8b"])
def test_solar_8b_neutrinos_on_xenon_measure_it_to_a_tenth(xenon: str) -> None:
    low, high = interval([xenon, "pandax4t-2024-8b"])
    assert low < LOW_ENERGY < high
    assert 0.05 < 0.5 * (high - low) < 0.15


@pytest.mark.parametrize("name", ["coherent-lar-2020", "conus-plus-2025", "xenonnt-2022-er"])
def test_every_experiment_says_something_of_it(name: str) -> None:
    low, high = interval([name], 0.5)
    assert 0.0 < low < high < 1.0


@pytest.mark.parametrize(
    "name", ["xenonnt-2022-er", "lz-2022-er@atzori-corona-2022", "xenonnt-2026-8b"]
)
def test_it_is_the_angle_of_the_file_at_its_value_and_of_another_file_elsewhere(
    name: str, tmp_path: Path
) -> None:
    """The couplings of the file, with their loops if it has them, at another angle."""
    rate = recoil_rate(load(name))
    path = tmp_path / "other.toml"
    path.write_text(f'extends = "{name}"\n[neutrinos]\nsin2_theta_w = 0.31\n', encoding="utf-8")
    own = load(name).neutrinos.sin2_theta_w
    for other, angle in ((rate, own), (recoil_rate(load(path)), 0.31)):
        if other.experiment.standard_model is not None:
            continue  # whose correction has the angle in it, too
        expected = other._count_terms(WeakMixingAngle(), {ANGLE: angle})
        found = rate.count_terms(WeakMixingAngle(), {ANGLE: angle})
        for component, terms in expected.items():
            np.testing.assert_allclose(found[component], terms, rtol=1e-12)


def test_where_nobody_gives_it_it_has_the_value_of_the_standard_model() -> None:
    of = likelihood_of(["xenonnt-2026-8b"], SIGNAL, [ANGLE])
    assert of.start[of.index(ANGLE)] == pytest.approx(LOW_ENERGY, abs=1e-4)
    assert of.parameters[of.index(ANGLE)].prior.words(ANGLE) == "flat in sin2_theta_w on [0, 1]"
    assert WeakMixingAngle().physical({}) == {ANGLE: pytest.approx(LOW_ENERGY, abs=1e-4)}
    with pytest.raises(InputError, match="at least 0"):
        limit(["xenonnt-2026-8b"], SIGNAL, ANGLE, fixed={ANGLE: -0.1})
