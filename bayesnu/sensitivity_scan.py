"""Sensitivity of an experiment against its exposure: expected limits, and their spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from bayesnu.asimov_data import asimov, true_values
from bayesnu.assemble import PriorName
from bayesnu.ensemble import FEWEST_TOYS, Band, limits_of_toys
from bayesnu.errors import InputError
from bayesnu.expectation import values_text
from bayesnu.expected_rates import nominal_point
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.loading import load
from bayesnu.experiments.projection import project
from bayesnu.held import held
from bayesnu.inference.profile import Progress, profile, threshold
from bayesnu.inference.settings import Settings
from bayesnu.likelihood import Likelihood
from bayesnu.limits import FitKind
from bayesnu.results import CredibleLimit, FrequentistLimit, intervals_text
from bayesnu.scans import likelihood_of
from bayesnu.signals import Signal, signal_for

Method = Literal["profile", "posterior", "both"]


@dataclass(frozen=True)
class SensitivityPoint:
    """Expected limits at one exposure.

    Attributes
    ----------
    exposure : float
        t yr.
    frequentist : FrequentistLimit or None
        Of Asimov data.
    bayesian : CredibleLimit or None
        Of Asimov data.
    band : Band or None
        Of toys.
    """

    exposure: float
    frequentist: FrequentistLimit | None
    bayesian: CredibleLimit | None
    band: Band | None


@dataclass(frozen=True)
class Sensitivity:
    """Expected limits on a parameter against exposure.

    Attributes
    ----------
    experiment, signal, parameter, unit, latex : str
    free : tuple of str
        All signal parameters that are fitted.
    level : float
    scale : dict of str to float
        Factors on backgrounds.
    truth : dict of str to float
        True values of signal parameters and nuisances.
    points : tuple of SensitivityPoint
    seed : int
    digest : str
        Of the experiment's file and tables.
    fixed : dict of str to float
        Every value that was held.
    fixed_units : dict of str to str
    """

    experiment: str
    signal: str
    parameter: str
    unit: str
    latex: str
    free: tuple[str, ...]
    level: float
    scale: dict[str, float]
    truth: dict[str, float]
    points: tuple[SensitivityPoint, ...]
    seed: int
    digest: str
    fixed: dict[str, float] = field(default_factory=dict)
    fixed_units: dict[str, str] = field(default_factory=dict)

    @property
    def converged(self) -> bool:
        """Whether every posterior can be trusted, and bounds the parameter."""
        return all(point.bayesian is None or point.bayesian.fine for point in self.points)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as ``bayesnu sensitivity --json`` prints it."""
        return asdict(self)

    def __str__(self) -> str:
        beside = [name for name in self.free if name != self.parameter]
        lines = [
            f"{self.parameter} in {self.unit}, {100 * self.level:g}%, {self.experiment}, "
            f"{self.signal}"
            + (f", {', '.join(beside)} free" if beside else "")
            + (f", {values_text(self.fixed, self.fixed_units)} held" if self.fixed else "")
        ]
        for name, text in (("scale", self.scale), ("truth", self.truth)):
            if text:
                lines.append(f"  {name} " + ", ".join(f"{k} = {v:.3g}" for k, v in text.items()))
        rows = [("t yr", "Delta chi2", "credible", "toys: median (68%), upper end")]
        rows += [_row(point) for point in self.points]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for exposure, delta, credible, toys in rows:
            cells = (exposure.rjust(widths[0]), delta.ljust(widths[1]), credible.ljust(widths[2]))
            lines.append("  " + "  ".join((*cells, toys)).rstrip())
        return "\n".join(lines)


