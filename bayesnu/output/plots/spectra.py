"""Spectra before and after a fit, with bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bayesnu.output.names import readable, superscript
from bayesnu.output.plots import style
from bayesnu.results.spectra import TOTAL, FitSpectra

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@style.styled
def draw_fit_spectra(spectra: Sequence[FitSpectra]) -> Figure:
    """Draw one row an experiment: before the fit on the left, after it on the right."""
    figure, rows = style.figure(
        9.5, 0.6 + 3.4 * len(spectra), nrows=len(spectra), ncols=2, sharey="row", squeeze=False
    )
    for axes, found in zip(rows, spectra, strict=True):
        widths = np.diff(found.edges) if found.in_energy else np.ones(len(found.edges) - 1)
        centres = 0.5 * (found.edges[1:] + found.edges[:-1])
        error = np.sqrt(np.maximum(found.observed, 1.0)) / widths
        colours = iter(style.COLOURS * 3)
        for band in found.bands:
            total = band.name == TOTAL
            colour = "0.15" if total else next(colours)
            sides = ((band.prefit, band.prefit_error), (band.fit, band.fit_error))
            for side, (counts, width) in zip(axes, sides, strict=True):
                low, high = (counts - width) / widths, (counts + width) / widths
                side.stairs(high, found.edges, baseline=low, fill=True, color=colour, alpha=0.3)
                label = readable(band.name)
                side.stairs(
                    counts / widths,
                    found.edges,
                    color=colour,
                    lw=1.5 if total else 1.0,
                    label=label,
                )
        for side, title in zip(axes, ("before the fit", "after the fit"), strict=True):
            side.errorbar(
                centres, found.observed / widths, error, fmt="o", ms=2.2, color="k", lw=0.7
            )
            side.set_xlim(found.edges[0], found.edges[-1])
            side.set_ylim(bottom=0.0)
            side.set_xlabel(found.axis)
            side.set_title(f"{superscript(found.experiment)}, {title}", fontsize=10)
        axes[0].set_ylabel("events / keV" if found.in_energy else "events / bin")
        axes[1].legend(fontsize=7, ncols=2)
    return figure
