"""The observed events are those that the collaborations published."""

import numpy as np
import pytest

from bayesnu.experiments.loading import load

EVENTS = {
    "xenonnt-2022-er": 3658,
    "lz-2022-er": 335,
    "pandax4t-2022-er": 1058,
    "lz-2024-er": 1787,
    "pandax4t-2024-er": 1431,
}


@pytest.mark.parametrize("name", EVENTS)
def test_all_published_events_are_in_the_bins(name: str) -> None:
    observed = load(name).observed
    assert observed is not None
    assert observed.sum() == EVENTS[name]
    assert np.array_equal(observed, np.round(observed))


@pytest.mark.parametrize("name", [n for n in EVENTS if n.endswith("2022-er")])
@pytest.mark.parametrize("paper", ["giunti-ternes-2023"])
def test_a_paper_sees_the_same_events(name: str, paper: str) -> None:
    assert np.array_equal(load(f"{name}@{paper}").observed, load(name).observed)


def test_xenonnt_has_433_events_below_30_keV_in_bins_of_1_keV() -> None:
    experiment = load("xenonnt-2022-er")
    low = experiment.edges[1:] <= 30.0
    assert experiment.observed[low].sum() == 433
    assert np.allclose(np.diff(experiment.edges)[low], 1.0)
    assert np.allclose(np.diff(experiment.edges)[~low], 2.0)


def test_every_experiment_says_what_it_assumes() -> None:
    for name in EVENTS:
        assert load(name).file.notes
        for background in load(name).file.backgrounds.values():
            assert background.source, background
