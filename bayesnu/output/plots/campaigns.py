"""Pictures of campaigns: ranks with their bands, coverage, bands of expected limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bayesnu.output.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from bayesnu.results.calibration import Calibration
    from bayesnu.results.coverage import Coverage, Share
    from bayesnu.results.curve import Profile
    from bayesnu.results.limit import Limit

COLUMNS = 4


def calibration_plot(found: Calibration) -> style.Figure:
    """Draw, for every parameter, the distribution of its ranks minus the uniform one.

    The grey band holds 95% of calibrated posteriors, everywhere at once.
    """
    names = list(found.results)
    rows = -(-len(names) // COLUMNS)
    figure, axes = style.figure(
        2.6 * COLUMNS, 2.1 * rows + 0.4, nrows=rows, ncols=COLUMNS, squeeze=False, sharex=True
    )
    for panel, name in zip(axes.flat, names, strict=False):
        result = found.results[name]
        panel.fill_between(
            result.z, result.low - result.z, result.high - result.z, color="0.85", lw=0
        )
        panel.axhline(0.0, color="0.5", lw=0.8)
        panel.plot(result.z, result.ecdf - result.z, color=style.POSTERIOR, lw=1.3)
        short = name if len(name) <= 28 else name[:27] + "…"
        p_value = f"= {result.p_value:.3f}" if result.p_value >= 5e-4 else "< 0.0005"
        panel.set_title(f"{short}\np {p_value}", fontsize=8)
        panel.tick_params(labelsize=8)
    for panel in list(axes.flat)[len(names) :]:
        panel.set_axis_off()
    figure.supxlabel("rank of the truth / number of draws", fontsize=10)
    figure.supylabel("ECDF of ranks minus uniform", fontsize=10)
    figure.suptitle(
        f"{' + '.join(found.experiments)}, {found.signal}: {len(found.fits.index)} simulations",
        fontsize=10,
    )
    return figure


def coverage_plot(found: Coverage) -> style.Figure:
    """Draw the coverage over the true value, with error bars."""
    figure, axes = style.figure()
    points = sorted(found.points, key=lambda point: point.truth)
    curves = (
        ("profile", rf"$\Delta\chi^2 < {found.cut:.3f}$", style.PROFILE, "o"),
        ("calibrated", "calibrated cut", style.SIGNAL, "s"),
        ("credible", f"{100 * found.level:g}% credible", style.POSTERIOR, "D"),
    )
    for name, label, colour, marker in curves:
        shares: list[tuple[float, Share]] = [
            (point.truth, getattr(point, name))
            for point in points
            if getattr(point, name) is not None
        ]
        if not shares:
            continue
        axes.errorbar(
            [truth for truth, _ in shares],
            [100.0 * share.value for _, share in shares],
            [100.0 * share.error for _, share in shares],
            color=colour,
            marker=marker,
            ms=5,
            lw=1.2,
            capsize=3,
            label=label,
        )
    axes.axhline(100.0 * found.level, color="0.5", lw=0.8, ls="--")
    axes.set_xlabel("true " + style.axis_label(found.latex, found.unit))
    axes.set_ylabel("coverage [%]")
    axes.set_title(f"{' + '.join(found.experiments)}, {found.signal}", fontsize=11)
    axes.legend()
    return figure


def limit_bands(found: Coverage) -> style.Figure:
    """Draw the median upper limit and its 68% and 95% bands over the true value.

    Of the Delta chi2 limit the bands are grey, of the credible limit dashed and dotted lines.
    """
    figure, axes = style.figure()
    points = sorted(found.points, key=lambda point: point.truth)
    curves = (
        ("upper", rf"$\Delta\chi^2 < {found.cut:.3f}$", style.PROFILE),
        ("credible_upper", f"{100 * found.level:g}% credible", style.POSTERIOR),
    )
    labels = []
    for number, (name, label, colour) in enumerate(curves):
        rows = [(p.truth, getattr(p, name)) for p in points if getattr(p, name) is not None]
        if not rows:
            continue
        truth = np.array([row[0] for row in rows])
        quantiles = np.array([row[1] for row in rows])
        if len(points) == 1:
            labels.append(label)
            _bars(axes, len(labels) - 1, quantiles[0], colour)
            continue
        if number == 0:
            axes.fill_between(truth, quantiles[:, 0], quantiles[:, 4], color="0.9", lw=0)
            axes.fill_between(truth, quantiles[:, 1], quantiles[:, 3], color="0.78", lw=0)
        else:
            # A second pair of bands on top of the first would hide both.
            for place, line in ((0, ":"), (4, ":"), (1, "--"), (3, "--")):
                axes.plot(truth, quantiles[:, place], color=colour, lw=1.0, ls=line)
        axes.plot(truth, quantiles[:, 2], color=colour, lw=1.6, label=f"median, {label}")
    title = f"{' + '.join(found.experiments)}, {found.signal}: 68% and 95% bands"
    if labels:
        axes.set_xticks(range(len(labels)), labels)
        axes.set_xlim(-0.7, len(labels) - 0.3)
        axes.set_xlabel(f"true value {points[0].truth:g}")
    else:
        axes.set_xlabel("true " + style.axis_label(found.latex, found.unit))
        axes.legend()
    axes.set_ylabel("upper limit " + style.axis_label(found.latex, found.unit))
    axes.set_title(title, fontsize=11)
    return figure


def _bars(axes: Axes, at: int, quantiles: Sequence[float], colour: str) -> None:
    """Draw a median with bars of 68% and 95%, where there is one true value only."""
    lowest, low, median, high, highest = quantiles
    axes.vlines(at, lowest, highest, color=colour, alpha=0.4, lw=2.0)
    axes.vlines(at, low, high, color=colour, alpha=0.4, lw=8.0)
    axes.plot(at, median, "o", color=colour, ms=7)


def calibrated_cuts(limit: Limit, latex: str, curve: Profile) -> style.Figure:
    """Draw the profile, the usual cut and the calibrated one: where they cross are the limits."""
    calibrated, usual = limit.calibrated, limit.frequentist
    if calibrated is None or usual is None:
        raise ValueError("The limit has no calibrated cut.")
    figure, axes = style.figure()
    inside = (curve.values >= calibrated.values[0]) & (curve.values <= calibrated.values[-1])
    axes.plot(
        curve.values[inside],
        curve.delta_chi2[inside],
        color=style.PROFILE,
        lw=1.6,
        label=r"$\Delta\chi^2$ of the data",
    )
    axes.axhline(usual.threshold, color="0.5", ls="--", lw=1.0, label=f"{usual.threshold:.3f}")
    axes.errorbar(
        calibrated.values,
        calibrated.cuts,
        calibrated.cut_errors,
        color=style.SIGNAL,
        marker="s",
        ms=4,
        lw=1.2,
        capsize=3,
        label=f"calibrated cut, {calibrated.toys} toys each",
    )
    for interval in calibrated.intervals:
        for end in interval:
            if end is not None:
                axes.axvline(end, color=style.SIGNAL, ls=":", lw=1.0)
    axes.set_ylim(0.0, 2.2 * usual.threshold)
    axes.set_xlabel(style.axis_label(latex, limit.unit))
    axes.set_ylabel(r"$\Delta\chi^2$")
    axes.set_title(
        f"{' + '.join(limit.experiments)}, {limit.signal}: {100 * limit.level:g}%", fontsize=11
    )
    axes.legend()
    return figure
