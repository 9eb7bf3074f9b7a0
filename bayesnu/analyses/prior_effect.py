"""What the prior does to a credible limit: the same posterior under each prior, in one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Unpack

from bayesnu.analyses.prior_choice import other_prior
from bayesnu.analyses.question import Asked, Experiments, Question, as_question
from bayesnu.errors import Interrupted
from bayesnu.inference.profile import profile
from bayesnu.inference.sampled_limit import sampled_limit, whole_limit
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
    "small values: with no signal in the data its limit follows the floor at which it starts. "
    "Jeffreys' prior is the same in whatever power of the parameter it is written."
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
    free: tuple[str, ...] = ()
    """All parameters of the signal that are free, that of interest too."""
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
        beside = [name for name in self.free if name != self.parameter]
        free = f", {', '.join(beside)} free" if beside else ""
        lines = [
            f"{self.parameter} in {self.unit}, {self.level:.0%}, {names}{free}{held}",
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
    beside: Sequence[object] = (),
    settings: Settings | None = None,
    progress: Progress | None = None,
    **asked: Unpack[Asked],
) -> PriorEffect:
    """Return the credible limit under every prior that suits a parameter.

    A size gets priors flat in itself, in its square, and in its logarithm above a stated floor;
    a parameter that can be negative gets a flat one, and both that of Jeffreys. The arguments are
    those of `bayesnu.limit`.

    Parameters
    ----------
    beside : sequence
        Further priors: ``gaussian:0,1`` and the other words, or distributions of SciPy.
    """
    question = as_question(experiments, signal, parameter, asked).but(prior="flat", dof=1)
    about, likelihood, cut = question.about, question.likelihood, question.threshold
    curve = profile(likelihood, about.parameter, cut=cut)
    limits: list[CredibleLimit] = []
    interrupted = False
    try:
        for name in suiting(question):
            best = curve.chi2_min if name != "log" else None  # a floor may exclude the best fit
            limits.append(
                whole_limit(
                    question.but(prior=name).likelihood,
                    about.parameter,
                    about.level,
                    settings or Settings(),
                    best=best,
                    progress=progress,
                )
            )
        for prior in ("jeffreys", *beside):
            found = sampled_limit(
                likelihood,
                about.parameter,
                about.level,
                settings or Settings(),
                best=curve.chi2_min,
                other=other_prior(question, prior),
                progress=progress,
            )[1]
            if found.interrupted:
                raise Interrupted("Interrupted while sampling.")
            limits.append(found)
    except (Interrupted, KeyboardInterrupt):
        interrupted = True
    return PriorEffect(
        experiments=about.experiments,
        signal=about.signal,
        parameter=about.parameter,
        unit=about.unit,
        level=about.level,
        frequentist=curve.intervals(cut),
        credible=tuple(limits),
        free=about.free,
        fixed=about.fixed,
        fixed_units=about.fixed_units,
        interrupted=interrupted,
    )


def suiting(question: Question) -> tuple[PriorName, ...]:
    """Return the priors by name that suit all free parameters of a question."""
    free = [p for p in question.likelihood.parameters if p.role == "signal" and not p.periodic]
    if all(parameter.one_sided for parameter in free):
        return "flat", "flat-squared", "log"
    complex_ = any(question.signal.parameter(parameter.name).phase for parameter in free)
    return ("flat", "natural") if complex_ else ("flat",)
