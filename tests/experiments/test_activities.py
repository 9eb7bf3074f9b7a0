"""Backgrounds have the sizes of a hand calculation (docs/darwin.md), and are in the counts."""

import pytest

from bayesnu.analyses.description import describe
from bayesnu.errors import InputError
from bayesnu.experiments.activities import activity_text, decays_per_t_yr
from bayesnu.experiments.format.activity import Activity
from bayesnu.experiments.loading import load
from bayesnu.physics.targets.material import material

XENON = material("Xe")

BY_HAND = {"Xe136": 130_066.0, "Pb214": 347.1, "Pb214_excited": 2808.6, "Kr85": 11.84}
"""Decays per t yr, worked out in docs/darwin.md."""


@pytest.mark.parametrize("name", BY_HAND)
def test_totals_are_those_of_the_hand_calculation(everything, name: str) -> None:
    """1% is the accuracy that was asked for; the shapes' norms are good to 0.1%."""
    counts = {b.name: b.counts.sum() for b in everything["darwin-30ty"].backgrounds}
    print(f"{name}: {counts[name]:.1f} per t yr, by hand {BY_HAND[name]}")
    assert counts[name] == pytest.approx(BY_HAND[name], rel=0.01)


def test_depletion_takes_136Xe_to_one_per_cent_and_nothing_else(everything) -> None:
    natural, depleted = (
        {b.name: b.counts.sum() for b in everything[name].backgrounds}
        for name in ("darwin-30ty", "darwin-300ty-depleted")
    )
    assert depleted.pop("Xe136") == pytest.approx(0.01 * natural.pop("Xe136"), rel=1e-12)
    assert depleted == pytest.approx(natural, rel=1e-12)


def test_lines_of_124Xe_hold_all_decays(everything) -> None:
    """277 decays: 4.587e27 atoms x 0.095% x ln 2 / 1.09e22 yr."""
    lines = {b.name: b.counts.sum() for b in everything["darwin-30ty"].backgrounds}["Xe124"]
    assert lines == pytest.approx(277.1, rel=1e-3)


def test_impurity_and_activity_are_the_same_thing_twice() -> None:
    """85Kr of 2 ppq: 11.84 decays per t yr are 3.752e-4 uBq per kg."""
    krypton = Activity(half_life_yr=10.74, isotopic_abundance=2e-11, impurity_mol_per_mol=2e-15)
    same = Activity(uBq_per_kg=decays_per_t_yr(krypton, XENON) / 31557.6)
    assert decays_per_t_yr(same, XENON) == pytest.approx(decays_per_t_yr(krypton, XENON), rel=1e-12)
    assert "mol/mol" in activity_text(krypton, XENON)


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"half_life_yr": 1.0},
        {"isotopic_abundance": 0.1},
        {"uBq_per_kg": 1.0, "half_life_yr": 1.0},
        {"uBq_per_kg": 1.0, "enrichment": 0.5},
        {"half_life_yr": 1.0, "isotopic_abundance": 0.1, "enrichment": 11.0},
        {"half_life_yr": -1.0, "isotopic_abundance": 0.1},
        {"half_life_yr": 1.0, "isotopic_abundance": 0.1, "speed": 1.0},
    ],
)
def test_half_an_activity_is_refused(entries: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        Activity(**entries)


def test_a_wrong_activity_in_a_file_is_one_sentence(tmp_path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(
        'extends = "darwin-30ty"\n[backgrounds.Xe136.activity]\nuBq_per_kg = 3\n', encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"Xe136\.activity: .* uBq_per_kg stands alone"):
        load(path)


def test_a_variant_can_size_a_background_anew(tmp_path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'extends = "darwin-30ty"\n[backgrounds.Kr85]\ndecays_per_t_yr = 100\n', encoding="utf-8"
    )
    ours, theirs = (
        {b.name: b.counts.sum() for b in load(name).backgrounds}["Kr85"]
        for name in (path, "darwin-30ty")
    )
    assert ours / theirs == pytest.approx(100 / 11.84, rel=1e-3)


def test_the_page_says_how_large_and_why() -> None:
    page = describe("darwin-300ty-depleted")
    text = " ".join(page.notes)
    for words in ("2.165e+21 yr", "times 0.01", "1301 decays", "uBq per kg", "arXiv:2408.17391"):
        assert words in text
    assert "none (a projection)" in dict(page.facts)["observed"]


def test_three_scenarios_of_51_logarithmic_bins() -> None:
    for name, exposure in (
        ("darwin-30ty", 30),
        ("darwin-300ty", 300),
        ("darwin-300ty-depleted", 300),
    ):
        experiment = load(name)
        ratio = experiment.edges[1:] / experiment.edges[:-1]
        assert experiment.bins == 51 and experiment.edges[[0, -1]] == pytest.approx([1.0, 1500.0])
        assert ratio == pytest.approx(ratio[0], rel=1e-12)
        assert experiment.file.exposure == exposure and experiment.observed is None
        assert experiment.neutrinos.survival == "msw"
        assert set(experiment.neutrinos.components) == {"pp", "be7", "pep", "n13", "o15"}
