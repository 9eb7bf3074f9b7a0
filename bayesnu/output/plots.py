"""The pictures of a limit: spectrum, profile with posterior, corner plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bayesnu.expectation import Expectation
from bayesnu.limits import LimitRun
from bayesnu.output import style
from bayesnu.output.components import draw_components
from bayesnu.output.names import nuisance
from bayesnu.results import Interval, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]


def spectrum(run: LimitRun, experiment: str) -> Figure:
    """Draw data, stacked components at the best fit, and the signal at its limit.

    Parameters
    ----------
    run : LimitRun
    experiment : str
        Which of the run's experiments.

    Returns
    -------
    Figure
        Counts per keV above; (data - best fit) / error below. The line is the best fit's
        backgrounds and fluxes with the signal at the upper end of its interval.
    """
    likelihood = run.likelihood
    bins = next(bins for bins in likelihood.stack if bins.experiment == experiment)
    source = next(item for item in run.experiments if item.name == experiment)
    best = _best_point(run)
    components = {
        name: counts
        for (where, name), counts in likelihood.components(best).items()
        if where == experiment
    }
    observed, sigma = likelihood.observed[bins.part], likelihood.sigma[bins.part]
    overlay, label = None, ""
    end = _upper_end(run)
    if end is not None:
        point = best.copy()
        point[likelihood.index(run.limit.parameter)] = end
        overlay = likelihood.expected(point)[bins.part]
        value = style.times(number(end), run.limit.unit)
        label = f"fit, with {_symbol(run)} = {value} ({100 * run.limit.level:g}%)"
    return draw_components(
        Expectation(experiment, bins.edges, observed, components, bins.axis),
        sigma=np.where(sigma > 0, sigma, np.sqrt(np.maximum(observed, 1.0))),
        overlay=overlay,
        overlay_label=label,
        title=source.file.title,
        labels={background.name: background.label for background in source.backgrounds},
    )


@style.styled
def profile_with_posterior(run: LimitRun) -> Figure:
    """Draw the Delta chi2 profile over the posterior density of the parameter."""
    limit = run.limit
    meta = run.likelihood.parameters[run.likelihood.index(limit.parameter)]
    figure, axes = style.figure()
    axes.set_xlabel(style.axis_label(meta.latex, limit.unit))
    axes.set_title(f"{' + '.join(limit.experiments)}: {limit.signal} ({limit.fit})", fontsize=10)
    both = run.profile is not None and run.posterior is not None
    if run.posterior is not None and limit.bayesian is not None:
        _draw_posterior(run, axes.twinx() if both else axes)
    if run.profile is not None and limit.frequentist is not None:
        cut = limit.frequentist.threshold
        axes.plot(
            run.profile.values,
            run.profile.delta_chi2,
            color=style.PROFILE,
            lw=1.6,
            label=r"$\Delta\chi^2$",
        )
        text = f"{100 * limit.level:g}% ({limit.frequentist.dof} dof): {cut:.3f}"
        axes.axhline(cut, color=style.PROFILE, lw=0.8, ls="--", label=text)
        for end in _ends(limit.frequentist.intervals):
            axes.plot([end, end], [0, cut], color=style.PROFILE, lw=0.8, ls=":")
        axes.set_xlim(run.profile.values[0], run.profile.values[-1])
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


def _draw_posterior(run: LimitRun, axes: Any) -> None:
    """Draw a histogram of the draws, darker inside the credible intervals."""
    limit = run.limit
    assert run.posterior is not None and limit.bayesian is not None
    draws = np.asarray(run.posterior["posterior"].to_dataset()[limit.parameter]).ravel()
    low, high = float(draws.min()), float(draws.max())
    if run.profile is not None:
        low, high = float(run.profile.values[0]), float(run.profile.values[-1])
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
def corner_plot(run: LimitRun, most: int = 6) -> Figure:
    """Draw the corner plot of the signal parameters and the nuisances most tied to them.

    Parameters
    ----------
    run : LimitRun
    most : int
        Number of parameters at most.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from bayesnu.output.corner_import import import_corner

    assert run.posterior is not None
    likelihood = run.likelihood
    posterior = run.posterior["posterior"].to_dataset()
    draws = {name: np.asarray(posterior[name]).ravel() for name in likelihood.names}
    names = _most_correlated(run, draws, most)
    metas = [likelihood.parameters[likelihood.index(name)] for name in names]
    labels = [
        style.axis_label(m.latex, m.unit) if m.latex else nuisance(m.name, run.limit.experiments)
        for m in metas
    ]
    size = 1.6 * len(names) + 1.0
    with rc_context({"font.size": 8, "axes.labelsize": 9}):
        figure = Figure(figsize=(size, size))
        import_corner().corner(
            np.stack([draws[name] for name in names], axis=-1),
            labels=labels,
            levels=(0.683, run.limit.level),
            color=style.POSTERIOR,
            bins=30,
            smooth=1.0,
            plot_datapoints=False,
            max_n_ticks=3,
            quiet=True,
            fig=figure,
            label_kwargs={"fontsize": 9},
        )
    if run.limit.bayesian is not None:
        for end in _ends(run.limit.bayesian.intervals):
            figure.axes[0].axvline(end, color=style.SIGNAL, lw=1.2)
    text = f"{' + '.join(run.limit.experiments)}\n"
    text += f"lines: {100 * run.limit.level:g}% credible limit\n"
    text += f"regions: 68.3% and {100 * run.limit.level:g}%\nnuisances: relative to expectation"
    figure.text(0.98, 0.97, text, ha="right", va="top", fontsize=9)
    return figure


def _most_correlated(run: LimitRun, draws: dict[str, Array], most: int) -> list[str]:
    """Return the signal's parameters, and the nuisances in order of correlation with it."""
    interest = draws[run.limit.parameter]
    strength = {
        name: abs(float(np.corrcoef(interest, values)[0, 1])) for name, values in draws.items()
    }
    signals = [p.name for p in run.likelihood.parameters if p.role == "signal"]
    others = sorted((n for n in draws if n not in signals), key=lambda n: -strength[n])
    return (signals + others)[:most]


def _best_point(run: LimitRun) -> Array:
    if run.profile is not None:
        return np.array([run.profile.best_point[name] for name in run.likelihood.names])
    assert run.posterior is not None
    posterior = run.posterior["posterior"]
    return np.array([float(posterior[name].mean()) for name in run.likelihood.names])


def _ends(intervals: tuple[Interval, ...]) -> list[float]:
    return [end for interval in intervals for end in interval if end is not None]


def _upper_end(run: LimitRun) -> float | None:
    for statement in (run.limit.frequentist, run.limit.bayesian):
        if statement is not None:
            ends = [high for _, high in statement.intervals if high is not None]
            if ends:
                return max(ends)
    return None


def _symbol(run: LimitRun) -> str:
    return f"${run.likelihood.parameters[run.likelihood.index(run.limit.parameter)].latex}$"
