"""What the prior does to a credible limit: the same posterior under each prior, in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bayesnu.analyses.scans import likelihood_of
from bayesnu.errors import Interrupted
from bayesnu.experiments.experiment import Experiment
from bayesnu.inference.profile import profile
from bayesnu.inference.sampled_limit import whole_limit
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.held import held
from bayesnu.likelihood.threshold import threshold
from bayesnu.physics.signals import Signal
from bayesnu.results.expectation import values_text
from bayesnu.results.interval_text import intervals_text
from bayesnu.results.limit import CredibleLimit
from bayesnu.types import Array, Interval, Progress

WHY = (
    "Why they differ: the Delta chi2 interval asks which values fit nearly as well as the best "
    "one; a credible limit weighs every value by the prior and integrates over the nuisances. A "
    "prior flat in the square favours large values (it grows with the value), a log-uniform one "
    "small values: with no signal in the data its limit follows the floor at which it starts."
)


@dataclass(frozen=True)
class PriorEffect:
    """Limits on one parameter under several priors, beside the Delta chi2 interval.

    Attributes
    ----------
    experiments : tuple of str
    signal, parameter, unit : str
    level : float
    frequentist : tuple of Interval
        Delta chi2, 1 dof.
    credible : tuple of CredibleLimit
        One for each prior.
    fixed : dict of str to float
        Every value that was held.
    fixed_units : dict of str to str
    interrupted : bool
        Whether Ctrl-C came before all priors were done; the others are missing.
    """

    experiments: tuple[str, ...]
    signal: str
    parameter: str
    unit: str
    level: float
    frequentist: tuple[Interval, ...]
    credible: tuple[CredibleLimit, ...]
    fixed: dict[str, float] = field(default_factory=dict)
    fixed_units: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    def __str__(self) -> str:
        held = f", {values_text(self.fixed, self.fixed_units)} held" if self.fixed else ""
        names = " + ".join(self.experiments)
        lines = [
            f"{self.parameter} in {self.unit}, {self.level:.0%}, {names}{held}",
            f"  {'Delta chi2, 1 dof':<44} {intervals_text(self.frequentist)}",
        ]
        for limit in self.credible:
            said = [limit.state] if limit.state else []
            said += limit.remarks(self.parameter)
            lines.append(f"  {limit.prior:<44} {limit.text()}  {'; '.join(said)}".rstrip())
        if self.interrupted:
            lines.append("  INTERRUPTED: the other priors are missing")
        return "\n".join([*lines, WHY])


def prior_effect(
    experiments: Sequence[str | Path | Experiment],
    signal: str | Signal,
    parameter: str,
    *,
    level: float = 0.9,
    settings: Settings | None = None,
    observed: Mapping[str, Array] | None = None,
    progress: Progress | None = None,
) -> PriorEffect:
    """Return the credible limit under every prior that suits a parameter.

    A size gets priors flat in itself, in its square, and in its logarithm above a stated floor;
    a parameter that can be negative gets a flat one.

    Parameters
    ----------
    experiments, signal, parameter, level, settings, observed, progress
        As of `bayesnu.limit`.
    """
    cut = threshold(level, 1)
    likelihood = likelihood_of(experiments, signal, [parameter], observed=observed)
    meta = likelihood.parameters[likelihood.index(parameter)]
    curve = profile(likelihood, parameter, cut=cut)
    limits: list[CredibleLimit] = []
    interrupted = False
    for name in ("flat", "flat-squared", "log") if meta.one_sided else ("flat",):
        other = likelihood_of(experiments, signal, [parameter], prior=name, observed=observed)
        best = curve.chi2_min if name != "log" else None  # a floor may exclude the best fit
        try:
            limit = whole_limit(
                other, parameter, level, settings or Settings(), best=best, progress=progress
            )
        except (Interrupted, KeyboardInterrupt):
            interrupted = True
            break
        limits.append(limit)
    names = tuple(bins.experiment for bins in likelihood.stack)
    return PriorEffect(
        experiments=names,
        signal=str(likelihood.provenance["signal"]),
        parameter=parameter,
        unit=meta.unit,
        level=level,
        frequentist=curve.intervals(cut),
        credible=tuple(limits),
        interrupted=interrupted,
        **held(likelihood),
    )
