"""The pictures of a limit show what they say: curves, labels with units, legend entries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bayesnu import load
from bayesnu.analyses.limit import LimitRun, limit_run
from bayesnu.analyses.record import spectrum_of
from bayesnu.output.plots import limit as plots
from bayesnu.output.plots import style


def legend_of(axes: Axes) -> list[str]:
    """Return the entries of a legend."""
    legend = axes.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def points_of(axes: Axes) -> tuple[np.ndarray, np.ndarray]:
    """Return the points that error bars are drawn around."""
    (container,) = axes.containers
    return tuple(np.asarray(values) for values in container[0].get_data())  # type: ignore


@pytest.fixture(scope="module")
def spectrum(run: LimitRun) -> Figure:
    return plots.draw_spectrum(spectrum_of(run, "xenonnt-2022-er"))


@pytest.fixture(scope="module")
def profile(run: LimitRun) -> Figure:
    column = run.columns["mu_eff"]
    return plots.draw_limit(run.limit, column.latex, run.profile, column.values)


def test_spectrum_has_labels_with_units_and_a_title(spectrum: Figure) -> None:
    top, bottom = spectrum.axes
    assert top.get_ylabel() == "events / keV"
    assert bottom.get_xlabel() == "reconstructed energy [keV]"
    assert bottom.get_ylabel() == r"(data $-$ total) / $\sigma$"
    assert top.get_title() == "XENONnT SR0, electron recoils"


def test_spectrum_names_data_every_component_and_the_value_of_the_signal(
    spectrum: Figure, run: LimitRun
) -> None:
    entries = legend_of(spectrum.axes[0])
    backgrounds = load("xenonnt-2022-er").backgrounds
    # Data and the line with the signal; solar neutrinos and all backgrounds below them.
    assert len(entries) == 3 + len(backgrounds)
    assert {"data", r"solar $\nu$", "$^{136}$Xe", "materials"} <= set(entries)
    (signal,) = (text for text in entries if text.startswith("fit, with"))
    assert run.limit.frequentist is not None
    assert f"{run.limit.frequentist.intervals[0][1]:.3g}" in signal
    assert r"\mu_\mathrm{B}" in signal and "(90%)" in signal


def test_spectrum_draws_the_data_per_keV_with_their_errors(spectrum: Figure) -> None:
    experiment = load("xenonnt-2022-er")
    energy, height = points_of(spectrum.axes[0])
    assert experiment.observed is not None
    ends = [experiment.edges[0]]
    for centre in energy:
        ends.append(2.0 * centre - ends[-1])
    # Narrow bins share a point, wide ones have one each.
    places = np.searchsorted(experiment.edges, np.array(ends) - 1e-6)
    assert np.array(ends) == pytest.approx(experiment.edges[places])
    counts = np.add.reduceat(experiment.observed, places[:-1])
    assert height * np.diff(ends) == pytest.approx(counts)
    assert np.diff(places).max() > 1 and (np.diff(places)[-50:] == 1).all()


def test_spectrum_stacks_to_the_best_fit_and_the_signal_lies_above(
    spectrum: Figure, run: LimitRun
) -> None:
    top = spectrum.axes[0]
    heights = [patch.get_data().values for patch in top.patches]
    *stack, signal = heights
    widths = np.diff(load("xenonnt-2022-er").edges)
    best = np.array([run.profile.best_point[n] for n in run.likelihood.names])  # type: ignore
    assert stack[-1] * widths == pytest.approx(run.likelihood.expected(best))
    # A moment adds events, most of them at low energy.
    excess = signal - stack[-1]
    assert (excess * widths > -1e-9).all()
    assert excess[0] > 10 * excess[-1]


def test_residuals_are_data_minus_fit_over_error(spectrum: Figure, run: LimitRun) -> None:
    _, pulls = points_of(spectrum.axes[1])
    # Rough, since errors are sqrt(n) here: the fit describes the data.
    assert np.mean(pulls**2) == pytest.approx(1.0, abs=0.4)
    low, high = spectrum.axes[1].get_ylim()
    assert low < pulls.min() and pulls.max() < high and low == -high


def test_a_wide_spectrum_is_logarithmic_with_plain_numbers(spectrum: Figure) -> None:
    bottom = spectrum.axes[1]
    assert bottom.get_xscale() == "log"
    spectrum.canvas.draw()
    assert {"1", "10", "100"} <= {text.get_text() for text in bottom.get_xticklabels()}


def test_legend_stands_above_the_data(spectrum: Figure) -> None:
    top = spectrum.axes[0]
    spectrum.canvas.draw()
    legend = top.get_legend()
    assert legend is not None
    box = legend.get_window_extent()
    lowest = top.transData.inverted().transform((0, box.y0))[1]
    energy, height = points_of(top)
    right = top.transData.inverted().transform((box.x1, 0))[0]
    assert height[energy < right].max() < lowest
    assert box.x1 <= top.get_window_extent().x1


def test_profile_draws_the_curve_the_cut_and_the_limit(profile: Figure, run: LimitRun) -> None:
    axes = profile.axes[0]
    assert axes.get_xlabel() == r"$\mu_\nu^\mathrm{eff}$ [$10^{-11}\,\mu_\mathrm{B}$]"
    assert axes.get_ylabel() == r"$\Delta\chi^2$ (profile)"
    curve, cut, limit = axes.lines
    assert run.profile is not None
    assert np.asarray(curve.get_ydata()) == pytest.approx(run.profile.delta_chi2)
    assert cut.get_ydata()[0] == pytest.approx(2.7055, abs=1e-4)
    assert run.limit.frequentist is not None
    assert limit.get_xdata()[0] == run.limit.frequentist.intervals[0][1]
    assert "90% (1 dof): 2.706" in legend_of(axes)


def test_profile_shows_the_posterior_and_its_credible_part(profile: Figure, run: LimitRun) -> None:
    axes, other = profile.axes
    assert other.get_ylabel() == "posterior density"
    assert "posterior, 90% credible" in legend_of(axes)
    (histogram,) = other.patches
    values, edges = histogram.get_data().values, histogram.get_data().edges
    # The density is that of the draws inside the drawn range, a few of them may lie outside.
    assert (values * np.diff(edges)).sum() == pytest.approx(1.0, abs=0.03)
    (filled,) = other.collections
    ends = filled.get_paths()[0].vertices[:, 0]
    assert run.limit.bayesian is not None
    limit = run.limit.bayesian.intervals[0][1]
    assert limit is not None
    assert ends.max() == pytest.approx(limit, rel=1e-3)


def test_corner_names_parameters_with_units_and_draws_the_limit(run: LimitRun) -> None:
    assert run.limit.bayesian is not None
    ends = run.limit.bayesian.intervals
    figure = plots.draw_corner(run.columns, "mu_eff", run.limit.experiments, intervals=ends, most=4)
    assert len(figure.axes) == 16
    last = [axes.get_xlabel() for axes in figure.axes[-4:]]
    assert last[0] == r"$\mu_\nu^\mathrm{eff}$ [$10^{-11}\,\mu_\mathrm{B}$]"
    # One experiment: its name is not repeated in every label.
    assert "xenonnt" not in " ".join(last)
    assert r"$^{214}$Pb" in last
    assert run.limit.bayesian is not None
    (limit,) = (line.get_xdata()[0] for line in figure.axes[0].lines)
    assert limit == run.limit.bayesian.intervals[0][1]
    (text,) = figure.texts
    assert "68.3% and 90%" in text.get_text()


def test_corner_does_not_wait_for_arviz() -> None:
    import subprocess
    import sys

    code = """
