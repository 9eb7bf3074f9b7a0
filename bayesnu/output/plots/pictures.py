"""Every picture that a saved run allows, drawn again from what is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from bayesnu.likelihood.names import bin_dim
from bayesnu.output.names import file_name
from bayesnu.output.plots import campaigns as campaign_plots
from bayesnu.output.plots import diagnostics as diagnostic_plots
from bayesnu.output.plots import limit as plots
from bayesnu.output.plots import scans as scan_plots
from bayesnu.output.plots import style
from bayesnu.output.plots.compare import draw_comparison
from bayesnu.output.plots.impacts import draw_impacts
from bayesnu.output.plots.sensitivity import draw_sensitivity
from bayesnu.results.symbol import safe_symbol
from bayesnu.saved.runs import SavedFit, SavedRun

MOST_TRACES = 6
"""Signal parameters that are drawn in traces and ranks."""


@dataclass(frozen=True)
class Picture:
    """A picture that can be drawn."""

    kind: str
    folder: str
    """Of its step, relative to the run; empty where the run is one result."""
    caption: str
    """What it shows, in words."""
    draw: Callable[[], style.Figure]
    """Returns the figure."""
    of: str = ""
    """The experiment, where each has its own."""

    @property
    def name(self) -> str:
        """Of its file, without a suffix."""
        return file_name(f"{self.kind}_{self.of}") if self.of else self.kind


def pictures_of(run: SavedRun) -> Iterator[Picture]:
    """Yield every picture of a run; nothing is drawn until its `draw` is called."""
    for fit in run.fits:
        yield from pictures_of_fit(fit)
    yield from pictures_of_scans(run)


def pictures_of_fit(fit: SavedFit) -> Iterator[Picture]:
    """Yield the pictures of a limit or a posterior."""
    where, of = fit.name, f"{fit.parameter} from {' + '.join(fit.experiments)}"
    limit, record = fit.limit, fit.record
    for saved in record.spectra if record is not None else ():
        yield Picture(
            "spectrum",
            where,
            f"Data of {saved.title} with the fitted components; the line has the signal at "
            "its limit. Below: data minus fit, over the error.",
            partial(plots.draw_spectrum, saved),
            saved.experiment,
        )
    curve = record.curve if record is not None else None
    if limit is not None and (curve is not None or fit.has_posterior):
        yield Picture(
            "profile",
            where,
            _profile_words(fit, curve is not None, of),
            lambda: plots.draw_limit(limit, fit.latex(), curve, fit.draws()),
        )
    if limit is not None and limit.calibrated is not None and curve is not None:
        yield Picture(
            "calibrated",
            where,
            f"Delta chi2 profile of {of}, the usual cut and the one that {limit.calibrated.toys} "
            "toys at each true value give: where they cross are the limits.",
            partial(campaign_plots.calibrated_cuts, limit, fit.latex(), curve),
        )
    if record is not None and record.impacts is not None:
        found = record.impacts
        safe = replace(found, latex=safe_symbol(found.latex, found.parameter))
        words = (
            f"Pulls of the nuisances (left), and how the {found.of} of {of} moves with each one "
            "width up or down (right)."
        )
        yield Picture("impacts", where, words, partial(draw_impacts, safe))
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
        where,
        f"Posterior of {of} and the nuisances most correlated with it; regions hold 68.3% and "
        f"{100 * level:g}%.",
        lambda: plots.draw_corner(
            fit.columns, fit.parameter, fit.experiments, intervals=credible, level=level
        ),
    )
    words = f"Draws of each chain in their order, {of}."
    yield Picture("trace", where, words, partial(diagnostic_plots.draw_traces, tree, names))
    words = f"Ranks of each chain's draws among all, {of}: flat where the chains agree."
    yield Picture("rank", where, words, partial(diagnostic_plots.draw_ranks, tree, names))
    found = fit.diagnostics
    if found is not None and len(found.parameters) > len(fit.signal_parameters()):
        words = f"Pulls of the nuisances, and what one standard deviation of each does to {of}."
        label = style.axis_label(fit.latex(), fit.unit())
        draw = partial(diagnostic_plots.draw_pulls, found, fit.experiments, label)
        yield Picture("pulls", where, words, draw)
    if "posterior_predictive" not in tree.children:
        return
    for experiment in fit.experiments:
        key = bin_dim(experiment).removeprefix("bin_")
        if f"low_{key}" in tree["constant_data"]:
            words = f"Data of {experiment} and the counts that the posterior predicts."
            draw = partial(diagnostic_plots.draw_predictive, tree, key)
            yield Picture("predictive", where, words, draw, experiment)


def pictures_of_scans(run: SavedRun) -> Iterator[Picture]:
    """Yield the pictures of curves, regions, exclusion planes and sensitivities."""
    for name, curves in run.profiles.items():
        first = curves[0]
        panel = scan_plots.Panel(
            {c.label: c for c in curves}, safe_symbol(first.latex, first.parameter)
        )
        title = f"{first.signal}, {100 * first.level:g}%, {first.dof} dof"
        words = f"Delta chi2 of {first.parameter}; dashed: {100 * first.level:g}%."
        draw = partial(scan_plots.draw_profiles, [panel], [first.threshold], title)
        yield Picture("profile", _folder("profile", name), words, draw)
    for name, regions in run.contours.items():
        one = regions[0]
        a, b = (safe_symbol(*pair) for pair in zip(one.latex, one.parameters, strict=True))
        maps = {region.label: region for region in regions}
        levels = ", ".join(f"{100 * level:g}%" for level in one.levels)
        title = f"{one.signal}, {levels}, {one.dof} dof"
        words = (
            f"Delta chi2 regions of {' and '.join(one.parameters)}: {levels}, {one.dof} dof; "
            "the largest is solid; crosses: best fits."
        )
        draw = partial(scan_plots.draw_contours, maps, (a, b), title)
        yield Picture("contour", _folder("contour", name), words, draw)
    for name, plane in run.exclusions.items():
        label, symbol = " + ".join(plane.experiments), safe_symbol(plane.latex, plane.coupling)
        words = f"Upper limits on {plane.coupling} against {plane.mass}, {100 * plane.level:g}%."
        draw = partial(scan_plots.draw_exclusions, {label: plane}, plane.signal, symbol)
        yield Picture("exclusion", _folder("exclusion", name), words, draw)
    for name, expected in run.sensitivities.items():
        words = f"Expected limit on {expected.parameter} against exposure, {expected.experiment}."
        safe = replace(expected, latex=safe_symbol(expected.latex, expected.parameter))
        draw = partial(draw_sensitivity, safe)
        yield Picture("sensitivity", _folder("sensitivity", name), words, draw)
    for name, compared in run.comparisons.items():
        words = (
            f"Intervals of {compared.parameter}, {100 * compared.level:g}%: of each experiment, of "
            "the others without it (grey) and of all (black); right: Delta chi2 of each."
        )
        mended = replace(compared, latex=safe_symbol(compared.latex, compared.parameter))
        draw = partial(draw_comparison, mended)
        yield Picture("compare", _folder("compare", name), words, draw)


def _folder(kind: str, name: str) -> str:
    return f"{kind}-{name}" if name else ""
