"""Every picture that a saved run allows, drawn again from what is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bayesnu.likelihood.names import bin_dim
from bayesnu.output.names import file_name
from bayesnu.output.plots import campaigns as campaign_plots
from bayesnu.output.plots import diagnostics as diagnostic_plots
from bayesnu.output.plots import limit as plots
from bayesnu.output.plots import scans as scan_plots
from bayesnu.output.plots import style
from bayesnu.output.plots.sensitivity import draw_sensitivity
from bayesnu.results.symbol import safe_symbol
from bayesnu.saved.runs import SavedFit, SavedRun

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_TRACES = 6
"""Signal parameters that are drawn in traces and ranks."""


@dataclass(frozen=True)
class Picture:
    """A picture that can be drawn."""

    kind: str
    name: str
    """Of its file, without a suffix."""
    folder: str
    """Of its step, relative to the run; empty where the run is one result."""
    caption: str
    """What it shows, in words."""
    draw: Callable[[], Figure]
    """Returns the figure."""


def pictures_of(run: SavedRun) -> Iterator[Picture]:
    """Yield every picture of a run; nothing is drawn until its `draw` is called."""
    for fit in run.fits:
        yield from pictures_of_fit(fit)
    yield from pictures_of_scans(run)


def pictures_of_fit(fit: SavedFit) -> Iterator[Picture]:
    """Yield the pictures of a limit or a posterior."""
    where, of = fit.name, f"{fit.parameter} from {' + '.join(fit.experiments)}"
    limit, record = fit.limit, fit.record
    if record is not None:
        for saved in record.spectra:
            yield Picture(
                "spectrum",
                file_name(f"spectrum_{saved.experiment}"),
                where,
                f"Data of {saved.title} with the fitted components; the line has the signal at "
                "its limit. Below: data minus fit, over the error.",
                lambda saved=saved: plots.draw_spectrum(saved),  # type: ignore[misc]
            )
    curve = record.curve if record is not None else None
    if limit is not None and (curve is not None or fit.has_posterior):
        yield Picture(
            "profile",
            "profile",
            where,
            _profile_words(fit, curve is not None, of),
            lambda: plots.draw_limit(limit, fit.latex(), curve, fit.draws()),
        )
    if limit is not None and limit.calibrated is not None and curve is not None:
        yield Picture(
            "calibrated",
            "calibrated",
            where,
            f"Delta chi2 profile of {of}, the usual cut and the one that {limit.calibrated.toys} "
            "toys at each true value give: where they cross are the limits.",
            lambda: campaign_plots.calibrated_cuts(limit, fit.latex(), curve),
        )
    if fit.has_posterior:
        yield from _of_posterior(fit, where, of)


def _profile_words(fit: SavedFit, profile: bool, of: str) -> str:
    assert fit.limit is not None
    level = f"{100 * fit.limit.level:g}%"
    words = [f"Delta chi2 profile (line; dashed: {level})"] if profile else []
    if fit.has_posterior:
        words.append(f"posterior density (histogram; darker: {level} credible)")
    return f"{' and '.join(words)} of {of}."


def _of_posterior(fit: SavedFit, where: str, of: str) -> Iterator[Picture]:
    tree, limit = fit.tree, fit.limit
    assert tree is not None
    names = fit.signal_parameters()[:MOST_TRACES]
    credible = limit.bayesian.intervals if limit is not None and limit.bayesian else ()
    level = limit.level if limit is not None else 0.9
    yield Picture(
        "corner",
        "corner",
        where,
        f"Posterior of {of} and the nuisances most correlated with it; regions hold 68.3% and "
        f"{100 * level:g}%.",
        lambda: plots.draw_corner(
            fit.columns, fit.parameter, fit.experiments, intervals=credible, level=level
        ),
    )
    yield Picture(
        "trace",
        "trace",
        where,
        f"Draws of each chain in their order, {of}.",
        lambda: diagnostic_plots.draw_traces(tree, names),
    )
    yield Picture(
        "rank",
        "rank",
        where,
        f"Ranks of each chain's draws among all, {of}: flat where the chains agree.",
        lambda: diagnostic_plots.draw_ranks(tree, names),
    )
    found = fit.diagnostics
    if found is not None and len(found.parameters) > len(fit.signal_parameters()):
        yield Picture(
            "pulls",
            "pulls",
            where,
            f"Pulls of the nuisances, and what one standard deviation of each does to {of}.",
            lambda: diagnostic_plots.draw_pulls(
                found, fit.experiments, style.axis_label(fit.latex(), fit.unit())
            ),
        )
    if "posterior_predictive" not in tree.children:
        return
    for experiment in fit.experiments:
        key = bin_dim(experiment).removeprefix("bin_")
        if f"low_{key}" not in tree["constant_data"]:
            continue
        yield Picture(
            "predictive",
            file_name(f"predictive_{experiment}"),
            where,
            f"Data of {experiment} and the counts that the posterior predicts.",
            lambda key=key: diagnostic_plots.draw_predictive(tree, key),  # type: ignore[misc]
        )


def pictures_of_scans(run: SavedRun) -> Iterator[Picture]:
    """Yield the pictures of curves, regions, exclusion planes and sensitivities."""
    for name, curves in run.profiles.items():
        first = curves[0]
        symbol = safe_symbol(first.latex, first.parameter)
        panel = scan_plots.Panel({c.label: c for c in curves}, symbol)
        title = f"{first.signal}, {100 * first.level:g}%, {first.dof} dof"
        yield Picture(
            "profile",
            "profile",
            _folder("profile", name),
            f"Delta chi2 of {first.parameter}; dashed: {100 * first.level:g}%.",
            lambda p=panel, c=first.threshold, t=title: (  # type: ignore[misc]
                scan_plots.draw_profiles([p], [c], t)
            ),
        )
    for name, regions in run.contours.items():
        one = regions[0]
        symbols = (
            safe_symbol(one.latex[0], one.parameters[0]),
            safe_symbol(one.latex[1], one.parameters[1]),
        )
        maps = {region.label: region for region in regions}
        levels = ", ".join(f"{100 * level:g}%" for level in one.levels)
        yield Picture(
            "contour",
            "contour",
            _folder("contour", name),
            f"Delta chi2 regions of {' and '.join(one.parameters)}: {levels}, {one.dof} dof; "
            "the largest is solid; crosses: best fits.",
            lambda m=maps, x=symbols, t=f"{one.signal}, {levels}, {one.dof} dof": (  # type: ignore[misc]
                scan_plots.draw_contours(m, x, t)
            ),
        )
    for name, plane in run.exclusions.items():
        label, symbol = " + ".join(plane.experiments), safe_symbol(plane.latex, plane.coupling)
        yield Picture(
            "exclusion",
            "exclusion",
            _folder("exclusion", name),
            f"Upper limits on {plane.coupling} against {plane.mass}, {100 * plane.level:g}%.",
            lambda p=plane, label=label, x=symbol: (  # type: ignore[misc]
                scan_plots.draw_exclusions({label: p}, p.signal, x)
            ),
        )
    for name, expected in run.sensitivities.items():
        yield Picture(
            "sensitivity",
            "sensitivity",
            _folder("sensitivity", name),
            f"Expected limit on {expected.parameter} against exposure, {expected.experiment}.",
            lambda e=expected: draw_sensitivity(
                replace(e, latex=safe_symbol(e.latex, e.parameter))
            ),  # type: ignore[misc]
        )


def _folder(kind: str, name: str) -> str:
    return f"{kind}-{name}" if name else ""
