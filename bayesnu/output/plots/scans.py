"""Pictures of scans: profiles of several experiments on one axis, regions of two parameters."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayesnu.output.plots import style
from bayesnu.results.curve import BeamProfile, Profile
from bayesnu.results.exclusion import Exclusion
from bayesnu.results.region import Contour
from bayesnu.results.symbol import safe_symbol
from bayesnu.types import Array


@dataclass(frozen=True)
class Panel:
    """Profiles drawn on one pair of axes."""

    profiles: Mapping[str, Profile]
    """Label to profile; all in the same unit."""
    latex: str
    """Symbol of the parameter, or of what several parameters have in common."""
    posterior: Array | None = None
    """Draws of one entry's posterior, drawn as a histogram on a second axis."""
    posterior_of: str = ""
    """Label of that entry."""


@style.styled
def draw_profiles(panels: Sequence[Panel], cuts: Sequence[float], title: str = "") -> style.Figure:
    """Draw Delta chi2 curves, up to three panels in a row."""
    columns = 1 if len(panels) == 1 else 2 if len(panels) in (2, 4) else 3
    rows = -(-len(panels) // columns)
    width, height = (6.0, 4.2) if columns == 1 else (4.0 * columns, 3.3 * rows)
    figure, axes = style.figure(width, height, nrows=rows, ncols=columns, squeeze=False)
    for place, panel in zip(axes.ravel(), panels, strict=False):
        _draw_panel(place, panel, cuts)
    for empty in axes.ravel()[len(panels) :]:
        empty.set_visible(False)
    # Curves are named once: in the panel that has the space, or above all panels.
    handles, labels = axes[0, 0].get_legend_handles_labels()
    if len(panels) == 1:
        axes[0, 0].legend(loc="upper center")
    elif len(labels) > 1:
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 4))
    _title(figure, title)
    return figure


def _title(figure: style.Figure, title: str) -> None:
    """Put a title above all axes, in as many lines as it needs."""
    letters = int(11.5 * figure.get_figwidth())  # of this size, in the width of the figure
    figure.suptitle(textwrap.fill(title, letters), fontsize=11)


