"""The pictures of a limit: spectrum, profile with posterior, corner plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.output.names import nuisance
from bayesnu.output.plots import style
from bayesnu.output.plots.components import draw_components
from bayesnu.results.band import Band
from bayesnu.results.curve import Profile
from bayesnu.results.draws import Column, Columns
from bayesnu.results.interval_text import number
from bayesnu.results.limit import Limit
from bayesnu.results.record import Spectrum
from bayesnu.results.symbol import safe_symbol
from bayesnu.types import Array, Interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure


BINS, MOST_BINS = 30, 400
"""Bins of a corner plot: where there is one mode, and at most."""


def draw_spectrum(saved: Spectrum) -> Figure:
    """Draw data, stacked components at the best fit, and the signal at its limit.

    Above are counts per keV, below (data - best fit) / error. The line is the best fit's
    backgrounds and fluxes with the signal at the upper end of its interval.
    """
    return draw_components(
        saved,
        sigma=saved.sigma,
        overlay=saved.overlay,
        overlay_label=_overlay_label(saved),
        title=saved.title,
        labels=saved.labels,
    )


def _overlay_label(saved: Spectrum) -> str:
    at = saved.overlay_at
    if at is None:
        return saved.overlay_label
    value = style.times(number(at.value), at.unit)
    return f"fit, with ${at.latex}$ = {value} ({100 * at.level:g}%)"


@style.styled
def draw_limit(
    limit: Limit, latex: str, curve: Profile | None, draws: Array | None = None
) -> Figure:
    """Draw a Delta chi2 curve over the histogram of draws of the parameter.

    Parameters
    ----------
    limit : Limit
        Whose intervals are marked.
    """
    figure, axes = style.figure()
    axes.set_xlabel(style.axis_label(latex, limit.unit))
    axes.set_title(f"{' + '.join(limit.experiments)}: {limit.signal} ({limit.fit})", fontsize=10)
    if draws is not None and limit.bayesian is not None:
        other = axes.twinx() if curve is not None else axes
        _draw_posterior(other, limit, np.ravel(draws), curve)
    if curve is not None and limit.frequentist is not None:
        cut = limit.frequentist.threshold
        axes.plot(
            curve.values, curve.delta_chi2, color=style.PROFILE, lw=1.6, label=r"$\Delta\chi^2$"
        )
        text = f"{100 * limit.level:g}% ({limit.frequentist.dof} dof): {cut:.3f}"
        axes.axhline(cut, color=style.PROFILE, lw=0.8, ls="--", label=text)
        for end in _ends(limit.frequentist.intervals):
            axes.plot([end, end], [0, cut], color=style.PROFILE, lw=0.8, ls=":")
        reach = [curve.values[0], curve.values[-1]]
        if (band := limit.expected) is not None:
            _draw_expected(axes, band)
            reach += [ends[n] for ends in (band.lower, band.upper) if ends for n in (1, 3)]
        axes.set_xlim(min(reach), max(reach))
        axes.set_ylim(0.0, 2.6 * cut)
        axes.set_ylabel(r"$\Delta\chi^2$ (profile)")
        # Above the histogram, which stands on the other axes.
        axes.set_zorder(2)
        axes.patch.set_visible(False)
    handles, texts = axes.get_legend_handles_labels()
    for other in figure.axes:
        if other is not axes:
            more = other.get_legend_handles_labels()
            handles, texts = handles + more[0], texts + more[1]
    axes.legend(handles, texts, loc="upper center", ncols=2, fontsize=8)
    return figure


def _draw_expected(axes: Any, band: Band) -> None:
    """Draw where the ends of toys' intervals lie: the median, 68% and 95%."""
    for ends in (band.lower, band.upper):
        if ends is not None:
            label = "" if ends is band.lower and band.upper is not None else "expected: 68%, 95%"
            axes.axvspan(ends[0], ends[4], color=style.EXPECTED, alpha=0.15, lw=0, zorder=0)
            axes.axvspan(ends[1], ends[3], color=style.EXPECTED, alpha=0.25, lw=0, label=label)
            axes.axvline(ends[2], color=style.EXPECTED, lw=1.0, ls="-.")


