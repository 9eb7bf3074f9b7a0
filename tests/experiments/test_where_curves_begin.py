"""Curves that do not begin at zero: nothing is below their first row, not even on the way to it."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from bayesnu.experiments.detector import efficiency_after_smearing, integrate_curve
from bayesnu.experiments.loading import load
from bayesnu.files.tables import read_table

EDGES = np.array([0.0, 1.0, 2.0, 4.0])
CURVE = np.array([0.4, 1.3, 3.0]), np.array([0.2, 0.6, 0.9])


def curve(energy: float) -> float:
    return float(np.interp(energy, *CURVE, left=0.0))


def integral(function, low: float, high: float) -> float:
    points = [p for p in CURVE[0] if low < p < high]
    return quad(function, low, high, points=points or None, epsabs=1e-13)[0]


def test_an_efficiency_at_reconstructed_energy_begins_at_its_first_row() -> None:
    mean, width = np.array([0.1, 0.5, 1.6, 3.9]), np.array([0.1, 0.2, 0.3, 0.5])
    found = efficiency_after_smearing(EDGES, *CURVE, mean, width)
    for column, density in enumerate(norm(m, s) for m, s in zip(mean, width, strict=True)):
        for row, (low, high) in enumerate(itertools.pairwise(EDGES)):
            expected = integral(lambda x, d=density: curve(x) * d.pdf(x), low, high)
            assert found[row, column] == pytest.approx(expected, rel=1e-8, abs=1e-12)


def test_a_rate_begins_at_its_first_row() -> None:
    expected = [integral(curve, low, high) for low, high in itertools.pairwise(EDGES)]
    assert integrate_curve(*CURVE, EDGES) == pytest.approx(expected, rel=1e-10)


def test_a_table_that_says_zero_just_below_its_first_row_says_the_same(tmp_path: Path) -> None:
    """PandaX-4T's begins at 0.8%, as high as its digitised axis; also a sigma of threshold off."""
    table = read_table("pandax4t-2022-er/efficiency_wimp_selection.csv")
    energy, efficiency = table.column("energy_keV"), table.column("efficiency")
    rows = [(energy[0] - 1e-9, 0.0), *zip(energy, efficiency, strict=True)]
    lines = ["energy_keV,efficiency", *(f"{e!r},{v!r}" for e, v in np.array(rows).tolist())]
    (tmp_path / "zero.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    path = tmp_path / "zero.toml"
    path.write_text(
        'extends = "pandax4t-2022-er"\n[efficiency]\ntable = "zero.csv"\n', encoding="utf-8"
    )
    for own, said in zip(load("pandax4t-2022-er").backgrounds, load(path).backgrounds, strict=True):
        for factors, counts in own.terms.items():
            largest = abs(counts).max()
            assert said.terms[factors] == pytest.approx(counts, abs=1e-8 * largest), own.name
