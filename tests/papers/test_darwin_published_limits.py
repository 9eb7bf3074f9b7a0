"""giunti-ternes-2023 Tables I to III, the DARWIN rows, with the paper's profiling."""

from pathlib import Path

import pytest

from bayesnu.analyses.published import PublishedRow, published_rows, unit_factor
from bayesnu.experiments.loading import load
from bayesnu.likelihood.threshold import threshold
from bayesnu.results.curve import Profile

PAPER = "giunti-ternes-2023"
FREE = {
    "magnetic-moment": (),
    "millicharge": ("q_ee", "q_mumu"),
    "diagonal radius": ("r2_ee", "r2_mumu"),
    "transition radius": ("r2_ee",),
}
"""Free beside the parameter of interest: charges give the same with all six free."""

ROWS = [r for r in published_rows() if r.paper == PAPER and r.experiment.startswith("darwin")]
MISPRINTS = [r for r in ROWS if "misprint" in r.note]


def profile_of(row: PublishedRow, expected_profile) -> tuple[Profile, float]:
    """Return our profile, and the factor to the row's unit."""
    kind = row.signal
    if kind == "charge-radius":
        kind = "transition radius" if row.parameter.startswith("abs") else "diagonal radius"
    name = row.parameters[0]
    scenario = f"{row.experiment}@{PAPER}"
    found = expected_profile(scenario, row.signal, *dict.fromkeys((name, *FREE[kind])))
    return found, unit_factor(found.unit, row.unit)


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r not in MISPRINTS], ids=lambda r: f"{r.experiment}-{r.parameter}"
)
def test_darwin_row(row: PublishedRow, expected_profile) -> None:
    """Moments and charges within 10%, radii within 20%, or one unit of the last printed digit.

    Two intervals where the paper has two.
    """
    tolerance = 0.20 if row.signal == "charge-radius" else 0.10
    found, factor = profile_of(row, expected_profile)
    ours = found.intervals(threshold(0.9, 1))
    print(row.experiment, row.parameter, ours, "published", row.intervals)
    assert len(ours) == len(row.intervals)
    for mine, theirs in zip(ours, row.intervals, strict=True):
        for a, b in zip(mine, theirs, strict=True):
            assert (a is None) == (b is None)
            if a is not None and b is not None:
                assert factor * a == pytest.approx(b, rel=tolerance, abs=0.1)


def test_misprinted_transition_radii_lie_between_the_other_scenarios(expected_profile) -> None:
    """The 300 t yr entries repeat those of 30 t yr; 17.6 and 23.0 are found."""
    assert {row.experiment for row in MISPRINTS} == {"darwin-300ty"}
    for row in MISPRINTS:
        ours = profile_of(row, expected_profile)[0].intervals(threshold(0.9, 1))[-1][1]
        other = {
            r.experiment: r.intervals[0][1]
            for r in ROWS
            if r.parameter == row.parameter and r not in MISPRINTS
        }
        print(row.parameter, ours)
        assert ours is not None
        assert other["darwin-300ty-depleted"] < ours < other["darwin-30ty"]


@pytest.mark.parametrize("scenario", ["darwin-300ty", "darwin-300ty-depleted"])
def test_without_knowing_theta12_better_no_scenario_measures_a_charge_radius(
    expected_profile, tmp_path: Path, scenario: str
) -> None:
    """The paper holds the mixing angles and excludes zero: its "first measurement"."""
    free = ("r2_ee", "r2_mumu")
    path = tmp_path / "angles.toml"
    path.write_text(f'extends = "{scenario}"\nreplaces = ["nuisances"]\n', encoding="utf-8")
    own = expected_profile(str(path), "charge-radius", *free).intervals(threshold(0.9, 1))[-1]
    held = expected_profile(f"{scenario}@{PAPER}", "charge-radius", *free)
    assert held.intervals(threshold(0.9, 1))[-1][1] < 0.0 < own[1]
    # An independent calculation, to the digits that it prints.
    expected = {"darwin-300ty": (-3.87, 0.16), "darwin-300ty-depleted": (-1.77, 0.06)}
    assert own == pytest.approx(expected[scenario], abs=0.01)


def test_the_project_s_own_projections_have_the_mixing_angles_as_nuisances() -> None:
    for scenario in {row.experiment for row in ROWS}:
        assert load(scenario).neutrinos.oscillation.nuisances
        assert not load(f"{scenario}@{PAPER}").neutrinos.oscillation.nuisances
