"""The detectors of docs/howto/next-detectors.md: its arithmetic, and what they expect."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from shown import blocks

from bayesnu.analyses.asimov import asimov
from bayesnu.analyses.limit import limit
from bayesnu.analyses.rates import rates
from bayesnu.experiments.loading import load

PAGE = Path(__file__).parents[2] / "docs/howto/next-detectors.md"
CURIE = 3.7e10
DAYS, HALF_LIFE = 100.0, 27.704
TONNES, DENSITY, BELOW = 60.0, 2.86, 1.0
"""t, t / m3, m below the xenon."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("next")
    for block in blocks(PAGE.read_text(encoding="utf-8")):
        name = block.option("file")
        if name:
            (folder / name).write_text(block.text, encoding="utf-8")
    return folder


def upper(path: Path, signal: str, parameter: str) -> float:
    data = asimov([path], signal)
    found = limit([path], signal, parameter, observed=data, method="profile")
    return float(found.frequentist.intervals[-1][1])


def test_the_chromium_s_flux_is_that_of_its_activity_and_distance(written: Path) -> None:
    decay = np.log(2.0) / HALF_LIFE * DAYS
    activity = 3.41e6 * CURIE * (1.0 - np.exp(-decay)) / decay
    volume = TONNES / DENSITY
    radius = (volume / (2.0 * np.pi)) ** (1.0 / 3.0)
    rings = quad(lambda z: np.log1p((radius / z) ** 2), BELOW, BELOW + 2.0 * radius)[0]
    per_m2 = np.pi * rings / volume  # mean of 1 / r^2
    expected = activity * per_m2 / (4.0 * np.pi) / 1e4
    lines = load(written / "chromium.toml").file.source.components["chromium"].lines
    assert sum(line.flux_per_cm2_s for line in lines) == pytest.approx(expected, rel=5e-3)
    stated = re.search(
        r"mean of 1 / r\u00b2 over this cylinder is ([0-9.]+)", PAGE.read_text("utf-8")
    )
    assert stated and float(stated[1]) == pytest.approx(per_m2, abs=5e-4)
    assert load(written / "chromium.toml").file.exposure_t_yr == pytest.approx(
        TONNES * DAYS / 365.25, abs=0.05
    )


def test_the_sun_beside_it_is_the_sun(written: Path) -> None:
    """pp and 7Be are 99% of what darwin-30ty sees below 100 keV; the table has 17 rows."""
    text = (written / "chromium.toml").read_text(encoding="utf-8")
    without = re.sub(
        r"(?s)\[source\.components\.chromium\].*?(?=\[source\.components\.pp\])", "", text
    )
    path = written / "sun.toml"
    path.write_text(without, encoding="utf-8")
    ours, sun = rates(load(path)), rates(load("darwin-30ty", exposure=16.4))
    low = sun.edges[1:] <= 100.0
    found = ours.components["source_nu"][low].sum() / sun.components["solar_nu"][low].sum()
    print(f"the sun as components of a table: {found:.4f}")
    assert found == pytest.approx(1.0, abs=0.03)


def test_limits_are_of_the_order_that_fluxes_and_exposures_say(written: Path) -> None:
    """mu_e^2 goes as the root of the counts over flux of nu_e times exposure."""
    chromium = upper(written / "chromium.toml", "magnetic-moment", "mu_e")
    sun = upper(Path("darwin-30ty"), "magnetic-moment", "mu_e")
    counts = [
        found.total[found.edges[1:] < 10.0].sum()
        for found in (rates(load(written / "chromium.toml")), rates("darwin-30ty"))
    ]
    # nu_e: 6.7e10 and the sun's 3.6e10 for 16.4 t yr, against 3.6e10 for 30 t yr.
    more = (6.7 + 3.6) * 16.4 / (3.6 * 30.0)
    scaled = sun * (counts[0] / counts[1]) ** 0.25 / more**0.5
    print(f"mu_e: chromium {chromium:.3f}, by scaling {scaled:.3f}, the sun alone {sun:.3f}")
    assert chromium == pytest.approx(scaled, rel=0.1)
    reactor = upper(written / "reactor.toml", "magnetic-moment", "mu_e")
    print(f"mu_e: reactor {reactor:.3f}")
    assert 0.3 < reactor < 3.0
