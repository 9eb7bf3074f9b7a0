"""The pictures of impacts, and of spectra before and after a fit, show the numbers they are of."""

from __future__ import annotations

import numpy as np
import pytest
from pictures_drawn import draws, entries, labels

from bayesnu.output.plots.impacts import draw_impacts
from bayesnu.output.plots.spectra import draw_fit_spectra
from bayesnu.results.expectation import ENERGY_AXIS
from bayesnu.results.impacts import Impacts, NuisanceImpact
from bayesnu.results.spectra import TOTAL, Band, FitSpectra

NUISANCES = (
    NuisanceImpact("threshold_one", "detector", "Gaussian", 0.0, 2.0, 1.0, 1.5, 0.2, -0.1),
    NuisanceImpact("background_flat_one", "background", "free", None, None, 0.9, 0.05, 0.1, -0.1),
)
FOUND = Impacts(
    experiments=("one",),
    signal="magnetic-moment",
    parameter="mu_eff",
    unit="1e-11 mu_B",
    latex=r"\mu",
    level=0.9,
    threshold=2.71,
    best_fit=0.0,
    interval=(0.0, 1.0),
    of="upper end",
    nuisances=NUISANCES,
    known=(),
    correlated=(),
)


@draws(draw_impacts)
def test_pulls_are_on_the_left_and_impacts_on_the_right() -> None:
    left, right = draw_impacts(FOUND).axes
    ((pull, *_),) = left.containers
    assert pull.get_xdata() == pytest.approx([0.5]) and pull.get_ydata() == pytest.approx([1.0])
    assert [text.get_text() for text in left.texts] == [r"0.9 $\pm$ 0.05"]
    up, down = right.containers
    assert [bar.get_width() for bar in up] == pytest.approx([0.2, 0.1])
    assert [bar.get_width() for bar in down] == pytest.approx([-0.1, -0.1])
    assert entries(right) == ["one width up", "one width down"]
    assert labels(left)[0] == r"(fit $-$ prior) / prior width"
    assert "change of the upper end" in labels(right)[0]


@draws(draw_fit_spectra)
def test_spectra_are_drawn_before_and_after_the_fit_with_their_bands() -> None:
    before, width = np.array([4.0, 6.0]), np.array([1.0, 2.0])
    band = Band(TOTAL, before, width, before + 1.0, 0.5 * width)
    edges = np.array([0.0, 2.0, 4.0])
    found = FitSpectra("one", ENERGY_AXIS, edges, np.array([5.0, 7.0]), (band,))
    sides = draw_fit_spectra([found]).axes
    for side, counts, error in zip(sides, (before, before + 1.0), (1.0, 0.5), strict=True):
        filled, line = (patch.get_data() for patch in side.patches)
        np.testing.assert_allclose(line.values, counts / 2.0)  # per keV
        np.testing.assert_allclose(filled.values, (counts + error * width) / 2.0)
        np.testing.assert_allclose(filled.baseline, (counts - error * width) / 2.0)
        assert labels(side)[0] == ENERGY_AXIS
    assert labels(sides[0])[1] == "events / keV"
    assert entries(sides[1]) == ["total"]
