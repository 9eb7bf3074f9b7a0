"""Draw expected counts: data over stacked components, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bayesnu.expectation import Expectation
from bayesnu.output import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

LOGARITHMIC_SPAN = 60.0
"""Spectra that span more than this factor in energy are drawn on a logarithmic axis."""


def draw_components(
    expectation: Expectation,
    *,
    sigma: Array | None = None,
    overlay: Array | None = None,
    overlay_label: str = "",
    title: str = "",
    labels: dict[str, str] | None = None,
) -> Figure:
    """Draw counts per keV of data and stacked components above, the residuals below.

    Parameters
    ----------
    expectation : Expectation
    sigma : ndarray, shape (bins,), optional
        Errors of the data; default: sqrt(n).
    overlay : ndarray, shape (bins,), optional
        Total with a signal, drawn as a line.
    overlay_label, title : str
    labels : dict, optional
        Readable names of the components.
    """
    edges, widths = expectation.edges, np.diff(expectation.edges)
    figure, (top, bottom) = style.figure(
        6.8, 5.4, nrows=2, sharex=True, gridspec_kw={"height_ratios": [3.2, 1.0]}
    )
    names = sorted(expectation.components, key=lambda name: expectation.totals[name])
    base = np.zeros(len(widths))
    order = list(reversed(names))
    for name in names:
        counts = expectation.components[name]
        number = order.index(name)
        top.stairs(
            (base + counts) / widths,
            edges,
            baseline=base / widths,
            fill=True,
            lw=0.0,
            color=style.COLOURS[number % len(style.COLOURS)],
            alpha=0.8,
            label=readable(name, labels),
        )
        base = base + counts
    highest = float((base / widths).max())
    if overlay is not None:
        top.stairs(overlay / widths, edges, color=style.SIGNAL, lw=1.6, label=overlay_label)
        highest = max(highest, float((overlay / widths).max()))
    observed = expectation.observed
    if observed is not None:
        error = np.sqrt(np.maximum(observed, 1.0)) if sigma is None else sigma
        centres = 0.5 * (edges[1:] + edges[:-1])
        points = {"fmt": "o", "ms": 2.6, "color": style.DATA, "lw": 0.8}
        top.errorbar(centres, observed / widths, error / widths, label="data", **points)
        bottom.errorbar(centres, (observed - base) / error, np.ones_like(centres), **points)
        if overlay is not None:
            bottom.stairs((overlay - base) / error, edges, color=style.SIGNAL, lw=1.2)
        highest = max(highest, float(((observed + error) / widths).max()))
    bottom.axhline(0.0, color="0.5", lw=0.8)
    top.set_ylabel("events / keV" if expectation.axis.endswith("[keV]") else "events / bin")
    top.set_ylim(0.0, 1.5 * highest)
    bottom.set_ylabel(r"(data $-$ fit) / $\sigma$")
    bottom.set_xlabel(expectation.axis)
    if edges[0] > 0 and edges[-1] / edges[0] > LOGARITHMIC_SPAN:
        bottom.set_xscale("log")
    bottom.set_xlim(edges[0], edges[-1])
    top.set_title(title or expectation.experiment, fontsize=11)
    handles, texts = top.get_legend_handles_labels()
    top.legend(handles[::-1], texts[::-1], ncols=3, loc="upper left", fontsize=8)
    return figure


def readable(name: str, labels: dict[str, str] | None = None) -> str:
    """Return a component's name for a legend."""
    if labels and name in labels:
        return labels[name]
    return r"solar $\nu$" if name == "solar_nu" else name.replace("_", " ")
