"""Curves, regions, planes and sensitivities are drawn where their numbers are."""

from __future__ import annotations

import numpy as np
import pytest
from monte_carlo import generator
from pictures_drawn import DELTA_CHI2, MOMENT, MOMENT_LABEL, draws, entries, heading, labels

from bayesnu.output.plots import scans as scan_plots
from bayesnu.output.plots.sensitivity import draw_sensitivity
from bayesnu.results.curve import BeamProfile, Profile
from bayesnu.results.exclusion import Exclusion
from bayesnu.results.limit import CredibleLimit, FrequentistLimit
from bayesnu.results.region import Contour
from bayesnu.results.sensitivity import Band, Sensitivity, SensitivityPoint


def parabola(centre: float = 0.0, unit: str = "1e-11 mu_B") -> Profile:
    """Return a Delta chi2 curve with a width of one."""
    x = np.linspace(centre - 3, centre + 3, 25)
    return Profile(
        parameter="mu_eff",
        unit=unit,
        values=x,
        delta_chi2=(x - centre) ** 2,
        best_fit=centre,
        chi2_min=10.0,
        best_point={"mu_eff": centre},
        minima=(centre,),
        one_sided=False,
        lower_bound=-100.0,
        upper_bound=100.0,
        _evaluate=lambda value: (value - centre) ** 2,
    )


@draws(scan_plots.draw_profiles)
def test_profiles_share_one_axis_with_cut_and_posterior() -> None:
    curves = {"one": parabola(), "both": parabola(0.5)}
    sample = generator(1).normal(0.5, 1.0, 4000)
    panel = scan_plots.Panel(curves, MOMENT, sample)
    axes, other = scan_plots.draw_profiles([panel], [2.706], "a title").axes
    assert labels(axes) == (MOMENT_LABEL, DELTA_CHI2)
    assert entries(axes)[:2] == ["one", "both"]
    assert np.array_equal(np.asarray(axes.lines[1].get_ydata()), curves["both"].delta_chi2)
    assert axes.lines[2].get_ydata()[0] == 2.706
    assert other.get_ylabel().startswith("posterior density")
    assert heading(axes.get_figure()) == "a title"


@draws(scan_plots.draw_contours)
def test_contours_draw_closed_lines_at_the_cut_and_the_best_fit() -> None:
    x = y = np.linspace(-3, 3, 31)
    region = Contour(
        ("q_ee", "q_mumu"),
        ("1e-13 e", "1e-13 e"),
        x,
        y,
        x[None, :] ** 2 + y[:, None] ** 2,
        (0.0, 0.0),
        10.0,
        (4.605,),
    )
    (axes,) = scan_plots.draw_contours({"XENONnT": region}, ("q_{ee}", "q_{mm}"), "t").axes
    assert labels(axes) == (r"$q_{ee}$ [$10^{-13}\,e$]", r"$q_{mm}$ [$10^{-13}\,e$]")
    (line, cross) = axes.lines
    points = np.asarray(line.get_xydata())
    # The spline between grid points follows a paraboloid closely.
    assert np.hypot(*points.T) == pytest.approx(np.full(len(points), np.sqrt(4.605)), rel=1e-3)
    assert np.array_equal(points[0], points[-1])
    assert np.asarray(cross.get_xydata()).tolist() == [[0.0, 0.0]]


@draws(scan_plots.draw_exclusions)
def test_exclusions_leave_gaps_where_the_data_say_nothing() -> None:
    plane = Exclusion(
        experiments=("xenonnt-2022-er",),
        signal="sterile-dipole",
        coupling="mu_e",
        unit="1e-11 mu_B",
        mass="m4",
        mass_unit="MeV",
        level=0.9,
        dof=1,
        threshold=2.706,
        masses=(0.01, 0.1, 1.0),
        allowed=(((None, 0.9),), ((None, 1.2),), ()),
        upper=(0.9, 1.2, None),
        credible=(0.8, None, None),
        prior="flat",
        best_fit=(0.01, 0.0),
        chi2_min=70.0,
        efficiency=1.0,
        latex=r"|\mu_{\nu_e 4}|",
        mass_latex="m_4",
    )
    figure = scan_plots.draw_exclusions({"XENONnT": plane}, "t", r"|\mu_{\nu_e 4}|")
    (axes,) = figure.axes
    assert axes.get_xlabel() == "$m_4$ [MeV]"
    assert r"|\mu_{\nu_e 4}|" in axes.get_ylabel() and r"\mu_\mathrm{B}" in axes.get_ylabel()
    assert axes.get_xscale() == axes.get_yscale() == "log"
    solid, dashed = axes.lines
    assert np.asarray(solid.get_xydata()).tolist() == [[0.01, 0.9], [0.1, 1.2]]
    assert np.asarray(dashed.get_xydata()).tolist() == [[0.01, 0.8]]


@draws(scan_plots.draw_beams)
def test_beams_share_one_axis() -> None:
    x = np.linspace(0, 3, 10)
    curve = BeamProfile("reactor", ("xenonnt-2022-er",), x, x**2, 10.0, 0.9, 1, 1.6, {})
    figure = scan_plots.draw_beams({"reactor": curve}, [2.706], "t")
    (axes,) = figure.axes
    assert labels(axes) == (r"$\mu_\nu$ [$10^{-11}\,\mu_\mathrm{B}$]", DELTA_CHI2)
    assert np.array_equal(np.asarray(axes.lines[0].get_ydata()), x**2)
    assert entries(figure) == ["reactor"]


@draws(draw_sensitivity)
def test_sensitivity_falls_along_exposure_with_bands_and_both_statements() -> None:
    def point(exposure: float, limit: float) -> SensitivityPoint:
        band = (0.6, 0.8, 1.0, 1.2, 1.4)
        return SensitivityPoint(
            exposure,
            FrequentistLimit(1, 2.706, 0.0, 0.0, ((None, limit),)),
            CredibleLimit(
                "flat", "upper", ((None, 0.9 * limit),), 0.1, 0.1, 1.0, 1000.0, 0, 4000, True
            ),
            Band((0.025, 0.16, 0.5, 0.84, 0.975), None, tuple(limit * b for b in band), 10, 0),
        )

    found = Sensitivity(
        "darwin-30ty",
        "magnetic-moment",
        "mu_eff",
        "1e-11 mu_B",
        MOMENT,
        ("mu_eff",),
        0.9,
        {},
        {},
        (point(300.0, 0.2), point(30.0, 0.4)),
        1,
        "0",
    )
    (axes,) = draw_sensitivity(found).axes
    assert labels(axes) == ("exposure [t yr]", MOMENT_LABEL)
    assert axes.get_xscale() == axes.get_yscale() == "log"
    line, points = axes.lines
    assert np.asarray(line.get_xydata()).tolist() == [[30.0, 0.4], [300.0, 0.2]]
    assert np.asarray(points.get_ydata()).tolist() == pytest.approx([0.36, 0.18])
    assert len(axes.collections) == 2
    assert {"95% of toys", "68% of toys", "credible, 90%"} <= set(entries(axes))
