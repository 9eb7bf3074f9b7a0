"""What the prior does to a credible limit: the same posterior under each prior, in one table."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Unpack

from bayesnu.analyses.question import Asked, Experiments, Question, as_question
from bayesnu.errors import Interrupted
from bayesnu.inference.profile import profile
from bayesnu.inference.sampled_limit import whole_limit
from bayesnu.inference.settings import Settings
from bayesnu.model.signal_prior import PriorName
from bayesnu.physics.signals import Signal
from bayesnu.results.held import held_text
from bayesnu.results.interval_text import intervals_text
from bayesnu.results.limit import CredibleLimit
from bayesnu.types import Interval, Progress

WHY = (
    "Why they differ: the Delta chi2 interval asks which values fit nearly as well as the best "
    "one; a credible limit weighs every value by the prior and integrates over the nuisances. A "
    "prior flat in the square favours large values (it grows with the value), a log-uniform one "
    "small values: with no signal in the data its limit follows the floor at which it starts."
)


@dataclass(frozen=True)
class PriorEffect:
    """Limits on one parameter under several priors, beside the Delta chi2 interval."""

    experiments: tuple[str, ...]
    signal: str
    parameter: str
    unit: str
    level: float
    frequentist: tuple[Interval, ...]
    """Delta chi2, 1 dof."""
    credible: tuple[CredibleLimit, ...]
    """One for each prior."""
    fixed: dict[str, float] = field(default_factory=dict)
    """Every value that was held."""
    fixed_units: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False
    """Whether Ctrl-C came before all priors were done; the others are missing."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    def __str__(self) -> str:
        held = held_text(self.fixed, self.fixed_units)
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
    experiments: Question | Experiments,
    signal: str | Signal | None = None,
    parameter: str | None = None,
    *,
    settings: Settings | None = None,
    progress: Progress | None = None,
    **asked: Unpack[Asked],
) -> PriorEffect:
    """Return the credible limit under every prior that suits a parameter.

    A size gets priors flat in itself, in its square, and in its logarithm above a stated floor;
    a parameter that can be negative gets a flat one. The arguments are those of `bayesnu.limit`.
    """
    question = as_question(experiments, signal, parameter, asked).but(prior="flat", dof=1)
    about, likelihood, cut = question.about, question.likelihood, question.threshold
    curve = profile(likelihood, about.parameter, cut=cut)
    priors: tuple[PriorName, ...] = ("flat", "flat-squared", "log")
    limits: list[CredibleLimit] = []
    interrupted = False
    for name in priors if question.meta.one_sided else priors[:1]:
        best = curve.chi2_min if name != "log" else None  # a floor may exclude the best fit
        try:
            limit = whole_limit(
                question.but(prior=name).likelihood,
                about.parameter,
                about.level,
                settings or Settings(),
                best=best,
                progress=progress,
            )
        except (Interrupted, KeyboardInterrupt):
            interrupted = True
            break
        limits.append(limit)
    return PriorEffect(
        experiments=about.experiments,
        signal=about.signal,
        parameter=about.parameter,
        unit=about.unit,
        level=about.level,
        frequentist=curve.intervals(cut),
        credible=tuple(limits),
        fixed=about.fixed,
        fixed_units=about.fixed_units,
        interrupted=interrupted,
    )
