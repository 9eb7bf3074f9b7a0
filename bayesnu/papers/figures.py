"""The figures of the papers, recomputed: profiles, regions, exclusion planes, spectra.

Each figure is an entry ``[[figures]]`` of the paper's file; the Bayesian version (posterior
over profile, credible region over confidence region) is drawn when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from bayesnu.analyses.rates import rates
from bayesnu.inference.contour import contour
from bayesnu.inference.profile import profile
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.threshold import threshold
from bayesnu.output.plots import scans as scan_plots
from bayesnu.output.plots import style
from bayesnu.output.plots.components import draw_components
from bayesnu.papers.fits import Fits
from bayesnu.papers.paper import FigureEntry, load_paper
from bayesnu.papers.reproduction import Method
from bayesnu.physics.signals import signal_by_tag
from bayesnu.types import Progress


def draw_all(
    name: str,
    folder: Path,
    *,
    method: Method = "profile",
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Iterator[Path]:
    """Draw all figures of a paper into a folder.

    Parameters
    ----------
    method : {"profile", "posterior", "both"}
        Whether to add the Bayesian statement.
    """
    entries = load_paper(name).figures
    fits = Fits(settings or Settings())
    for number, entry in enumerate(entries):
        if progress:
            progress(number / len(entries), f"figure {entry.name}")
        made = draw(entry, method, fits)
        yield style.save(made, folder / f"{name}_{entry.name}.png")


def draw(entry: FigureEntry, method: Method, fits: Fits) -> style.Figure:
    """Compute and draw one figure."""
    bayesian = method != "profile"
    match entry.kind:
        case "profiles":
            return _profiles(entry, fits, bayesian)
        case "contours":
            return _contours(entry, fits, bayesian)
        case "exclusion":
            return _exclusion(entry, bayesian)
        case "beams":
            return _beams(entry)
        case "spectrum":
            return _spectrum(entry)


def _likelihood(
    entry: FigureEntry, fits: Fits, files: tuple[str, ...], drawn: tuple[str, ...]
) -> Likelihood:
    """Return the likelihood of the drawn parameters and those that are free beside them."""
    free = tuple(dict.fromkeys((*drawn, *entry.free)))
    likelihood = fits.likelihood(files, entry.signal, free, entry.fixed)
    for name, high in entry.reach.items():
        prior = likelihood.parameters[likelihood.index(name)].prior
        likelihood = likelihood.with_prior(name, replace(prior, high=high))
    return likelihood


def _bayesian_group(entry: FigureEntry) -> str:
    return entry.posterior_of or list(entry.groups)[-1]


def _cuts(entry: FigureEntry) -> tuple[float, ...]:
    return tuple(threshold(level, entry.dof) for level in entry.levels)


def _profiles(entry: FigureEntry, fits: Fits, bayesian: bool) -> style.Figure:
    cuts = _cuts(entry)
    panels = []
    for name in entry.parameters:
        curves, draws, latex = {}, None, ""
        for label, files in entry.groups.items():
            likelihood = _likelihood(entry, fits, files, (name,))
            curves[label] = profile(likelihood, name, cut=max(cuts))
            latex = likelihood.parameters[likelihood.index(name)].latex
        shown = _bayesian_group(entry)
        if bayesian and not entry.overlaid:
            likelihood = _likelihood(entry, fits, entry.groups[shown], (name,))
            draws = fits.posterior(likelihood).draws[..., likelihood.index(name)].ravel()
        panels.append(scan_plots.Panel(curves, latex, draws, shown))
    if entry.overlaid:
        panels = [_together(entry, panels)]
    return scan_plots.draw_profiles(panels, cuts, entry.caption)


def _together(entry: FigureEntry, panels: list[scan_plots.Panel]) -> scan_plots.Panel:
    """Return one panel that holds the curves of all parameters, named by their symbols."""
    several = len(entry.groups) > 1
    curves = {
        f"{label}, ${panel.latex}$" if several else f"${panel.latex}$": curve
        for panel in panels
        for label, curve in panel.profiles.items()
    }
    return scan_plots.Panel(curves, ",\\ ".join(panel.latex for panel in panels))


def _contours(entry: FigureEntry, fits: Fits, bayesian: bool) -> style.Figure:
    first, second = entry.parameters
    regions, draws = {}, None
    for label, files in entry.groups.items():
        likelihood = _likelihood(entry, fits, files, (first, second))
        regions[label] = contour(likelihood, first, second, cuts=_cuts(entry), points=entry.points)
    a, b = (likelihood.parameters[likelihood.index(name)].latex for name in (first, second))
    shown = _bayesian_group(entry)
    if bayesian:
        likelihood = _likelihood(entry, fits, entry.groups[shown], (first, second))
        both = [likelihood.index(name) for name in (first, second)]
        draws = fits.posterior(likelihood).draws.reshape(-1, len(likelihood.names)).T[both]
    return scan_plots.draw_contours(
        regions, (a, b), entry.caption, posterior=draws, level=entry.levels[0], posterior_of=shown
    )


def _exclusion(entry: FigureEntry, bayesian: bool) -> style.Figure:
    from bayesnu.analyses.exclusion import exclusion

    assert entry.mass is not None and entry.masses is not None
    masses = np.geomspace(*entry.masses, entry.points)
    signal = signal_by_tag(entry.signal)
    symbols = {name: signal.parameter(name).latex for name in entry.parameters}
    results = {}
    for label, files in entry.groups.items():
        for parameter, latex in symbols.items():
            name = f"{label}: ${latex}$" if len(symbols) > 1 else label
            results[name] = exclusion(
                files,
                entry.signal,
                parameter,
                entry.mass,
                [float(m) for m in masses],
                level=entry.levels[0],
                dof=entry.dof,
                credible=bayesian,
            )
    (symbol, *more) = symbols.values()
    return scan_plots.draw_exclusions(results, entry.caption, "" if more else symbol)


def _beams(entry: FigureEntry) -> style.Figure:
    from bayesnu.analyses.beams.profile import profile_effective_moment
    from bayesnu.results.curve import BeamProfile

    curves: dict[str, BeamProfile] = {}
    for label, files in entry.groups.items():
        for beam in entry.parameters:
            name = f"{label}: {beam}" if len(entry.groups) > 1 else beam
            curves[name] = profile_effective_moment(
                files, beam, level=entry.levels[0], dof=entry.dof, points=entry.points
            )
    return scan_plots.draw_beams(curves, _cuts(entry), entry.caption)


def _spectrum(entry: FigureEntry) -> style.Figure:
    (files,) = entry.groups.values()
    standard = rates(files[0])
    with_signal = rates(files[0], entry.signal or None, entry.fixed)
    return draw_components(
        standard,
        overlay=with_signal.total if entry.fixed else None,
        overlay_label=", ".join(f"{n} = {v:g}" for n, v in entry.fixed.items()),
        title=entry.caption,
    )
