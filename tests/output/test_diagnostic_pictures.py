"""Pulls, predictive bands, ranks and traces show the draws that they are made from."""

from __future__ import annotations

import numpy as np
import pytest
from pictures_drawn import MOMENT, MOMENT_LABEL, draws, entries, labels

from bayesnu.analyses.limit import LimitRun
from bayesnu.inference.diagnostics import diagnose
from bayesnu.output.plots import diagnostics as diagnostic_plots


@draws(diagnostic_plots.draw_pulls)
def test_pulls_have_a_row_for_every_nuisance_largest_impact_on_top(run: LimitRun) -> None:
    assert run.posterior is not None
    found = diagnose(run.posterior)
    figure = diagnostic_plots.draw_pulls(found, run.limit.experiments, MOMENT_LABEL)
    left, right = figure.axes
    nuisances = [p for p in found.parameters if p.role != "signal"]
    names = [text.get_text() for text in left.get_yticklabels()]
    assert len(names) == len(nuisances) == len(right.patches)
    assert "$^{214}$Pb" in names and not any("xenonnt" in name for name in names)
    widths = [abs(bar.get_width()) for bar in right.patches]
    assert widths == sorted(widths)
    assert left.get_xlabel() == r"pull (mean $-$ prior) / prior $\sigma$"
    assert right.get_xlabel() == rf"impact of one $\sigma$ on {MOMENT_LABEL}"
    drawn = {round(float(c[0].get_xdata()[0]), 9) for c in left.containers}
    assert drawn == {round(p.pull, 9) for p in nuisances if p.pull is not None}
    free = sum(text.get_text() == "free" for text in left.texts)
    assert free == sum(p.pull is None for p in nuisances)


@draws(diagnostic_plots.draw_predictive)
def test_predictive_bands_hold_their_share_of_the_counts(run: LimitRun) -> None:
    assert run.posterior is not None
    (axes,) = diagnostic_plots.draw_predictive(run.posterior, "xenonnt_2022_er").axes
    assert labels(axes) == ("reconstructed energy [keV]", "events / keV")
    assert entries(axes) == [
        "95% of posterior predictive counts",
        "68% of posterior predictive counts",
        "data",
    ]
    wide, narrow = (patch.get_data() for patch in axes.patches)
    assert (wide.values >= narrow.values).all() and (wide.baseline <= narrow.baseline).all()
    tree = run.posterior
    data = np.asarray(tree["observed_data"].to_dataset()["counts_xenonnt_2022_er"])
    assert np.asarray(axes.lines[0].get_ydata()) == pytest.approx(data / np.diff(wide.edges))


@draws(diagnostic_plots.draw_ranks)
def test_ranks_are_relative_to_a_uniform_share(run: LimitRun) -> None:
    assert run.posterior is not None
    figure = diagnostic_plots.draw_ranks(run.posterior, ("mu_eff", "flux_pp"), bins=10)
    first, second = figure.axes
    assert first.get_ylabel() == f"${MOMENT}$" and second.get_ylabel() == "pp flux"
    assert second.get_xlabel() == "rank among the draws of all chains"
    for axes in (first, second):
        heights = np.array([patch.get_data().values for patch in axes.patches])
        assert heights.shape == (2, 10)
        assert heights.mean(axis=0) == pytest.approx(np.ones(10))
    assert entries(figure) == ["chain 0", "chain 1"]


@draws(diagnostic_plots.draw_traces)
def test_traces_show_the_draws_of_each_chain_in_their_order(run: LimitRun) -> None:
    assert run.posterior is not None
    figure = diagnostic_plots.draw_traces(run.posterior, ("mu_eff",))
    (axes,) = figure.axes
    assert labels(axes) == ("draw", MOMENT_LABEL)
    expected = np.asarray(run.posterior["posterior"].to_dataset()["mu_eff"])
    assert len(axes.lines) == len(expected) == len(entries(figure))
    for line, chain in zip(axes.lines, expected, strict=True):
        assert np.array_equal(np.asarray(line.get_ydata()), chain)
