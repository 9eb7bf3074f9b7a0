"""Another exposure, other backgrounds, Asimov data: what they are and what is refused."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bayesnu.analyses.asimov import asimov, true_values
from bayesnu.analyses.limit import limit
from bayesnu.analyses.question import likelihood_of
from bayesnu.analyses.rates import rates
from bayesnu.errors import InputError
from bayesnu.experiments.loading import load
from bayesnu.inference.minimise import minimise
from bayesnu.physics.signals.charge_radius import standard_model_values

COUNTS = ["darwin-30ty", "xenonnt-2022-er", "xenonnt-2024-8b", "lz-2022-er@atzori-corona-2022"]


@pytest.mark.parametrize("name", COUNTS)
def test_all_counts_grow_with_exposure(name: str) -> None:
    """Backgrounds sized by events, decays or tables, and published Standard-Model counts."""
    one = load(name)
    ten = load(name, exposure=10.0 * one.file.exposure)
    assert ten.observed is None and ten.file.exposure == pytest.approx(10.0 * one.file.exposure)
    for component, counts in rates(one).components.items():
        assert rates(ten).components[component] == pytest.approx(10.0 * counts, rel=1e-9, abs=1e-12)
    assert [b.prior for b in ten.backgrounds] == [b.prior for b in one.backgrounds]


def test_two_ways_to_the_same_detector() -> None:
    ways = [
        asimov([load("darwin-30ty", exposure=300, scale={"Xe136": 0.01})])["darwin-30ty"],
        asimov([load("darwin-300ty", scale={"Xe136": 0.01})])["darwin-300ty"],
    ]
    for found in ways:
        expected = asimov(["darwin-300ty-depleted"])["darwin-300ty-depleted"]
        assert found == pytest.approx(expected, rel=1e-12)


def test_a_changed_detector_has_another_digest_and_says_so() -> None:
    same, other = load("darwin-30ty"), load("darwin-30ty", scale={"Kr85": 3})
    assert same.digest != other.digest and not same.changed and other.changed
    assert "Kr85 x 3" in str(other)


def test_the_file_itself_is_not_changed_by_a_projection() -> None:
    before = asimov(["darwin-30ty"])["darwin-30ty"]
    load("darwin-30ty", exposure=1, scale={"Xe136": 0.0})
    assert np.array_equal(asimov(["darwin-30ty"])["darwin-30ty"], before)


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("darwin-30ty", {"scale": {"Xe135": 1}}, "no such background"),
        ("darwin-30ty", {"scale": {"Xe136": -1}}, "expected 0 to"),
        ("darwin-30ty", {"exposure": 0}, "expected 1e-9 to"),
        ("darwin-30ty", {"exposure": float("nan")}, "expected 1e-9 to"),
        ("xenonnt-2022-er@giunti-ternes-2023", {"scale": {"Kr85": 2}}, "Gaussian errors"),
        ("gemma-2012", {"exposure": 2}, "recoil counts"),
    ],
)
def test_what_cannot_be_projected(name: str, changes: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        load(name, **changes)


@pytest.mark.parametrize(
    ("names", "signal", "truth"),
    [
        (["darwin-30ty"], "magnetic-moment", {"mu_e": 0.8}),
        (["darwin-30ty"], "millicharge", {"q_ee": -0.7}),
        (["lz-2022-er", "xenonnt-2022-er"], "magnetic-moment", {"mu_eff": 2.0}),
        (["xenonnt-2024-8b"], "magnetic-moment", {"mu_eff": 300.0}),
    ],
)
def test_a_fit_of_asimov_data_finds_the_truth(
    names: Sequence[str], signal: str, truth: dict[str, float]
) -> None:
    likelihood = likelihood_of(names, signal, list(truth), observed=asimov(names, signal, truth))
    # Flat norms are at their expectation of 1, where the Asimov data have them.
    start = likelihood.point({name: 0.9 * value for name, value in truth.items()})
    best = minimise(likelihood, start, np.zeros(len(start), dtype=bool))
    assert best.chi2 == pytest.approx(0.0, abs=1e-6)
    for name, value in truth.items():
        assert best.x[likelihood.index(name)] == pytest.approx(value, rel=1e-3)


def test_standard_model_radii_are_true_where_radii_are_fitted() -> None:
    """giunti-ternes-2023 Eq. 11-13: -0.83, -0.48, -0.30 in 1e-32 cm2."""
    darwin, lz = load("darwin-30ty"), load("lz-2022-er")
    values = true_values(darwin, "charge-radius", {})
    assert list(values.values()) == pytest.approx([-0.83, -0.48, -0.30], abs=0.005)
    assert true_values(darwin, "charge-radius", {"r2_ee": 3.0})["r2_ee"] == 3.0
    assert true_values(darwin, "magnetic-moment", {}) == {}
    assert true_values(lz, "charge-radius", {}) == {}
    data = asimov([darwin], "charge-radius")["darwin-30ty"]
    expected = rates(darwin, "charge-radius", standard_model_values()).total
    assert np.array_equal(data, expected)


def test_a_nuisance_can_be_part_of_the_truth() -> None:
    norm = {"background_Xe136_darwin_30ty": 1.1}
    more = asimov(["darwin-30ty", "lz-2022-er"], "magnetic-moment", norm)
    assert np.array_equal(more["lz-2022-er"], asimov(["lz-2022-er"])["lz-2022-er"])
    added = more["darwin-30ty"] - asimov(["darwin-30ty"])["darwin-30ty"]
    by_name = rates("darwin-30ty").components
    assert added == pytest.approx(0.1 * by_name["Xe136"], rel=1e-9, abs=1e-9)
    with pytest.raises(InputError, match="mu_tua"):
        asimov(["darwin-30ty", "lz-2022-er"], "magnetic-moment", {"mu_tua": 1.0})


def test_published_limits_stand_only_beside_what_they_are_for() -> None:
    """Not beside another exposure, nor beside Asimov data of an experiment with data."""

    def published(experiment: object) -> int:
        found = limit(
            [experiment],
            "magnetic-moment",
            "mu_eff",
            method="profile",
            observed=asimov([experiment], "magnetic-moment"),
        )
        return len(found.published)

    assert published(load("darwin-30ty")) > 0
    assert published(load("darwin-30ty", exposure=31)) == 0
    assert published(load("lz-2022-er")) == 0


def test_own_projection_without_data(tmp_path: Path) -> None:
    """A detector that a user describes: no `observed`, and a refusal that says what to do."""
    path = tmp_path / "mine.toml"
    path.write_text('extends = "darwin-30ty"\nexposure_t_yr = 5\n', encoding="utf-8")
    with pytest.raises(InputError, match="--asimov"):
        likelihood_of([path], "magnetic-moment", ["mu_eff"])
    assert asimov([path])["mine"].sum() > 0
