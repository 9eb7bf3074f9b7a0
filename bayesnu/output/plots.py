"""The pictures of a limit: spectrum, profile with posterior, corner plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from bayesnu.expectation import Expectation
from bayesnu.limits import LimitRun
from bayesnu.output import style
from bayesnu.output.components import draw_components, readable

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
        Counts per keV above; (data - best fit) / error below.
    """
    likelihood = run.likelihood
    bins = next(bins for bins in likelihood.stack if bins.experiment == experiment)
    best = _best_point(run)
    components = {
        name: counts
        for (where, name), counts in likelihood.components(best).items()
        if where == experiment
    }
    observed, sigma = likelihood.observed[bins.part], likelihood.sigma[bins.part]
    overlay, label = None, ""
    limit_value = _upper_end(run)
    if limit_value is not None:
        point = best.copy()
        point[likelihood.index(run.limit.parameter)] = limit_value
        overlay = likelihood.expected(point)[bins.part]
        label = f"with {_symbol(run)} at its limit"
    return draw_components(
        Expectation(experiment, bins.edges, observed, components, bins.axis),
        sigma=np.where(sigma > 0, sigma, np.sqrt(np.maximum(observed, 1.0))),
        overlay=overlay,
        overlay_label=label,
    )


def profile_with_posterior(run: LimitRun) -> Figure:
    """Draw the Delta chi2 profile over the posterior density of the parameter."""
    limit = run.limit
    figure, axes = style.figure()
    likelihood = run.likelihood
    meta = likelihood.parameters[likelihood.index(limit.parameter)]
    if run.profile is not None and limit.frequentist is not None:
        cut = limit.frequentist.threshold
        axes.plot(run.profile.values, run.profile.delta_chi2, color=style.PROFILE, lw=1.6)
        axes.axhline(cut, color=style.PROFILE, lw=0.8, ls="--")
        for interval in limit.frequentist.intervals:
            for end in interval:
                if end is not None:
                    axes.plot([end, end], [0, cut], color=style.PROFILE, lw=0.8, ls=":")
        axes.set_xlim(run.profile.values[0], run.profile.values[-1])
        axes.set_ylim(0.0, 2.2 * cut)
        axes.set_ylabel(r"$\Delta\chi^2$ (profile)")
    axes.set_xlabel(style.axis_label(meta.latex, limit.unit))
    if run.posterior is not None and limit.bayesian is not None:
        draws = np.asarray(run.posterior["posterior"].to_dataset()[limit.parameter]).ravel()
        other = axes.twinx() if run.profile is not None else axes
        low, high = axes.get_xlim() if run.profile is not None else (draws.min(), draws.max())
        edges = np.linspace(low, high, 61)
        density = np.histogram(draws, edges)[0] / (len(draws) * np.diff(edges))
        other.stairs(density, edges, fill=True, color=style.POSTERIOR, alpha=0.35)
        for number, (a, b) in enumerate(limit.bayesian.intervals):
            other.axvspan(
                low if a is None else a,
                high if b is None else b,
                color=style.POSTERIOR,
                alpha=0.10,
                lw=0,
                label=f"{100 * limit.level:g}% credible" if number == 0 else None,
            )
        other.set_ylim(0.0, 1.25 * float(density.max()))
        other.set_ylabel("posterior density", color=style.POSTERIOR)
        other.legend(loc="upper right")
    axes.set_title(f"{' + '.join(limit.experiments)}: {limit.signal}", fontsize=11)
    return figure


def corner_plot(run: LimitRun, most: int = 8) -> Figure:
    """Draw the corner plot of the signal parameters and the nuisances most tied to them.

    Parameters
    ----------
    run : LimitRun
    most : int
        Number of parameters at most.
    """
    import corner as corner_package

    assert run.posterior is not None
    likelihood = run.likelihood
    posterior = run.posterior["posterior"].to_dataset()
    draws = {name: np.asarray(posterior[name]).ravel() for name in likelihood.names}
    interest = draws[run.limit.parameter]
    strength = {
        name: abs(float(np.corrcoef(interest, values)[0, 1])) for name, values in draws.items()
    }
    signals = [p.name for p in likelihood.parameters if p.role == "signal"]
    others = sorted((n for n in draws if n not in signals), key=lambda n: -strength[n])
    names = (signals + others)[:most]
    metas = [likelihood.parameters[likelihood.index(name)] for name in names]
    labels = [
        style.axis_label(m.latex, m.unit)
        if m.latex
        else readable(m.name.removeprefix("background_"))
        for m in metas
    ]
    from matplotlib import rc_context

    with rc_context(cast(Any, {**style.SETTINGS, "axes.labelsize": 9, "font.size": 8})):
        figure: Figure = corner_package.corner(
            np.stack([draws[name] for name in names], axis=-1),
            labels=labels,
            levels=(0.683, run.limit.level),
            color=style.POSTERIOR,
            bins=30,
            smooth=0.8,
            quiet=True,
            show_titles=False,
            label_kwargs={"fontsize": 9},
        )
    return figure


def _best_point(run: LimitRun) -> Array:
    if run.profile is not None:
        return np.array([run.profile.best_point[name] for name in run.likelihood.names])
    assert run.posterior is not None
    posterior = run.posterior["posterior"]
    return np.array([float(posterior[name].mean()) for name in run.likelihood.names])


def _upper_end(run: LimitRun) -> float | None:
    for statement in (run.limit.frequentist, run.limit.bayesian):
        if statement is not None:
            ends = [high for _, high in statement.intervals if high is not None]
            if ends:
                return max(ends)
    return None


def _symbol(run: LimitRun) -> str:
    return f"${run.likelihood.parameters[run.likelihood.index(run.limit.parameter)].latex}$"
