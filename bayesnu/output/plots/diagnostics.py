"""Pictures of a posterior's health: pulls and impacts, predictive bands, rank plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.output.names import nuisance
from bayesnu.output.plots import style
from bayesnu.results.diagnostics import Diagnostics
from bayesnu.results.expectation import ENERGY_AXIS
from bayesnu.results.symbol import safe_symbol

if TYPE_CHECKING:
    import xarray as xr


@style.styled
def draw_pulls(
    diagnostics: Diagnostics, experiments: Sequence[str] = (), label: str = ""
) -> style.Figure:
    """Draw pulls (left) and impacts on the parameter of interest (right), largest impact first.

    Parameters
    ----------
    experiments : sequence of str
        To shorten the names of nuisances.
    label : str
        Symbol and unit of the parameter of interest; default: its name.
    """
    rows = [p for p in diagnostics.parameters if p.role != "signal"]
    rows.sort(key=lambda p: abs(p.impact))
    figure, (left, right) = style.figure(
        7.0, 1.4 + 0.28 * len(rows), ncols=2, sharey=True, gridspec_kw={"wspace": 0.05}
    )
    places = np.arange(len(rows))
    left.axvspan(-1, 1, color="0.9", lw=0)
    left.axvline(0, color="0.5", lw=0.8)
    for place, row in zip(places, rows, strict=True):
        if row.pull is not None and row.constraint is not None:
            left.errorbar(
                row.pull, place, xerr=row.constraint, fmt="o", ms=4, color=style.DATA, lw=1.0
            )
        else:
            left.text(0, place, "free", ha="center", va="center", fontsize=7, color="0.4")
    right.barh(places, [row.impact for row in rows], color=style.POSTERIOR, alpha=0.7)
    right.axvline(0, color="0.5", lw=0.8)
    names = [nuisance(row.name, experiments) for row in rows]
    left.set_yticks(places, names, fontsize=8)
    left.set_xlim(-3, 3)
    left.set_xlabel(r"pull (mean $-$ prior) / prior $\sigma$")
    right.set_xlabel(rf"impact of one $\sigma$ on {label or diagnostics.parameter}")
    return figure


@style.styled
def draw_predictive(tree: xr.DataTree, experiment: str) -> style.Figure:
    """Draw data with the 68% and 95% bands of posterior predictive counts."""
    constants = tree["constant_data"].to_dataset()
    low = np.asarray(constants[f"low_{experiment}"])
    high = np.asarray(constants[f"high_{experiment}"])
    edges = np.append(low, high[-1])
    data = np.asarray(tree["observed_data"].to_dataset()[f"counts_{experiment}"])
    copies = np.asarray(tree["posterior_predictive"].to_dataset()[f"counts_{experiment}"])
    copies = copies.reshape(-1, len(data))
    axis = constants[f"low_{experiment}"].attrs.get("axis", ENERGY_AXIS)
    widths = high - low if axis == ENERGY_AXIS else np.ones(len(data))
    figure, axes = style.figure(6.4, 4.0)
    for share, alpha in ((95, 0.25), (68, 0.45)):
        a, b = np.percentile(copies, [50 - share / 2, 50 + share / 2], axis=0) / widths
        axes.stairs(
            b,
            edges,
            baseline=a,
            fill=True,
            color=style.POSTERIOR,
            alpha=alpha,
            lw=0,
            label=f"{share}% of posterior predictive counts",
        )
    axes.plot(0.5 * (low + high), data / widths, "o", ms=3, color=style.DATA, label="data")
    axes.set_xlabel(axis)
    axes.set_ylabel("events / keV" if axis == ENERGY_AXIS else "events / bin")
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(bottom=0)
    axes.set_title(experiment.replace("_", "-"), fontsize=11)
    axes.legend()
    return figure


@style.styled
def draw_ranks(tree: xr.DataTree, names: tuple[str, ...], bins: int = 20) -> style.Figure:
    """Draw rank histograms of each chain: flat if the chains agree."""
    posterior = tree["posterior"].to_dataset()
    figure, axes = style.figure(6.4, 1.6 * len(names) + 0.6, nrows=len(names), squeeze=False)
    for axis, name in zip(axes[:, 0], names, strict=True):
        draws = np.asarray(posterior[name])
        ranks = np.argsort(np.argsort(draws.ravel())).reshape(draws.shape)
        edges = np.linspace(0, draws.size, bins + 1)
        expected = draws.shape[1] / bins
        for chain, values in enumerate(ranks):
            counts = np.histogram(values, edges)[0] / expected
            axis.stairs(counts, edges, color=style.COLOURS[chain % 8], label=f"chain {chain}")
        axis.axhline(1.0, color="0.4", lw=0.8, ls="--")
        axis.set_ylabel(_symbol(posterior[name].attrs, name))
        axis.set_xlim(0, draws.size)
        axis.set_ylim(bottom=0)
    axes[-1, 0].set_xlabel("rank among the draws of all chains")
    figure.suptitle("ranks, relative to a uniform share", fontsize=10)
    _legend_below(figure, axes[0, 0])
    return figure


@style.styled
def draw_traces(tree: xr.DataTree, names: tuple[str, ...]) -> style.Figure:
    """Draw the draws of each chain in their order: chains that agree look like one band."""
    posterior = tree["posterior"].to_dataset()
    figure, axes = style.figure(
        6.4, 1.5 * len(names) + 0.8, nrows=len(names), squeeze=False, sharex=True
    )
    for axis, name in zip(axes[:, 0], names, strict=True):
        for chain, values in enumerate(np.asarray(posterior[name])):
            axis.plot(values, color=style.COLOURS[chain % 8], lw=0.5, label=f"chain {chain}")
        axis.set_ylabel(_symbol(posterior[name].attrs, name, unit=True))
    axes[0, 0].set_xlim(0, posterior.sizes["draw"] - 1)
    axes[-1, 0].set_xlabel("draw")
    _legend_below(figure, axes[0, 0])
    return figure


def _symbol(attributes: Mapping[Any, Any], name: str, unit: bool = False) -> str:
    """Return a parameter's symbol, with its unit if wanted; the name of a nuisance."""
    latex = str(attributes.get("long_name", name))
    if latex == name:
        return nuisance(name)
    shown = str(attributes.get("unit", "")) if unit else ""
    return style.axis_label(safe_symbol(latex, name), shown)


def _legend_below(figure: style.Figure, axes: Any) -> None:
    handles, texts = axes.get_legend_handles_labels()
    legend = figure.legend(
        handles, texts, loc="outside lower center", ncols=min(len(texts), 8), fontsize=8
    )
    for line in legend.get_lines():
        line.set_linewidth(1.5)
