"""Calibration, coverage and bands are drawn with their levels; figures of papers, too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pictures_drawn import DELTA_CHI2, MOMENT, MOMENT_LABEL, draws, entries, heading, labels

from bayesnu.analyses.limit import limit_run
from bayesnu.campaigns.uniformity import uniformity
from bayesnu.inference.settings import Settings
from bayesnu.output.plots import campaigns as campaign_plots
from bayesnu.papers.figures import draw
from bayesnu.papers.fits import Fits as PaperFits
from bayesnu.papers.paper import FigureEntry
from bayesnu.results.calibration import Calibration
from bayesnu.results.coverage import Coverage, CoveragePoint, Share
from bayesnu.results.fits import Fits
from bayesnu.results.limit import CalibratedLimit

NO_FITS = Fits((), np.arange(3), np.zeros((3, 0)), np.ones(3), 0, 3)


@draws(campaign_plots.calibration_plot)
def test_calibration_has_a_panel_with_its_band_for_every_parameter() -> None:
    values = np.linspace(0.005, 0.995, 100)
    found = Calibration(
        ("xenonnt-2022-er",),
        "magnetic-moment",
        {},
        {"mu_eff": uniformity(values), "flux_pp": uniformity(values)},
        NO_FITS,
    )
    figure = campaign_plots.calibration_plot(found)
    used = [axes for axes in figure.axes if axes.axison]
    assert [axes.get_title().split("\n")[0] for axes in used] == ["mu_eff", "flux_pp"]
    assert "p = " in used[0].get_title()
    assert figure.get_supxlabel() == "rank of the truth / number of draws"
    assert figure.get_supylabel() == "ECDF of ranks minus uniform"
    curve = np.asarray(used[0].lines[-1].get_ydata())
    assert abs(curve).max() < 0.02 and used[0].collections, "uniform ranks inside a band"
    assert "3 simulations" in figure.get_suptitle()


def coverage() -> Coverage:
    """Return the coverage at two true values."""
    return Coverage(
        experiments=("xenonnt-2022-er",),
        signal="magnetic-moment",
        parameter="mu_eff",
        unit="1e-11 mu_B",
        latex=MOMENT,
        level=0.9,
        cut=2.706,
        points=tuple(
            CoveragePoint(
                truth,
                100,
                profile=Share(0.93, 0.02),
                credible=Share(0.89, 0.03),
                upper=tuple(truth + b for b in (0.2, 0.4, 0.6, 0.8, 1.0)),
            )
            for truth in (0.5, 0.0)
        ),
        fits=NO_FITS,
    )


@draws(campaign_plots.coverage_plot)
def test_coverage_is_drawn_in_per_cent_beside_the_level() -> None:
    (axes,) = campaign_plots.coverage_plot(coverage()).axes
    assert labels(axes) == (f"true {MOMENT_LABEL}", "coverage [%]")
    drawn = [np.asarray(c[0].get_xydata()).tolist() for c in axes.containers]
    assert drawn == [[[0.0, 93.0], [0.5, 93.0]], [[0.0, 89.0], [0.5, 89.0]]]
    assert entries(axes) == [r"$\Delta\chi^2 < 2.706$", "90% credible"]
    assert 90.0 in [line.get_ydata()[0] for line in axes.lines]


@draws(campaign_plots.limit_bands)
def test_bands_hold_the_median_of_the_upper_limits() -> None:
    (axes,) = campaign_plots.limit_bands(coverage()).axes
    assert labels(axes) == (f"true {MOMENT_LABEL}", f"upper limit {MOMENT_LABEL}")
    (median,) = axes.lines
    assert np.asarray(median.get_xydata()).tolist() == [[0.0, 0.6], [0.5, 1.1]]
    assert len(axes.collections) == 2
    assert "68% and 95% bands" in axes.get_title()


@draws(campaign_plots.calibrated_cuts)
def test_calibrated_cuts_are_drawn_with_errors_where_the_profile_crosses_them() -> None:
    fit = limit_run(["xenonnt-2022-er@khan-2022"], "magnetic-moment", "mu_eff", method="profile")
    calibrated = CalibratedLimit(
        100, (0.0, 0.4, 0.8), (1.5, 2.0, 2.5), (0.1, 0.1, 0.1), ((None, 0.6),)
    )
    limit = replace(fit.limit, calibrated=calibrated)
    assert fit.profile is not None
    (axes,) = campaign_plots.calibrated_cuts(limit, MOMENT, fit.profile).axes
    assert labels(axes) == (MOMENT_LABEL, DELTA_CHI2)
    assert {r"$\Delta\chi^2$ of the data", "calibrated cut, 100 toys each"} <= set(entries(axes))
    (cuts,) = (np.asarray(c[0].get_xydata()).tolist() for c in axes.containers)
    assert cuts == [[0.0, 1.5], [0.4, 2.0], [0.8, 2.5]]
    assert 0.6 in [line.get_xdata()[0] for line in axes.lines]


@draws(draw)
@pytest.mark.parametrize("kind", ["profiles", "spectrum"])
def test_figures_of_papers_have_the_curves_that_their_entry_names(kind: str) -> None:
    entry = FigureEntry(
        name="f",
        kind=kind,  # type: ignore[arg-type]
        signal="magnetic-moment",
        parameters=("mu_eff",) if kind == "profiles" else (),
        fixed={} if kind == "profiles" else {"mu_eff": 2.0},
        groups={"XENONnT": ("xenonnt-2022-er@khan-2022",)},
        caption="a caption",
    )
    figure = draw(entry, "profile", PaperFits(Settings()))
    assert "a caption" in heading(figure)
    axes = figure.axes[0]
    if kind == "spectrum":
        assert "mu_eff = 2" in entries(axes)
        return
    assert labels(axes) == (MOMENT_LABEL, DELTA_CHI2)
    curve, cut = axes.lines
    assert cut.get_ydata()[0] == pytest.approx(2.706, abs=1e-3)
    # khan-2022 quotes 0.63e-11 mu_B; the curve crosses the cut near it.
    x, y = np.asarray(curve.get_xydata()).T
    assert np.interp(2.706, y[x >= 0], x[x >= 0]) == pytest.approx(0.654, abs=0.03)