def sensitivity(
    experiment: str | Path | Experiment,
    signal: str | Signal,
    parameter: str,
    exposures: Sequence[float],
    *,
    free: Sequence[str] = (),
    fit: FitKind = "one-at-a-time",
    level: float = 0.9,
    method: Method = "profile",
    prior: PriorName = "flat",
    scale: Mapping[str, float] | None = None,
    truth: Mapping[str, float] | None = None,
    toys: int = 0,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """Return the limits to be expected from an experiment at several exposures.

    Parameters
    ----------
    experiment : str, Path or Experiment
        A projection, or one with data, which are then not looked at.
    signal : str or Signal
    parameter : str
    exposures : sequence of float
        t yr.
    free : sequence of str
        Other parameters of the signal that are free.
    fit : {"one-at-a-time", "marginal"}
        ``marginal``: all of them.
    level : float
        Confidence level (1 degree of freedom) and credibility.
    method : {"profile", "posterior", "both"}
        Delta chi2 limit of Asimov data, credible limit of Asimov data.
    prior : {"flat", "flat-squared", "log"}
    scale : mapping, optional
        Factors on backgrounds.
    truth : mapping, optional
        True values; by default the Standard Model.
    toys : int
        Number of simulated experiments at each exposure, for bands of the Delta chi2 limit.
    settings : Settings, optional
        How to sample; its seed is that of the toys too.
    progress : callable, optional
        Called with the fraction done and a word.

    Raises
    ------
    InputError
        If something given is wrong.
    ComputationError
        If a fit or the sampler fails.
    """
    cut = threshold(level, 1)
    if method not in ("profile", "posterior", "both"):
        raise InputError("--method", "method", found=method, expected="profile|posterior|both")
    if not exposures:
        raise InputError("--exposures", "t yr", found="none", expected="at least one")
    if toys and not FEWEST_TOYS <= toys <= 1_000_000:
        raise InputError("--toys", "number", found=toys, expected=f"0, or {FEWEST_TOYS} to 1e6")
    settings = settings or Settings()
    base = experiment if isinstance(experiment, Experiment) else load(experiment)
    model = signal_for(signal, (base.file.channel,))
    given, factors = dict(truth or {}), dict(scale or {})
    points = []
    for number, exposure in enumerate(exposures):
        at = project(base, exposure, factors)
        likelihood = likelihood_of(
            [at],
            model,
            [parameter, *free],
            fit=fit,
            prior=prior,
            observed=asimov([at], model, given),
        )
        report = _part(progress, number, len(exposures), f"{exposure:g} t yr: ")
        rng = np.random.default_rng([settings.seed, number])
        known = true_values(at, model, given)
        x = nominal_point(likelihood, {n: v for n, v in known.items() if n in likelihood.names})
        points.append(
            SensitivityPoint(
                exposure,
                _delta_chi2(likelihood, parameter, cut) if method != "posterior" else None,
                _credible(likelihood, parameter, level, settings) if method != "profile" else None,
                limits_of_toys(likelihood, x, parameter, cut, toys, rng, report) if toys else None,
            )
        )
        report(1.0, "done")
    meta = likelihood.parameters[likelihood.index(parameter)]
    return Sensitivity(
        experiment=base.name,
        signal=model.tag,
        parameter=parameter,
        unit=meta.unit,
        latex=meta.latex,
        free=tuple(p.name for p in likelihood.parameters if p.role == "signal"),
        level=level,
        scale=factors,
        truth=true_values(base, model, given),
        points=tuple(points),
        seed=settings.seed,
        digest=base.digest,
        **held(likelihood),
    )


def _row(point: SensitivityPoint) -> tuple[str, str, str, str]:
    """Return the cells of a line of the table."""
    f, b, band = point.frequentist, point.bayesian, point.band
    credible = b.text() if b else "-"
    credible += "" if b is None or b.converged else " NOT CONVERGED"
    toys = "-"
    if band is not None and band.upper is not None:
        low, middle, high = band.upper[1:4]
        toys = f"{middle:.3g} ({low:.3g}, {high:.3g}), {band.toys} toys"
    return f"{point.exposure:g}", intervals_text(f.intervals) if f else "-", credible, toys


def _delta_chi2(likelihood: Likelihood, parameter: str, cut: float) -> FrequentistLimit:
    curve = profile(likelihood, parameter, cut=cut)
    return curve.limit(1, cut)


def _credible(
    likelihood: Likelihood, parameter: str, level: float, settings: Settings
) -> CredibleLimit:
    from bayesnu.inference.sampled_limit import sampled_limit

    return sampled_limit(likelihood, parameter, level, settings)[1]


def _part(progress: Progress | None, number: int, total: int, prefix: str) -> Progress:
    """Return a progress report for one of several parts."""

    def report(fraction: float, word: str) -> None:
        if progress is not None:
            progress((number + fraction) / total, prefix + word)

    return report
