"""Pictures of scans: profiles of several experiments on one axis, regions of two parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bayesnu.inference.contour import Contour
from bayesnu.inference.exclusion import Exclusion
from bayesnu.inference.profile import Profile
from bayesnu.output import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]


@style.styled
def draw_profiles(
    profiles: Mapping[str, Profile],
    latex: str,
    cuts: Sequence[float],
    title: str = "",
    posterior: Array | None = None,
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
    posterior : ndarray, optional
        Draws of the last entry's posterior, drawn as a histogram on a second axis.
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
    axes.legend(loc="upper center")
    if posterior is not None:
        other = axes.twinx()
        low, high = axes.get_xlim()
        edges = np.linspace(low, high, 51)
        density = np.histogram(posterior, edges)[0] / (posterior.size * np.diff(edges))
        other.stairs(density, edges, fill=True, color=style.POSTERIOR, alpha=0.3)
        other.set_ylim(0.0, 1.4 * float(density.max()))
        other.set_ylabel(f"posterior density ({label})", color=style.POSTERIOR)
    return figure


@style.styled
def draw_contours(
    contours: Mapping[str, Contour],
    latex: tuple[str, str],
    title: str = "",
    posterior: Array | None = None,
    level: float = 0.9,
) -> Figure:
    """Draw the regions of two parameters, one colour for each entry; a cross at each best fit.

    Parameters
    ----------
    contours : mapping
        Label to contour; all of the same parameters.
    latex : (str, str)
        Symbols of the parameters.
    title : str
    posterior : ndarray, shape (2, draws), optional
        Draws of the last entry's posterior: its highest-density region is filled.
    level : float
        Credibility of that region.
    """
    figure, axes = style.figure(5.4, 4.8)
    if posterior is not None:
        _fill_credible(axes, posterior, level)
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


def _fill_credible(axes: Any, posterior: Array, level: float) -> None:
    """Fill the highest-density region of draws, from a smoothed histogram."""
    from scipy.ndimage import gaussian_filter

    counts, x, y = np.histogram2d(posterior[0], posterior[1], bins=60)
    density = gaussian_filter(counts, 1.5)
    ordered = np.sort(density.ravel())[::-1]
    edge = ordered[np.searchsorted(np.cumsum(ordered), level * ordered.sum())]
    centres = [0.5 * (edges[1:] + edges[:-1]) for edges in (x, y)]
    axes.contourf(
        *centres, density.T, levels=[edge, density.max()], colors=[style.POSTERIOR], alpha=0.25
    )
    axes.plot([], [], color=style.POSTERIOR, alpha=0.4, lw=6, label=f"{level:.0%} credible")


@style.styled
def draw_exclusions(results: Mapping[str, Exclusion], title: str = "") -> Figure:
    """Draw upper limits on a coupling against a mass, on logarithmic axes.

    Parameters
    ----------
    results : mapping
        Label to exclusion. Solid: Delta chi2; dashed: credible at fixed mass.
    title : str
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
    axes.set_xlabel(f"{first.mass.replace('_', ' ')} [{first.mass_unit}]")
    axes.set_ylabel(f"coupling [{style.unit_latex(first.unit)}]")
    axes.set_title(title, fontsize=11)
    axes.legend(fontsize=8)
    return figure
