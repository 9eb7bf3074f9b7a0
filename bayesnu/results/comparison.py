"""What experiments say of one parameter side by side, and whether they agree, as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from bayesnu.results.aligned import aligned
from bayesnu.results.held import Held
from bayesnu.results.interval_text import intervals_text, number
from bayesnu.results.limit import CredibleLimit
from bayesnu.results.parameter_goodness import ParameterGoodness, p_number
from bayesnu.types import Interval, SavedArray


@dataclass(frozen=True)
class EvidenceRatio:
    """Ratio of evidences and suspiciousness, with Monte Carlo errors."""

    log_ratio: float
    """ln R: above zero one set of parameters for all experiments is more probable than one for
    each, given the priors."""
    log_ratio_error: float
    log_information: float
    """ln I = ln R - ln S, which grows with the prior."""
    log_suspiciousness: float
    """ln S, which does not: below zero they disagree."""
    log_suspiciousness_error: float
    dimension: float
    """How many parameters the experiments measure in common."""
    dimension_error: float
    p_value: float | None
    """Of a Gaussian case; None where they measure none in common."""
    priors: dict[str, str] = field(default_factory=dict)
    """Of all parameters that experiments share, in words."""

    def __str__(self) -> str:
        text = (
            f"ln R = {self.log_ratio:.2f} +- {self.log_ratio_error:.1g}, ln S = "
            f"{self.log_suspiciousness:.2f} +- {self.log_suspiciousness_error:.1g}"
        )
        if self.p_value is None:
            return text
        p = p_number(self.p_value)
        return f"{text}, p = {p} ({self.dimension:.1f} +- {self.dimension_error:.1g} dimensions)"


@dataclass(frozen=True, eq=False)
class Part:
    """One experiment of a combination."""

    experiment: str
    best_fit: float
    chi2_min: float
    bins: int
    one_sigma: tuple[Interval, ...]
    """Where its own Delta chi2 is below one."""
    intervals: tuple[Interval, ...]
    """At the comparison's level."""
    pull: float
    """Of the combination's best fit on it: the root of its own Delta chi2 there, positive where the
    experiment prefers more."""
    share: float
    """Of the parameter goodness of fit: its chi2, own pulls included, at the combination's best fit
    above its own smallest."""
    without: tuple[Interval, ...]
    """Interval of all the others together."""
    values: SavedArray
    """Of the parameter, shape (points,), with `delta_chi2`."""
    delta_chi2: SavedArray
    credible: CredibleLimit | None = None


@dataclass(frozen=True, eq=False)
class Comparison(Held):
    """Do the experiments of a combination agree on a parameter?"""

    experiments: tuple[str, ...]
    signal: str
    parameter: str
    unit: str
    latex: str
    level: float
    threshold: float
    best_fit: float
    chi2_min: float
    intervals: tuple[Interval, ...]
    values: SavedArray
    delta_chi2: SavedArray
    parameter_goodness_of_fit: ParameterGoodness
    parts: tuple[Part, ...]
    evidence: EvidenceRatio | None = None
    """None where nothing was sampled."""
    credible: CredibleLimit | None = None
    free: tuple[str, ...] = ()
    fixed: dict[str, float] = field(default_factory=dict)
    fixed_units: dict[str, str] = field(default_factory=dict)
    command: str = ""

    @property
    def converged(self) -> bool:
        """Whether all posteriors, if there are any, can be trusted."""
        drawn = (self.credible, *(part.credible for part in self.parts))
        return all(credible.converged for credible in drawn if credible is not None)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as ``bayesnu compare --json`` prints it."""
        plain = asdict(self)
        for entry in (plain, *plain["parts"]):
            for key in ("values", "delta_chi2"):
                entry[key] = entry[key].tolist()
        return {**plain, "experiments": list(self.experiments)}

    def title(self) -> str:
        """Return one line that says what is compared."""
        names = " + ".join(self.experiments)
        return (
            f"{self.parameter} in {self.unit}, {100 * self.level:g}%, {names}, "
            f"{self.signal}{self.held}"
        )

    def verdict(self) -> str:
        """Return one sentence."""
        return self.parameter_goodness_of_fit.verdict(self.parameter)

    def rows(self) -> list[tuple[str, ...]]:
        """Return experiment, best fit, interval, credible, pull, share, the others' interval."""
        rows = [
            (
                part.experiment,
                number(part.best_fit),
                intervals_text(part.intervals),
                "-" if part.credible is None else part.credible.text(),
                f"{part.pull:+z.2f}",
                f"{part.share:z.2f}",
                intervals_text(part.without),
            )
            for part in self.parts
        ]
        credible = "-" if self.credible is None else self.credible.text()
        combined = intervals_text(self.intervals)
        return [*rows, ("all", number(self.best_fit), combined, credible, "", "", "")]

    def __str__(self) -> str:
        level = f"{100 * self.level:g}%"
        head = ("experiment", "best fit", f"{level} Delta chi2", f"{level} credible", "pull")
        table = [(*head, "chi2 share", "the others"), *self.rows()]
        lines = [self.title(), *(f"  {line}" for line in aligned(table, right=(4, 5)))]
        lines.append(f"parameter goodness of fit: {self.parameter_goodness_of_fit}")
        if shared := self.parameter_goodness_of_fit.shared:
            lines.append(f"  shared, a copy in each part: {', '.join(shared)}")
        if self.evidence is not None:
            lines.append(f"evidences: {self.evidence}")
            lines.append(f"  priors: {'; '.join(self.evidence.priors.values())}")
        return "\n".join([*lines, self.verdict()])
