"""A user's own experiment works like a packaged one."""

import numpy as np
import pytest
from experiment_files import OWN_COUNTS, OWN_MODEL

from bayesnu.experiments.loading import load


def test_an_experiment_from_nothing_takes_under_40_lines(own_model, upper_limit) -> None:
    assert len(OWN_MODEL.splitlines()) < 40
    experiment = load(own_model())
    assert experiment.name == "own"
    assert experiment.observed.sum() == 67
    assert 0.5 < upper_limit([experiment]) < 10.0


def test_it_combines_with_packaged_experiments(own_model, upper_limit) -> None:
    own = own_model()
    # Both prefer no signal, so that together they exclude more.
    assert upper_limit([own, "xenonnt-2022-er"]) < upper_limit([own])
    assert upper_limit([own, "xenonnt-2022-er"]) < upper_limit(["xenonnt-2022-er"])


def test_a_variant_of_it_changes_only_what_it_says(own_model) -> None:
    path = own_model()
    other = path.parent / "other.toml"
    other.write_text('extends = "own.toml"\n[efficiency]\nscale = 0.5\n')
    assert load(other).response == pytest.approx(0.5 * load(path).response, rel=1e-12)
    other.write_text(
        'extends = "own.toml"\nreplaces = ["backgrounds", "resolution"]\n'
        "[backgrounds.only]\nflat = true\nevents = 60\nprior = { type = 'free' }\n"
    )
    assert [b.name for b in load(other).backgrounds] == ["only"]
    assert load(other).file.resolution is None


def test_omit_drops_one_background(own_model) -> None:
    path = own_model(model=OWN_MODEL.replace("events = 10\n", "events = 10\nomit = true\n"))
    assert [b.name for b in load(path).backgrounds] == ["flat"]


def test_a_variant_can_omit_a_background_whatever_its_name(own_model) -> None:
    path = own_model()
    other = path.parent / "other.toml"
    other.write_text('extends = "own.toml"\n[backgrounds.flat]\nomit = true\n')
    names = [b.name for b in load(path).backgrounds]
    assert "flat" in names
    assert [b.name for b in load(other).backgrounds] == [n for n in names if n != "flat"]


def test_an_edited_table_or_parent_is_read_again(own_model) -> None:
    path = own_model()
    other = path.parent / "other.toml"
    other.write_text('extends = "own.toml"\n')
    before = load(other)
    assert load(other) is before
    (path.parent / "counts.csv").write_text(OWN_COUNTS.replace("9,11,9", "9,11,19"))
    assert load(other).observed.sum() == before.observed.sum() + 10
    path.write_text(OWN_MODEL.replace("exposure_t_yr = 1.0", "exposure_t_yr = 2.0"))
    assert load(other).file.exposure == 2.0


def test_an_efficiency_can_be_held_above_an_energy(own_model) -> None:
    held = OWN_MODEL.replace('energy = "true"', 'energy = "true"\nhold_above_keV = 1.5')
    experiment = load(own_model(model=held))
    # 0.4 at 1 keV and 0.9 at 2 keV: 0.65 at 1.5 keV and everywhere above.
    inside = experiment.grid.energy > 1.6
    per_event = experiment.response[:, inside].sum(axis=0) / experiment.grid.weight[inside]
    seen = (experiment.grid.energy[inside] > 5.0) & (experiment.grid.energy[inside] < 6.0)
    assert per_event[seen] == pytest.approx(0.65, abs=1e-4)


def test_a_line_is_folded_where_it_stands(own_model) -> None:
    counts = load(own_model()).backgrounds[1].counts
    # 5 keV on a bin edge, sigma 0.67 keV: symmetric but for the resolution's tails.
    assert counts.sum() == pytest.approx(10.0)
    assert counts[1] == pytest.approx(counts[2], rel=1e-6)
    assert np.argmax(counts) in (1, 2)