def _legend_below(figure: style.Figure, axes: Any) -> None:
    """Put the legend below the axes, where it covers no curve."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2 if len(labels) > 1 else 1)


def _draw_curves(
    axes: Any, curves: Mapping[str, Profile | BeamProfile], cuts: Sequence[float]
) -> None:
    for number, (label, curve) in enumerate(curves.items()):
        colour = style.COLOURS[number % len(style.COLOURS)]
        axes.plot(curve.values, curve.delta_chi2, color=colour, lw=1.6, label=label)
    for cut in cuts:
        axes.axhline(cut, color="0.4", lw=0.8, ls="--")
    axes.set_ylim(0.0, 2.2 * max(cuts))
    axes.set_ylabel(r"$\Delta\chi^2$")


def _draw_panel(axes: Any, panel: Panel, cuts: Sequence[float]) -> None:
    _draw_curves(axes, panel.profiles, cuts)
    axes.set_xlim(*_window(panel.profiles.values(), 2.2 * max(cuts)))
    unit = next(iter(panel.profiles.values())).unit
    axes.set_xlabel(style.axis_label(panel.latex, unit))
    if panel.posterior is not None:
        other = axes.twinx()
        low, high = axes.get_xlim()
        edges = np.linspace(low, high, 51)
        draws = panel.posterior
        density = np.histogram(draws, edges)[0] / (draws.size * np.diff(edges))
        other.stairs(density, edges, fill=True, color=style.POSTERIOR, alpha=0.3)
        other.set_ylim(0.0, 1.4 * float(density.max()))
        other.set_ylabel("posterior density", color=style.POSTERIOR)
        label = f"posterior, {panel.posterior_of}" if panel.posterior_of else "posterior"
        axes.fill([], [], color=style.POSTERIOR, alpha=0.3, label=label)


def _window(curves: Iterable[Profile], top: float) -> tuple[float, float]:
    """Return where some curve lies below the top of the picture."""
    ends: list[float] = []
    for curve in curves:
        inside = np.flatnonzero(curve.delta_chi2 <= top)
        first, last = max(inside[0] - 1, 0), min(inside[-1] + 1, len(curve.values) - 1)
        ends += [float(curve.values[first]), float(curve.values[last])]
    return min(ends), max(ends)


@style.styled
def draw_contours(
    contours: Mapping[str, Contour],
    latex: tuple[str, str],
    title: str = "",
    posterior: Array | None = None,
    level: float = 0.9,
    posterior_of: str = "",
) -> style.Figure:
    """Draw the regions of two parameters, one colour for each entry; a cross at each best fit.

    Parameters
    ----------
    posterior : ndarray, shape (2, draws), optional
        Draws of one entry's posterior: its highest-density region is filled.
    level : float
        Credibility of that region.
    posterior_of : str
        Label of that entry.
    """
    figure, axes = style.figure(5.4, 4.8)
    if posterior is not None:
        _fill_credible(axes, posterior, level, posterior_of)
    # The largest region is solid.
    dashes = ("-", "--", ":", "-.")
    for number, (label, region) in enumerate(contours.items()):
        colour = style.COLOURS[number % len(style.COLOURS)]
        for which, cut in enumerate(sorted(region.cuts, reverse=True)):
            for part, line in enumerate(region.lines(cut)):
                axes.plot(
                    line[:, 0],
                    line[:, 1],
                    color=colour,
                    ls=dashes[which % len(dashes)],
                    lw=1.5,
                    label=label if which == 0 and part == 0 else None,
                )
        axes.plot(*region.best_fit, marker="+", ms=9, color=colour)
    cuts = sorted(next(iter(contours.values())).cuts, reverse=True)
    for which, cut in enumerate(cuts if len(cuts) > 1 else ()):
        dash = dashes[which % len(dashes)]
        axes.plot([], [], color="0.3", ls=dash, lw=1.5, label=rf"$\Delta\chi^2 = {cut:.2f}$")
    x, y = map(style.axis_label, latex, next(iter(contours.values())).units)
    axes.set(xlabel=x, ylabel=y)
    _title(figure, title)
    _legend_below(figure, axes)
    return figure


def _fill_credible(axes: Any, posterior: Array, level: float, of: str) -> None:
    """Fill the highest-density region of draws, each of its modes by itself."""
    from bayesnu.inference.credible_region import credible_region

    for mode in credible_region(posterior, level):
        levels = [mode.cut, max(mode.density.max(), mode.cut * (1.0 + 1e-9))]
        axes.contourf(
            mode.x, mode.y, mode.density.T, levels=levels, colors=[style.POSTERIOR], alpha=0.25
        )
    label = f"{level:.0%} credible, {of}" if of else f"{level:.0%} credible"
    axes.fill([], [], color=style.POSTERIOR, alpha=0.25, label=label)


@style.styled
def draw_beams(
    profiles: Mapping[str, BeamProfile], cuts: Sequence[float], title: str = ""
) -> style.Figure:
    """Draw what the data say about the effective moments of several beams."""
    figure, axes = style.figure()
    _draw_curves(axes, profiles, cuts)
    axes.set_xlim(0.0, None)
    axes.set_xlabel(style.axis_label(r"\mu_\nu", "1e-11 mu_B"))
    _title(figure, title)
    _legend_below(figure, axes)
    return figure


@style.styled
def draw_exclusions(
    results: Mapping[str, Exclusion], title: str = "", latex: str = ""
) -> style.Figure:
    """Draw upper limits on a coupling against a mass, on logarithmic axes.

    Parameters
    ----------
    results : mapping
        Label to exclusion. Solid: Delta chi2; dashed: credible at fixed mass.
    latex : str
        Symbol of the coupling; left out where the curves are of several.
    """
    figure, axes = style.figure(5.6, 4.6)
    for number, (label, result) in enumerate(results.items()):
        colour = style.COLOURS[number % len(style.COLOURS)]
        masses = np.array(result.masses)
        for values, dashes, name in (
            (result.upper, "-", label),
            (result.credible, "--", f"{label}, credible"),
        ):
            there = [value is not None for value in values]
            if any(there):
                limits = [value for value in values if value is not None]
                axes.plot(masses[there], limits, color=colour, ls=dashes, lw=1.5, label=name)
    first = next(iter(results.values()))
    axes.set_xscale("log")
    axes.set_yscale("log")
    symbol = safe_symbol(first.mass_latex, first.mass)
    axes.set_xlabel(style.axis_label(symbol, first.mass_unit))
    axes.set_ylabel(style.axis_label(latex or r"\mathrm{coupling}", first.unit))
    _title(figure, title)
    _legend_below(figure, axes)
    return figure
