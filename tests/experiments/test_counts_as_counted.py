"""Events go into the bin that starts at their energy; counts and numbers are what they can be."""

from __future__ import annotations

import numpy as np
import pytest
from experiment_files import OWN_COUNTS, OWN_MODEL

from bayesnu import InputError, likelihood_of
from bayesnu.experiments.loading import load
from bayesnu.experiments.observed import bin_events

BINS = "bins = [{ low_keV = 1.0, high_keV = 11.0, width_keV = 2.0 }]"


def test_every_edge_belongs_to_the_bin_above_it() -> None:
    edges = np.linspace(0.0, 1.0, 11)
    energies = np.round(np.arange(10) * 0.1, 1)  # 0.3, 0.6 and 0.7 are not edges[3], [6], [7]
    assert bin_events(energies, edges).tolist() == [1.0] * 10


def test_an_event_on_the_last_edge_is_outside_as_below_the_first() -> None:
    edges = np.linspace(1.0, 2.0, 11)
    assert bin_events(np.array([0.5, 0.999, 2.0, 2.1]), edges).sum() == 0.0
    assert bin_events(np.array([1.0, 1.999]), edges).tolist() == [1.0] + [0.0] * 8 + [1.0]


def test_bins_of_different_widths_and_unsorted_events() -> None:
    edges = np.array([1.0, 1.1, 2.0, 5.0])
    assert bin_events(np.array([4.0, 1.1, 1.05, 2.0, 1.2]), edges).tolist() == [1.0, 2.0, 2.0]


def test_an_event_list_on_edges_in_a_file(own_model) -> None:
    events = OWN_MODEL.replace(BINS, "bins = [{ low_keV = 0.0, high_keV = 1.0, width_keV = 0.1 }]")
    events = events.replace(
        'observed = [{ counts = "counts.csv" }]',
        'observed = [{ events = { table = "events.csv", column = "energy_keV" } }]',
    )
    events = events.replace("energy_keV = 5.0", "energy_keV = 0.9")
    path = own_model(model=events)
    (path.parent / "events.csv").write_text("energy_keV\n0.3\n0.6\n0.7\n1.0\n")
    assert load(path).observed.nonzero()[0].tolist() == [3, 6, 7]


def test_a_fraction_of_an_event_is_refused_in_a_poisson_likelihood(own_model) -> None:
    counts = OWN_COUNTS.replace("12", "26.4")
    with pytest.raises(InputError, match=r"found 26.4 events in bin 1, expected whole numbers"):
        load(own_model(counts=counts))
    gaussian = OWN_MODEL.replace("bins =", 'likelihood = "gaussian"\nbins =')
    assert load(own_model(model=gaussian, counts=counts)).observed[0] == 26.4


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("exposure_t_yr = 1.0", 'exposure_t_yr = "1.16"', "exposure_t_yr"),
        ("events = 50", 'events = "50"', "backgrounds.flat.events"),
        ("low_keV = 1.0", 'low_keV = "1"', "bins.0.low_keV"),
        ("coefficients = [0.3]", 'coefficients = ["0.3"]', "resolution.coefficients.0"),
        ("relative_sigma = 0.1", "relative_sigma = true", "backgrounds.flat.prior.relative_sigma"),
    ],
)
def test_a_text_is_no_number(own_model, old: str, new: str, key: str) -> None:
    assert old in OWN_MODEL
    with pytest.raises(InputError) as caught:
        load(own_model(model=OWN_MODEL.replace(old, new, 1)))
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('counts = "counts.csv"', 'counts = "gone.csv"', "observed.0.counts"),
        ('table = "efficiency.csv"', 'table = "gone.csv"', "efficiency.table"),
        (
            "flat = true",
            'spectrum = { table = "gone.csv", column = "x" }',
            "backgrounds.flat.spectrum.table",
        ),
    ],
)
def test_a_missing_table_says_which_key_named_it(own_model, old: str, new: str, key: str) -> None:
    with pytest.raises(InputError, match=r"gone\.csv") as caught:
        load(own_model(model=OWN_MODEL.replace(old, new, 1)))
    assert key in caught.value.key


def subtracting(own_model, lowest: float):
    """Return an own experiment whose curve is 10 in each bin and `lowest` in the last."""
    table = OWN_MODEL.replace(
        "[backgrounds.flat]\nflat = true\nevents = 50",
        '[backgrounds.curve]\ncounts = { table = "curve.csv", column = "n" }\nsubtract = ["line"]',
    ).replace("energy_keV = 5.0", "energy_keV = 10.0")
    path = own_model(model=table)
    rows = [f"{low},{low + 2},{lowest if low == 9 else 10.0}" for low in (1, 3, 5, 7, 9)]
    (path.parent / "curve.csv").write_text("low_keV,high_keV,n\n" + "\n".join(rows) + "\n")
    return path


def test_a_curve_below_what_is_taken_off_is_refused_beyond_a_rounding(own_model) -> None:
    line = {b.name: b for b in load(subtracting(own_model, 20.0)).backgrounds}["line"].counts[-1]
    fine = subtracting(own_model, line - 0.05)  # 0.5% of the largest bin
    likelihood = likelihood_of([fine], "magnetic-moment", ["mu_eff"])
    row = [label[1] for label in likelihood.labels].index("curve")
    assert likelihood.templates[row, -1] == 0.0
    with pytest.raises(InputError, match=r"backgrounds.curve.subtract: found .* in bin 5, .* line"):
        likelihood_of([subtracting(own_model, line - 1.0)], "magnetic-moment", ["mu_eff"])
