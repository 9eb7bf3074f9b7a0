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
    paper_bins, own_bins = load(f"{name}@{paper}"), load(name)
    for low, high, events in zip(
        paper_bins.edges, paper_bins.edges[1:], paper_bins.observed, strict=False
    ):
        # In bins of thirds, others have no edge everywhere: they are compared where both have.
        inside = (own_bins.edges[:-1] > low - 1e-9) & (own_bins.edges[1:] < high + 1e-9)
        width = np.diff(own_bins.edges)[inside].sum()
        if np.isclose(width, high - low):
            assert own_bins.observed[inside].sum() == events
    assert paper_bins.observed.sum() == own_bins.observed.sum()


def test_xenonnt_has_433_events_below_30_keV_and_counts_of_2_keV_above() -> None:
    experiment = load("xenonnt-2022-er")
    low = experiment.edges[1:] <= 30.0 + 1e-9
    assert experiment.observed[low].sum() == 433
    assert np.diff(experiment.edges)[low].max() <= 1.0 + 1e-9
    assert np.allclose(np.diff(experiment.edges)[~low], 2.0)


def test_every_experiment_says_what_it_assumes() -> None:
    for name in EVENTS:
        assert load(name).file.notes
        for background in load(name).file.backgrounds.values():
            assert background.source, background
