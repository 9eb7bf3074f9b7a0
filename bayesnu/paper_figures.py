"""The figures of the papers, recomputed: profiles, regions, exclusion planes, spectra.

Each figure is an entry ``[[figures]]`` of the paper's file; the Bayesian version (posterior
over profile, credible region over confidence region) is drawn when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bayesnu.expectation import rates
from bayesnu.inference.contour import contour
from bayesnu.inference.posterior import Settings, sample
from bayesnu.inference.profile import Progress, profile, threshold
from bayesnu.output import scan_plots, style
from bayesnu.output.components import draw_components
from bayesnu.papers import FigureEntry, Method, load_paper
from bayesnu.scans import likelihood_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
    name : str
        Of the paper.
    folder : Path
    method : {"profile", "posterior", "both"}
        Whether to add the Bayesian statement.
    settings : Settings, optional
    progress : callable, optional

    Yields
    ------
    Path
        Of each picture, when it is there.
    """
    entries = load_paper(name).figures
    for number, entry in enumerate(entries):
        if progress:
            progress(number / len(entries), f"figure {entry.name}")
        made = draw(entry, method, settings or Settings())
        yield style.save(made, folder / f"{name}_{entry.name}.png")


def draw(entry: FigureEntry, method: Method, settings: Settings) -> Figure:
    """Compute and draw one figure."""
    if entry.kind == "profiles":
        return _profiles(entry, method, settings)
    if entry.kind == "contours":
        return _contours(entry, method, settings)
    if entry.kind == "exclusion":
        return _exclusion(entry, method)
    return _spectrum(entry)


def _profiles(entry: FigureEntry, method: Method, settings: Settings) -> Figure:
    cut = threshold(entry.level, entry.dof)
    curves, latex, draws = {}, "", None
    for label, files in entry.groups.items():
        for parameter in entry.parameters:
            likelihood = likelihood_of(
                files, entry.signal, [parameter, *entry.free], fixed=entry.fixed
            )
            meta = likelihood.parameters[likelihood.index(parameter)]
            several = len(entry.parameters) > 1
            curves[f"{label}, ${meta.latex}$" if several else label] = profile(
                likelihood, parameter, cut=cut
            )
            latex = "" if several else meta.latex
    if method != "profile" and len(entry.parameters) == 1:
        tree = sample(likelihood, settings)
        draws = np.asarray(tree["posterior"].to_dataset()[entry.parameters[0]]).ravel()
    return scan_plots.draw_profiles(
        curves, latex or r"\mathrm{parameter}", [cut], entry.caption, posterior=draws
    )


def _contours(entry: FigureEntry, method: Method, settings: Settings) -> Figure:
    cut = threshold(entry.level, entry.dof)
    first, second = entry.parameters
    regions, latex, draws = {}, ("", ""), None
    for label, files in entry.groups.items():
        likelihood = likelihood_of(files, entry.signal, [first, second, *entry.free])
        regions[label] = contour(likelihood, first, second, cuts=(cut,), points=entry.points)
        a, b = (likelihood.parameters[likelihood.index(n)].latex for n in (first, second))
        latex = (a, b)
    if method != "profile":
        posterior = sample(likelihood, settings)["posterior"].to_dataset()
        draws = np.stack([np.asarray(posterior[n]).ravel() for n in (first, second)])
    return scan_plots.draw_contours(
        regions, latex, entry.caption, posterior=draws, level=entry.level
    )


def _exclusion(entry: FigureEntry, method: Method) -> Figure:
    from bayesnu.inference.exclusion import exclusion

    assert entry.mass is not None and entry.masses is not None
    masses = np.geomspace(*entry.masses, entry.points)
    results = {}
    for label, files in entry.groups.items():
        for parameter in entry.parameters:
            name = f"{label} {parameter}" if len(entry.parameters) > 1 else label
            results[name] = exclusion(
                files,
                entry.signal,
                parameter,
                entry.mass,
                [float(m) for m in masses],
                level=entry.level,
                dof=entry.dof,
                credible=method != "profile",
            )
    return scan_plots.draw_exclusions(results, entry.caption)


def _spectrum(entry: FigureEntry) -> Figure:
    (files,) = entry.groups.values()
    standard = rates(files[0])
    with_signal = rates(files[0], entry.signal or None, entry.fixed)
    return draw_components(
        standard,
        overlay=with_signal.total if entry.fixed else None,
        overlay_label=", ".join(f"{n} = {v:g}" for n, v in entry.fixed.items()),
        title=entry.caption,
    )
