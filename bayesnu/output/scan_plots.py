"""Pictures of scans: profiles of several experiments on one axis, regions of two parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bayesnu.inference.contour import Contour
from bayesnu.inference.profile import Profile
from bayesnu.output import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_profiles(
    profiles: Mapping[str, Profile], latex: str, cuts: Sequence[float], title: str = ""
) -> Figure:
    """Draw Delta chi2 curves, one for each entry.

    Parameters
    ----------
    profiles : mapping
        Label to profile; all of the same parameter.
    latex : str
        Symbol of the parameter.
    cuts : sequence of float
        Drawn as dashed lines.
    title : str
    """
    figure, axes = style.figure()
    unit = ""
    for number, (label, curve) in enumerate(profiles.items()):
        colour = style.COLOURS[number % len(style.COLOURS)]
        axes.plot(curve.values, curve.delta_chi2, color=colour, lw=1.6, label=label)
        unit = curve.unit
    for cut in cuts:
        axes.axhline(cut, color="0.4", lw=0.8, ls="--")
    axes.set_ylim(0.0, 2.2 * max(cuts))
    axes.set_xlim(
        min(curve.values[0] for curve in profiles.values()),
        max(curve.values[-1] for curve in profiles.values()),
    )
    axes.set_xlabel(style.axis_label(latex, unit))
    axes.set_ylabel(r"$\Delta\chi^2$")
    axes.set_title(title, fontsize=11)
    axes.legend()
    return figure


def draw_contours(
    contours: Mapping[str, Contour], latex: tuple[str, str], title: str = ""
) -> Figure:
    """Draw the regions of two parameters, one colour for each entry; a cross at each best fit.

    Parameters
    ----------
    contours : mapping
        Label to contour; all of the same parameters.
    latex : (str, str)
        Symbols of the parameters.
    title : str
    """
    figure, axes = style.figure(5.4, 4.8)
    dashes = ("-", "--", ":", "-.")
    for number, (label, region) in enumerate(contours.items()):
        colour = style.COLOURS[number % len(style.COLOURS)]
        for which, cut in enumerate(region.cuts):
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
    units = next(iter(contours.values())).units
    axes.set_xlabel(style.axis_label(latex[0], units[0]))
    axes.set_ylabel(style.axis_label(latex[1], units[1]))
    axes.set_title(title, fontsize=11)
    axes.legend()
    return figure
