"""Pictures of expected counts: data over stacked components, and what is left."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from bayesnu.output.names import readable, superscript
from bayesnu.output.plots import style
from bayesnu.results.expectation import Expectation
from bayesnu.types import Array

FITTING_LETTERS = 105
"""Three labels with fewer letters in all (markup included) fit beside each other."""

MARGINS = {"left": 0.115, "right": 0.965, "bottom": 0.1, "top": 0.94, "hspace": 0.06}
"""Room for numbers of six digits."""

FEWEST = 8.0
"""Expected events of a point: bins with fewer are drawn together with their neighbours."""

LOGARITHMIC_SPAN = 60.0
"""Spectra that span more than this factor in energy are drawn on a logarithmic axis."""


@style.styled
def draw_components(
    expectation: Expectation,
    *,
    sigma: Array | None = None,
    overlay: Array | None = None,
    overlay_label: str = "",
    title: str = "",
    labels: dict[str, str] | None = None,
) -> style.Figure:
    """Draw data and stacked components above, (data - total) / error below.

    Counts are drawn per keV where the bins are in energy, else per bin. Bins of energy in which few
    events are expected share a point. Without data there is no lower part.

    Parameters
    ----------
    sigma : ndarray, shape (bins,), optional
        Errors of the data; default: sqrt(n), 1 for an empty bin.
    overlay : ndarray, shape (bins,), optional
        Total with a signal, drawn as a line.
    """
    edges, observed = expectation.edges, expectation.observed
    widths = np.diff(edges) if expectation.in_energy else np.ones(len(edges) - 1)
    total = expectation.total
    top, bottom, figure = _axes(observed is not None)
    _stack(top, expectation, widths, labels)
    lowest, highest = 0.0, float((total / widths).max())
    if overlay is not None:
        top.stairs(overlay / widths, edges, color=style.SIGNAL, lw=1.6, label=overlay_label)
        highest = max(highest, float((overlay / widths).max()))
    if observed is not None:
        sigma = np.sqrt(np.maximum(observed, 1.0)) if sigma is None else sigma
        # Errors of their own, and excesses, are not those of counts that were added up.
        counted = (observed >= 0.0).all() and np.allclose(sigma**2, np.maximum(observed, 1.0))
        together = counted and expectation.in_energy
        starts = _groups(total) if together else np.arange(len(total))
        seen, fitted, wide = (np.add.reduceat(of, starts) for of in (observed, total, widths))
        error = np.sqrt(np.maximum(seen, 1.0)) if together else sigma
        ends = np.append(edges[starts], edges[-1])
        centres = 0.5 * (ends[1:] + ends[:-1])
        points: dict[str, Any] = {"fmt": "o", "ms": 2.6, "color": style.DATA, "lw": 0.8}
        top.errorbar(centres, seen / wide, error / wide, label="data", **points)
        highest = max(highest, float(((seen + error) / wide).max()))
        lowest = min(0.0, 1.2 * float((seen / wide).min()))  # an excess can be negative
        pulls = (seen - fitted) / error
        bottom.errorbar(centres, pulls, np.ones_like(centres), **points)
        if overlay is not None:
            shift = (np.add.reduceat(overlay, starts) - fitted) / error
            bottom.stairs(shift, ends, color=style.SIGNAL, lw=1.2)
        bottom.axhline(0.0, color="0.5", lw=0.8)
        reach = max(3.5, 1.3 + float(np.abs(pulls).max()))
        bottom.set_ylim(-reach, reach)
        bottom.set_ylabel(r"(data $-$ total) / $\sigma$", fontsize=9)
    top.set_ylabel("events / keV" if expectation.in_energy else "events / bin")
    bottom.set_xlabel(expectation.axis)
    if expectation.in_energy and edges[0] > 0 and edges[-1] / edges[0] > LOGARITHMIC_SPAN:
        _logarithmic(bottom)
    bottom.set_xlim(edges[0], edges[-1])
    top.set_title(superscript(title or expectation.experiment), fontsize=11)
    rows = _legend(top)
    top.set_ylim(lowest, (1.12 + 0.09 * rows) * highest)
    return figure


def _groups(total: Array) -> NDArray[np.intp]:
    """Return where groups of bins begin that are drawn as one point: few events each say nothing.

    Bins of a fit may be much narrower than what an eye can use.
    """
    starts, held = [0], 0.0
    for place, counts in enumerate(total):
        if held >= FEWEST:
            starts.append(place)
            held = 0.0
        held += float(counts)
    return np.array(starts)


def _legend(axes: Any) -> int:
    """Put the legend above the data, in as many columns as fit, and return its rows."""
    handles, texts = axes.get_legend_handles_labels()
    longest = sorted((len(text.replace("$", "")) for text in texts), reverse=True)[:3]
    columns = 3 if sum(longest) < FITTING_LETTERS else 2
    axes.legend(handles[::-1], texts[::-1], ncols=columns, loc="upper left", fontsize=8)
    return -(-len(texts) // columns)


def _axes(two: bool) -> tuple[Any, Any, style.Figure]:
    """Return the upper axes, the one that carries the horizontal label, and the figure."""
    # Places that fit all numbers: looking for them takes longer than drawing.
    if two:
        figure, (top, bottom) = style.figure(
            6.8,
            5.4,
            layout=None,
            nrows=2,
            sharex=True,
            gridspec_kw={**MARGINS, "height_ratios": [3.2, 1.0]},
        )
        return top, bottom, figure
    figure, top = style.figure(6.8, 4.4, layout=None, gridspec_kw=MARGINS)
    return top, top, figure


def _stack(
    axes: Any, expectation: Expectation, widths: Array, labels: dict[str, str] | None
) -> None:
    """Stack the components, the largest on top."""
    from matplotlib.patches import StepPatch

    names = sorted(expectation.components, key=lambda name: expectation.totals[name])
    base = np.zeros(len(widths))
    for number, name in zip(reversed(range(len(names))), names, strict=True):
        counts = expectation.components[name]
        # As `axes.stairs` without looking for limits, which are set afterwards.
        axes.add_artist(
            StepPatch(
                (base + counts) / widths,
                expectation.edges,
                baseline=cast(Any, base / widths),
                fill=True,
                lw=0.0,
                color=style.COLOURS[number % len(style.COLOURS)],
                alpha=0.8,
                label=readable(name, labels),
            )
        )
        base = base + counts


def _logarithmic(axes: Any) -> None:
    """Make the horizontal axis logarithmic, with plain numbers."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
