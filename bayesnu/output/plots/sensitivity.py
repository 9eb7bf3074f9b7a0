"""Expected limits against exposure, with the bands of toys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bayesnu.output.plots import style
from bayesnu.types import Interval

if TYPE_CHECKING:
    from bayesnu.results.sensitivity import Sensitivity


@style.styled
def draw_sensitivity(found: Sensitivity) -> style.Figure:
    """Draw Delta chi2 limits as lines, credible ones as points, bands of toys as areas.

    A limit of several intervals gives several lines.
    """
    from matplotlib.ticker import LogLocator

    figure, axes = style.figure()
    points = sorted(found.points, key=lambda point: point.exposure)
    exposures = [point.exposure for point in points]
    statements = (
        ("frequentist", rf"$\Delta\chi^2$, {found.level:.0%}", style.PROFILE, "-", "o"),
        ("bayesian", f"credible, {found.level:.0%}", style.POSTERIOR, "", "s"),
    )
    for kind, label, colour, line, marker in statements:
        rows = [(p.exposure, getattr(p, kind)) for p in points if getattr(p, kind) is not None]
        _ends(axes, [(x, limit.intervals) for x, limit in rows], label, colour, line, marker)
    for side in ("lower", "upper"):
        bands = [(p.exposure, getattr(p.band, side)) for p in points if p.band is not None]
        known = [(x, band) for x, band in bands if band is not None]
        if not known:
            continue
        x = [exposure for exposure, _ in known]
        for outer, shade, label in ((0, 0.15, "95% of toys"), (1, 0.3, "68% of toys")):
            low = [band[outer] for _, band in known]
            high = [band[-1 - outer] for _, band in known]
            text = label if side == "upper" else None
            axes.fill_between(x, low, high, color=style.SIGNAL, alpha=shade, lw=0, label=text)
    if len(exposures) > 1:
        axes.set_xscale("log")
        axes.set_xticks(sorted(set(exposures)), minor=False)
        _plain_numbers(axes.xaxis)
    one_sided = all(
        interval[0] is None
        for point in points
        for limit in (point.frequentist, point.bayesian)
        if limit is not None
        for interval in limit.intervals
    )
    if one_sided and len(exposures) > 1:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 1.5, 2.0, 3.0, 5.0, 7.0)))
        _plain_numbers(axes.yaxis)
    axes.set_xlabel("exposure [t yr]")
    axes.set_ylabel(style.axis_label(found.latex, found.unit))
    axes.set_title(f"{found.experiment}: expected limit", fontsize=11)
    axes.legend()
    return figure


def _plain_numbers(axis: Any) -> None:
    """Write the numbers of a logarithmic axis as 0.2 and 30, not as powers of ten."""
    from matplotlib.ticker import NullFormatter, StrMethodFormatter

    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())


def _ends(
    axes: Any,
    rows: list[tuple[float, tuple[Interval, ...]]],
    label: str,
    colour: str,
    line: str,
    marker: str,
) -> None:
    """Draw every end of the intervals; ends of the same number from the outside are joined."""
    joined: dict[tuple[str, int], tuple[list[float], list[float]]] = {}
    for x, intervals in rows:
        for number, (low, high) in enumerate(intervals):
            ends = (("low", number, low), ("high", len(intervals) - 1 - number, high))
            for side, place, value in ends:
                if value is not None:
                    xs, ys = joined.setdefault((side, place), ([], []))
                    xs.append(x)
                    ys.append(value)
    text: str | None = label
    for xs, ys in joined.values():
        axes.plot(xs, ys, ls=line, marker=marker, ms=4, color=colour, label=text)
        text = None
