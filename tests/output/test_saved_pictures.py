"""The pictures of a limit are the same, fresh and saved, and show what is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pictures_drawn import DELTA_CHI2, MOMENT, MOMENT_LABEL, draws, entries, labels

from bayesnu import load, read_run, write_posterior
from bayesnu.analyses.limit import LimitRun
from bayesnu.analyses.record import record_of
from bayesnu.output.limit_files import write_limit
from bayesnu.output.plots import components
from bayesnu.output.plots import limit as plots
from bayesnu.results.expectation import Expectation
from bayesnu.results.record import RECORD
from bayesnu.saved.reading import read_record


@draws(plots.draw_spectrum)
def test_spectra_fresh_and_read_again_are_the_same_picture(run: LimitRun, tmp_path: Path) -> None:
    record = record_of(run)
    write_limit(record, None, tmp_path)
    fresh = plots.draw_spectrum(record.spectra[0])
    saved = plots.draw_spectrum(read_record(tmp_path / RECORD).spectra[0])
    for one, other in zip(fresh.axes, saved.axes, strict=True):
        assert labels(one) == labels(other)
        assert one.get_title() == other.get_title()
        for a, b in zip(one.patches, other.patches, strict=True):
            assert np.array_equal(a.get_data().values, b.get_data().values)
    assert entries(fresh.axes[0]) == entries(saved.axes[0])
    components_and_signal = len(load("xenonnt-2022-er").backgrounds) + 2
    assert len(fresh.axes[0].patches) == components_and_signal


def test_profile_and_posterior_share_the_axis_of_the_parameter(run: LimitRun) -> None:
    values = run.columns["mu_eff"].values
    axes, other = plots.draw_limit(run.limit, MOMENT, run.profile, values).axes
    assert labels(axes) == (MOMENT_LABEL, r"$\Delta\chi^2$ (profile)")
    assert other.get_ylabel() == "posterior density"
    assert axes.get_xlim() == other.get_xlim()
    assert run.profile is not None
    assert np.array_equal(np.asarray(axes.lines[0].get_ydata()), run.profile.delta_chi2)


@draws(plots.draw_limit)
def test_a_limit_is_drawn_without_a_profile_or_without_draws(run: LimitRun) -> None:
    assert run.posterior is not None
    draws_of = np.asarray(run.posterior["posterior"].to_dataset()["mu_eff"])
    (only_draws,) = plots.draw_limit(run.limit, MOMENT, None, draws_of).axes
    assert labels(only_draws) == (MOMENT_LABEL, "posterior density")
    assert entries(only_draws) == ["posterior, 90% credible"]
    (only_profile,) = plots.draw_limit(run.limit, MOMENT, run.profile).axes
    assert labels(only_profile) == (MOMENT_LABEL, r"$\Delta\chi^2$ (profile)")
    assert entries(only_profile) == [DELTA_CHI2, "90% (1 dof): 2.706"]


@draws(plots.draw_corner)
def test_corner_has_one_panel_for_each_pair(run: LimitRun, tmp_path: Path) -> None:
    assert run.posterior is not None and run.limit.bayesian is not None
    write_posterior(run.posterior, tmp_path / "posterior.nc")
    (fit,) = read_run(tmp_path / "posterior.nc").fits
    fresh, saved = (
        plots.draw_corner(
            columns, "mu_eff", run.limit.experiments, intervals=run.limit.bayesian.intervals, most=3
        )
        for columns in (run.columns, fit.columns)
    )
    for figure in (fresh, saved):
        assert len(figure.axes) == 9
        assert figure.axes[6].get_xlabel() == MOMENT_LABEL
        assert all(figure.axes[n].get_xlabel() for n in (6, 7, 8))
        # Regions below the diagonal, nothing above it.
        assert figure.axes[3].collections and not figure.axes[1].has_data()
    assert saved.axes[0].lines[-1].get_xdata()[0] == run.limit.bayesian.intervals[0][1]


@draws(components.draw_components)
def test_components_are_stacked_under_the_data() -> None:
    counts = {"solar_nu": np.array([1.0, 2.0]), "Xe136": np.array([3.0, 1.0])}
    expectation = Expectation("two bins", np.array([0.0, 1.0, 3.0]), np.array([5.0, 2.0]), counts)
    figure = components.draw_components(expectation, overlay=np.array([6.0, 4.0]), title="T")
    top, bottom = figure.axes
    assert labels(top)[1] == "events / keV"
    assert labels(bottom) == ("reconstructed energy [keV]", r"(data $-$ total) / $\sigma$")
    assert top.patches[1].get_data().values == pytest.approx([4.0, 1.5])  # per keV
    assert top.patches[2].get_data().values == pytest.approx([6.0, 2.0])
    assert {"data", r"solar $\nu$", "$^{136}$Xe"} <= set(entries(top))
