"""XENONnT's components, built from shapes and the response, add up to its published total B0."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bayesnu.experiments.detector import integrate_curve
from bayesnu.experiments.loading import load
from bayesnu.files.tables import read_table
from bayesnu.model.rate import standard_model_counts


@pytest.fixture(scope="module")
def published_and_built() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Edges, B0 (digitised, solar neutrinos included) and the components at the published fit."""
    experiment = load("xenonnt-2022-er")
    table = read_table("xenonnt-2022-er/table1.csv")
    fit = dict(zip(table.text_column("component"), table.column("fit_events"), strict=True))
    solar = standard_model_counts(experiment)
    built = solar * fit.pop("solar_nu") / solar.sum()
    assert {b.name for b in experiment.backgrounds} == set(fit)
    for background in experiment.backgrounds:
        built = built + background.counts * fit[background.name] / background.counts.sum()
    curve = read_table("xenonnt-2022-er/background_b0.csv")
    rate = curve.column("rate_per_t_yr_keV")
    exposure = experiment.file.exposure
    b0 = exposure * integrate_curve(curve.column("energy_keV"), rate, experiment.edges)
    return experiment.edges, b0, built


def test_total_agrees_within_1_percent(published_and_built) -> None:
    _, b0, built = published_and_built
    # The digitised curve ends at 139.4 keV, inside the last bin.
    assert built[:-1].sum() == pytest.approx(b0[:-1].sum(), rel=0.01)


def test_every_2_keV_bin_agrees_within_15_percent_and_4_percent_rms(published_and_built) -> None:
    edges, b0, built = published_and_built
    wide = np.arange(2.0, 139.0, 2.0)
    cumulative = [np.concatenate([[0.0], np.cumsum(x)]) for x in (b0, built)]
    at = [np.diff(np.interp(wide, edges, total)) for total in cumulative]
    ratio = at[1] / at[0] - 1.0
    assert len(ratio) == 68
    assert np.abs(ratio).max() < 0.15
    assert np.sqrt((ratio**2).mean()) < 0.04


def test_line_positions_of_b0_are_the_reason_for_the_energy_scale(published_and_built) -> None:
    edges, b0, built = published_and_built
    near = (edges[:-1] >= 58.0) & (edges[:-1] < 72.0)
    middle = 0.5 * (edges[1:] + edges[:-1])[near]
    peaks = []
    for counts in (b0[near], built[near]):
        line = counts - np.interp(middle, middle[[0, -1]], counts[[0, -1]])
        peaks.append((line * middle).sum() / line.sum())
    # 124Xe KK is 64.3 keV; without the scale the centroids would differ by 0.8 keV.
    assert peaks[1] == pytest.approx(peaks[0], abs=0.3)


def test_136Xe_follows_from_half_life_abundance_and_exposure(variant) -> None:
    # ln 2 / 2.165e21 yr x 8.857% x 4.587e27 atoms / t = 1.3007e5 decays / (t yr).
    path = variant(
        "xenonnt-2022-er",
        "[backgrounds.check]\n"
        'spectrum = { table = "er-shapes/xe136.csv", column = "density_per_keV" }\n'
        'below_keV_as = "linear"\ndecays_per_t_yr = 130070\nprior = { type = "free" }\n',
    )
    backgrounds = {b.name: b.counts.sum() for b in load(path).backgrounds}
    # Table I: 1560 +- 60.
    assert backgrounds["check"] == pytest.approx(1560.0, abs=60.0)
