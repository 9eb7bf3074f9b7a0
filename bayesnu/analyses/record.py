"""Make the record of a limit: what its pictures, reports and exports will need."""

from __future__ import annotations

import platform
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from bayesnu import __version__
from bayesnu.analyses.description import describe
from bayesnu.analyses.limit import LimitRun
from bayesnu.experiments.experiment import Experiment
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.bins import Bins
from bayesnu.likelihood.likelihood import Parameter
from bayesnu.results.description import Description
from bayesnu.results.goodness import GoodnessOfFit
from bayesnu.results.record import FittedParameter, Overlay, Record, Spectrum
from bayesnu.types import Array

PACKAGES = ("numpy", "scipy", "nutpie", "pymc", "arviz", "xarray", "matplotlib", "pydantic")
"""Whose versions a record names."""


def record_of(
    run: LimitRun,
    settings: Settings | None = None,
    *,
    command: str = "",
    asimov: bool = False,
    goodness: GoodnessOfFit | None = None,
) -> Record:
    """Return the record of a limit.

    Parameters
    ----------
    settings : Settings, optional
        How the posterior was sampled; by default as the run says.
    """
    from bayesnu.analyses.bibliography import bibliography

    settings = settings or run.settings
    cited = bibliography(
        run.experiments, run.signal, posterior=run.sampled is not None, backend=settings.backend
    )
    best = run.profile.best_point if run.profile is not None else {}
    return Record(
        limit=run.limit,
        parameters=tuple(_fitted(p, best.get(p.name), run) for p in run.likelihood.parameters),
        curve=run.profile,
        spectra=tuple(spectrum_of(run, name) for name in run.limit.experiments),
        experiments=tuple(facts_of(experiment) for experiment in run.experiments),
        citations={
            **{name: tuple(c.key for c in group) for name, group in cited.groups.items()},
            "without_entry": cited.unknown,
        },
        settings={} if run.sampled is None else asdict(settings),
        command=command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(),
        asimov=asimov,
        goodness=goodness,
        impacts=None if run.impacts is None else replace(run.impacts, spectra=()),
    )


def versions() -> dict[str, str]:
    """Return the versions of Python, this package and those that it computes with."""
    found = {"python": platform.python_version(), "bayesnu": __version__}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def facts_of(experiment: Experiment) -> Description:
    """Return what `bayesnu show` says about an experiment, without its expected counts."""
    return replace(describe(experiment, toys=0, effects=False), expectation=None)


def spectrum_of(run: LimitRun, experiment: str) -> Spectrum:
    """Return data, components at the best fit, and the total with the signal at its limit."""
    likelihood = run.likelihood
    bins = next(bins for bins in likelihood.stack if bins.experiment == experiment)
    source = next(item for item in run.experiments if item.name == experiment)
    best = best_point(run)
    observed, sigma = likelihood.observed[bins.part], likelihood.sigma[bins.part]
    overlay, at = _with_limit(run, best, bins)
    return Spectrum(
        experiment=experiment,
        title=source.file.title,
        axis=bins.axis,
        edges=bins.edges,
        observed=observed,
        sigma=np.where(sigma > 0, sigma, np.sqrt(np.maximum(observed, 1.0))),
        components={
            name: np.asarray(counts)
            for (where, name), counts in likelihood.components(best).items()
            if where == experiment
        },
        labels={b.name: b.label for b in source.backgrounds if b.label},
        overlay=overlay,
        overlay_at=at,
        deviance=float(likelihood.chi2_per_bin(best)[bins.part].sum()),
    )


def _with_limit(run: LimitRun, best: Array, bins: Bins) -> tuple[Array | None, Overlay | None]:
    """Return the best fit's total with the signal at the upper end of its interval."""
    end = _upper_end(run)
    if end is None:
        return None, None
    limit, index = run.limit, run.likelihood.index(run.limit.parameter)
    point = best.copy()
    point[index] = end
    at = Overlay(run.likelihood.parameters[index].latex, end, limit.unit, limit.level)
    return run.likelihood.expected(point)[bins.part], at


def best_point(run: LimitRun) -> Array:
    """Return all parameters at the minimum of chi2, or else at their posterior means."""
    if run.profile is not None:
        return np.array([run.profile.best_point[name] for name in run.likelihood.names])
    assert run.sampled is not None
    return np.asarray(run.sampled.draws.mean(axis=(0, 1)))


def _upper_end(run: LimitRun) -> float | None:
    for statement in (run.limit.frequentist, run.limit.bayesian):
        if statement is not None:
            ends = [high for _, high in statement.intervals if high is not None]
            if ends:
                return max(ends)
    return None


def _fitted(parameter: Parameter, best: float | None, run: LimitRun) -> FittedParameter:
    prior = parameter.prior
    return FittedParameter(
        name=parameter.name,
        role=parameter.role,
        unit=parameter.unit,
        latex=parameter.latex,
        prior=run.other.words
        if run.other is not None and parameter.name in run.other.parameters
        else prior.words(parameter.name),
        one_sided=parameter.one_sided,
        best_fit=best,
        centre=prior.centre if prior.is_gaussian else None,
        sigma=prior.sigma if prior.is_gaussian else None,
    )