import sys
from bayesnu.output.plots.corner_import import corner_core
core = corner_core()
assert core.corner_impl
assert not {"arviz", "arviz_base", "corner"} & set(sys.modules)
import corner
from corner.corner import arviz_corner
assert arviz_corner is not None, "corner has lost its support of DataTrees"
assert corner.core.corner_impl and corner_core() is core
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_limit_on_nuclear_recoils_is_drawn_in_bins() -> None:
    run = limit_run(["xenonnt-2024-8b"], "magnetic-moment", "mu_eff", method="profile")
    top, bottom = plots.draw_spectrum(spectrum_of(run, "xenonnt-2024-8b")).axes
    assert top.get_ylabel() == "events / bin"
    assert bottom.get_xlabel() == "bin number"
    assert bottom.get_xscale() == "linear"


def test_a_picture_is_a_file_of_the_kind_its_name_says(spectrum: Figure, tmp_path: Path) -> None:
    starts = {"a.png": b"\x89PNG", "a.pdf": b"%PDF", "a.svg": b"<?xml"}
    for name, start in starts.items():
        assert style.save(spectrum, tmp_path / name).read_bytes().startswith(start)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_run_can_be_made_in_another_process() -> None:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    words = (["xenonnt-2022-er"], "magnetic-moment", "mu_eff")
    run = limit_run(*words, method="profile")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(limit_run, *words, method="profile").result()
    assert run.profile is not None and there.profile is not None
    assert there.profile.intervals(1.0) == run.profile.intervals(1.0)
