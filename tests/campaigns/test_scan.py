"""A toy that is fitted where a scan says has the limits that the thorough search finds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small import charge, counting

from bayesnu.analyses.question import likelihood_of
from bayesnu.campaigns import scan
from bayesnu.campaigns.ensemble import IntervalTask
from bayesnu.campaigns.scan import scan_of
from bayesnu.campaigns.simulation import draw
from bayesnu.campaigns.toys import frequentist, toy_task
from bayesnu.inference.profile import profile
from bayesnu.likelihood.data import with_data
from bayesnu.likelihood.priors import flat
from bayesnu.likelihood.threshold import threshold

CUT = threshold(0.9, 1)
TOYS = 6


@pytest.mark.parametrize(
    "experiment, tag, parameter, truths",
    [
        ("lz-2022-er", "millicharge", "q_ee", [-3.0, 6.0]),
        ("xenonnt-2022-er", "charge-radius", "r2_ee", [-60.0, 20.0]),
    ],
)
def test_the_limits_are_those_of_the_thorough_search(
    experiment: str, tag: str, parameter: str, truths: list[float]
) -> None:
    likelihood = likelihood_of([experiment], tag, [parameter])
    task = toy_task(likelihood, parameter, truths)
    thorough = 0
    for number, point in enumerate(task.points):
        typical = with_data(likelihood, likelihood.expected(point), point)
        found = scan_of(typical, parameter, truths[number])
        assert found is not None
        for toy in range(TOYS):
            rng = np.random.default_rng([5, number, toy])
            counts, centres = draw(likelihood, likelihood.expected(point), point, rng)
            row = found.row(counts, centres, CUT)
            if row is None:
                thorough += 1
                continue
            data = with_data(likelihood, counts, centres)
            expected = frequentist(data, parameter, point, CUT, task._scales)
            for key in ("chi2_min", "delta_chi2"):
                assert row[key] == pytest.approx(expected[key], abs=1e-6)
            size = max(abs(expected["lower"]), abs(expected["upper"]))
            for key in ("lower", "upper"):
                assert row[key] == pytest.approx(expected[key], abs=1e-6 * size)
    # Fits that end where counts reach zero are known less well, and left to the search: 1 in 20.
    assert thorough <= TOYS


def test_an_end_beyond_the_range_is_infinite() -> None:
    likelihood = charge().with_prior("charge", flat(-6.0, 0.8))
    task = toy_task(likelihood, "charge", [0.5])
    typical = with_data(likelihood, likelihood.expected(task.points[0]), task.points[0])
    found = scan_of(typical, "charge", 0.5)
    assert found is not None
    row = found.row(typical.observed, typical.centre, CUT)
    intervals = profile(typical, "charge", cut=CUT).intervals(CUT)
    assert row is not None and len(intervals) == 2 and intervals[-1][1] is None
    assert row["lower"] == pytest.approx(intervals[0][0], rel=1e-6) and row["upper"] == np.inf


def test_other_signals_are_searched_thoroughly() -> None:
    assert scan_of(counting(), "size", 1.0) is None  # a size
    two = replace(
        charge(),
        parameters=tuple(replace(p, role="signal") for p in charge().parameters),
    )
    assert scan_of(two, "charge", 0.5) is None  # two signals


def test_a_toy_that_reaches_the_ends_of_a_scan_is_searched_thoroughly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    likelihood = charge()
    task = IntervalTask(likelihood, "charge", CUT)
    expected = task.run(0, np.random.SeedSequence(1))
    monkeypatch.setattr(scan, "FAR", 0.1)
    again = IntervalTask(likelihood, "charge", CUT)
    found = again._scan
    assert found is not None
    counts, centres = likelihood.observed, likelihood.centre
    assert found.row(counts, centres, CUT) is None
    assert again.run(0, np.random.SeedSequence(1)) == pytest.approx(expected, rel=1e-5)
