"""Limits beside each other: a horizontal bar for each, at the width of one column of a paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.output.plots import style
from bayesnu.types import Array, Interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 3.4
"""Inches: one column."""

ROW = 0.155
"""Inches a bar."""

SMALL = 6.5
"""Points of what is written beside bars."""

KINDS = {
    "ours": ("this work", style.COLOURS[5]),
    "solar-xenon": ("solar, xenon", style.COLOURS[0]),
    "solar": ("solar, other", style.COLOURS[4]),
    "reactor": ("reactor", style.COLOURS[1]),
    "accelerator": ("accelerator", style.COLOURS[2]),
    "stars": ("stars", style.COLOURS[3]),
    "supernova": ("supernova", style.COLOURS[8]),
    "matter": ("matter", style.COLOURS[9]),
    "projection": ("projection", style.COLOURS[7]),
}
"""Name and colour, from above."""

FAR = 100.0
"""Where bars on both sides of zero differ by more, sizes are drawn on a logarithmic axis."""

MOST_TICKS = 4


@dataclass(frozen=True)
class Bar:
    """A limit in a comparison."""

    label: str
    kind: str
    intervals: tuple[Interval, ...]


@style.styled
def draw_limits(bars: Sequence[Bar], latex: str, unit: str, words: str = "") -> Figure:
    """Draw what is allowed, our own limits on top; arrows where there is no end.

    Parameters
    ----------
    words : str
        A line above the figure: the level.
    """
    order = list(KINDS)
    bars = sorted(bars, key=lambda bar: order.index(bar.kind))  # stable: as given within a kind
    if _is_wide(bars):
        bars, latex = [_sized(bar) for bar in bars], f"|{latex}|"
    figure, axes = style.figure(WIDTH, 0.75 + ROW * len(bars) + 0.1 * _lines(bars))
    at = np.arange(len(bars))[::-1]
    low, high = _axis(axes, bars)
    for y, bar in zip(at, bars, strict=True):
        colour = KINDS[bar.kind][1]
        weight = "bold" if bar.kind == "ours" else "normal"
        for a, b in bar.intervals:
            start, end = low if a is None else max(a, low), high if b is None else min(b, high)
            axes.barh(y, end - start, 0.62, left=start, color=colour, alpha=0.85, lw=0)
            for edge, there in ((start, a), (end, b)):
                if there is not None:
                    axes.plot([edge, edge], [y - 0.31, y + 0.31], color="black", lw=1.0)
        axes.text(
            *(-0.02, y, bar.label), transform=axes.get_yaxis_transform(), ha="right", va="center"
        ).set(fontsize=SMALL, fontweight=weight)
    axes.set_yticks([])
    axes.set_ylim(-0.7, len(bars) - 0.3)
    axes.tick_params(labelsize=7)
    axes.grid(axis="x", color="0.85", lw=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel(style.axis_label(latex, unit), fontsize=8)
    _legend(figure, bars)
    if words:
        axes.set_title(words, fontsize=7, loc="right", pad=3)
    return figure


def _lines(bars: Sequence[Bar]) -> int:
    return -(-len({bar.kind for bar in bars}) // 4)


def _is_wide(bars: Sequence[Bar]) -> bool:
    """Whether ends on both sides of zero differ so much that only their sizes can be drawn."""
    sizes = np.array([_sizes([bar]).max() for bar in bars])
    return any(a < 0.0 for bar in bars for a, _ in bar.intervals if a is not None) and bool(
        sizes.max() > FAR * sizes.min()
    )


def _sizes(bars: Sequence[Bar]) -> Array:
    found = [abs(e) for bar in bars for pair in bar.intervals for e in pair if e]
    return np.array(found or [1.0])


def _sized(bar: Bar) -> Bar:
    """Return a bar up to the larger end of the outermost interval, in size."""
    ends = [abs(e) for pair in bar.intervals for e in pair if e is not None]
    bounded = all(e is not None for pair in bar.intervals for e in pair)
    return Bar(bar.label, bar.kind, ((None, max(ends) if bounded else None),))


def _axis(axes: Any, bars: Sequence[Bar]) -> tuple[float, float]:
    """Choose the scale, and return where the axis begins and ends."""
    sizes = _sizes(bars)
    if all(a is None or a >= 0.0 for bar in bars for a, _ in bar.intervals):
        axes.set_xscale("log")
        low, high = 0.3 * float(sizes.min()), 2.0 * float(sizes.max())
        first, last = int(np.ceil(np.log10(low))), int(np.floor(np.log10(high)))
        step = -(-(last - first + 1) // MOST_TICKS)
        axes.set_xticks([10.0**power for power in range(first, last + 1, step)])
        axes.minorticks_off()
    else:
        ends = [e for bar in bars for pair in bar.intervals for e in pair if e is not None]
        low, high = 1.1 * min([*ends, 0.0]), 1.1 * max([*ends, 0.0])
    axes.set_xlim(low, high)
    return low, high


def _legend(figure: Figure, bars: Sequence[Bar]) -> None:
    from matplotlib.patches import Patch

    kinds = dict.fromkeys(bar.kind for bar in bars)
    handles = [Patch(color=KINDS[kind][1], label=KINDS[kind][0], alpha=0.85) for kind in kinds]
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=min(4, len(handles)),
        fontsize=SMALL,
        handlelength=1.0,
        columnspacing=1.0,
    )


def add_curves(figure: Figure, curves: Mapping[str, tuple[Array, Array]]) -> Figure:
    """Draw others' curves over a plane, grey, each with dashes of its own, and their legend."""
    axes = figure.axes[0]
    dashes = ("--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
    for number, (label, (x, y)) in enumerate(curves.items()):
        shade = f"{0.25 + 0.15 * (number // len(dashes) % 3)}"
        look: Any = dashes[number % len(dashes)]
        axes.plot(x, y, color=shade, ls=look, lw=1.2, label=label)
    axes.legend(loc="best", fontsize=8)
    for legend in figure.legends:
        legend.remove()
    return figure
