"""Experiments of a combination beside each other: intervals, those of the others, curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.output.names import superscript
from bayesnu.output.plots import style
from bayesnu.results.comparison import Comparison
from bayesnu.types import Interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEIGHT = 3.0
"""Of the drawn curves, in units of the cut."""


@style.styled
def draw_comparison(found: Comparison) -> Figure:
    """Draw the intervals of each experiment, of the others without it and of all together (left),
    and their Delta chi2 curves (right)."""
    rows = len(found.parts) + 1
    figure, (left, right) = style.figure(
        9.0, 1.9 + 0.42 * max(rows, 4), ncols=2, gridspec_kw={"width_ratios": [1.2, 1.0]}
    )
    reach = _reach(found)
    colours = [style.COLOURS[n % len(style.COLOURS)] for n in range(rows - 1)]
    names = []
    for place, (part, colour) in enumerate(zip(found.parts, colours, strict=True)):
        y = rows - 1 - place
        _bars(left, part.intervals, y, reach, color=colour, lw=2.5)
        _bars(left, part.without, y - 0.25, reach, color="0.65", lw=1.2)
        left.plot(part.best_fit, y, "o", color=colour, ms=5)
        names.append(superscript(part.experiment))
        right.plot(part.values, part.delta_chi2, color=colour, lw=1.3)
    _bars(left, found.intervals, 0, reach, color="black", lw=2.5)
    left.plot(found.best_fit, 0, "o", color="black", ms=5)
    left.plot([], [], color="0.65", lw=1.2, label="the others without it")
    left.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.2)
    left.set_yticks(np.arange(rows)[::-1], [*names, "all"], fontsize=9)
    left.set_ylim(-0.7, rows - 0.4)
    left.axvline(found.best_fit, color="0.85", lw=0.8, zorder=0)
    right.plot(found.values, found.delta_chi2, color="black", lw=2.0)
    right.axhline(found.threshold, color="0.5", ls="--", lw=0.8)
    right.set_ylim(0.0, HEIGHT * found.threshold)
    right.set_ylabel(r"$\Delta\chi^2$")
    for axes in (left, right):
        axes.set_xlim(*reach)
        axes.set_xlabel(style.axis_label(found.latex, found.unit))
    right.locator_params(axis="x", nbins=5)  # labels at the end would leave the page
    goodness = found.parameter_goodness_of_fit
    right.set_title(f"{100 * found.level:g}%; parameter goodness of fit:\n{goodness}", fontsize=8)
    return figure


def _reach(found: Comparison) -> tuple[float, float]:
    """Return the range that holds all intervals and best fits."""
    ends = [found.best_fit, *(part.best_fit for part in found.parts)]
    for intervals in (found.intervals, *(part.intervals for part in found.parts)):
        ends += [end for pair in intervals for end in pair if end is not None]
    low, high = min(ends), max(ends)
    room = 0.08 * ((high - low) or 1.0)
    return max(low - room, float(found.values[0])), high + room


def _bars(
    axes: Any, intervals: Sequence[Interval], y: float, reach: tuple[float, float], **how: Any
) -> None:
    for low, high in intervals:
        ends = (reach[0] if low is None else low, reach[1] if high is None else high)
        axes.plot(ends, (y, y), solid_capstyle="butt", **how)