def _draw_posterior(axes: Any, limit: Limit, draws: Array, curve: Profile | None) -> None:
    """Draw a histogram of the draws, darker inside the credible intervals."""
    assert limit.bayesian is not None
    low, high = float(draws.min()), float(draws.max())
    if curve is not None:
        low, high = float(curve.values[0]), float(curve.values[-1])
    fine = np.linspace(low, high, 4001)
    density, coarse = np.histogram(draws, np.linspace(low, high, 41))
    height = density / (draws.size * np.diff(coarse))
    axes.stairs(height, coarse, fill=True, color=style.POSTERIOR, alpha=0.25, lw=0)
    inside = np.zeros(len(fine), dtype=bool)
    for a, b in limit.bayesian.intervals:
        inside |= (fine >= (low if a is None else a)) & (fine <= (high if b is None else b))
    steps = height[np.clip(np.searchsorted(coarse, fine, side="right") - 1, 0, len(height) - 1)]
    axes.fill_between(
        fine,
        steps,
        where=list(inside),
        color=style.POSTERIOR,
        alpha=0.35,
        lw=0,
        label=f"posterior, {100 * limit.level:g}% credible",
    )
    axes.set_xlim(low, high)
    axes.set_ylim(0.0, 1.5 * float(height.max()))
    axes.set_ylabel("posterior density", color=style.POSTERIOR)


@style.styled
def draw_corner(
    columns: Columns,
    parameter: str,
    experiments: Sequence[str],
    *,
    intervals: Sequence[Interval] = (),
    level: float = 0.9,
    most: int = 5,
) -> Figure:
    """Draw the corner plot of a posterior.

    Parameters
    ----------
    experiments : sequence of str
        For the title, and to shorten the names of nuisances.
    intervals : sequence of Interval
        Of the credible limit, drawn as lines.
    level : float
        Of the outer regions and of the intervals.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from bayesnu.output.plots.corner_import import corner_core

    names = _most_correlated(parameter, columns, most)
    labels = [_label(name, columns[name], experiments) for name in names]
    size = 1.6 * len(names) + 1.0
    with rc_context({"font.size": 8, "axes.labelsize": 9}):
        figure = Figure(figsize=(size, size))
        corner_core().corner_impl(
            np.stack([columns[name].values.ravel() for name in names], axis=-1),
            labels=labels,
            levels=(0.683, level),
            color=style.POSTERIOR,
            bins=[_bins(columns[name].values) for name in names],
            smooth=1.0,
            plot_datapoints=False,
            max_n_ticks=3,
            quiet=True,
            fig=figure,
            label_kwargs={"fontsize": 9},
            range=_ranges([columns[name].values for name in names]),
        )
    for end in _ends(tuple(intervals)):
        figure.axes[0].axvline(end, color=style.SIGNAL, lw=1.2)
    text = f"{' + '.join(experiments)}\n"
    text += f"lines: {100 * level:g}% credible limit\n" if intervals else ""
    text += f"regions: 68.3% and {100 * level:g}%\nnuisances: relative to expectation"
    figure.text(0.98, 0.97, text, ha="right", va="top", fontsize=9)
    return figure


def _ranges(columns: Sequence[Array]) -> list[tuple[float, float]] | None:
    """Return the ranges of the axes where a column is constant, which has none of its own."""
    ends = [(float(column.min()), float(column.max())) for column in columns]
    if all(low < high for low, high in ends):
        return None
    return [
        (a, b) if a < b else (a - 0.1 * (abs(a) or 1), a + 0.1 * (abs(a) or 1)) for a, b in ends
    ]


def _bins(values: Array) -> int:
    """Return how many bins cover the range of draws if their modes have `BINS` together."""
    from bayesnu.inference.point_density import groups

    ordered = np.sort(values.ravel())
    covered = sum(float(np.ptp(ordered[part])) for part in groups(ordered))
    return int(np.clip(BINS * np.ptp(ordered) / (covered or 1.0), BINS, MOST_BINS))


def _label(name: str, column: Column, experiments: Sequence[str]) -> str:
    """Return symbol and unit of a signal parameter, the readable name of a nuisance."""
    if column.latex != name:
        return style.axis_label(safe_symbol(column.latex, name), column.unit)
    return nuisance(name, experiments)


def _correlation(one: Array, other: Array) -> float:
    if np.ptp(one) == 0.0 or np.ptp(other) == 0.0:
        return 0.0
    return abs(float(np.corrcoef(one, other)[0, 1]))


def _most_correlated(parameter: str, columns: Columns, most: int) -> list[str]:
    """Return the signal's parameters, and the nuisances in order of correlation with one."""
    interest = columns[parameter].values.ravel()
    strength = {
        name: _correlation(interest, column.values.ravel()) for name, column in columns.items()
    }
    signals = [name for name in columns if columns[name].role == "signal"]
    others = sorted((n for n in columns if n not in signals), key=lambda n: -strength[n])
    return (signals + others)[:most]


def _ends(intervals: tuple[Interval, ...]) -> list[float]:
    return [end for interval in intervals for end in interval if end is not None]
