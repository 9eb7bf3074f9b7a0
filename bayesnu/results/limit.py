"""Results as frozen values: they hold numbers and how they were made, never a model."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

from bayesnu.results.band import Band
from bayesnu.results.cls import CLsLimit
from bayesnu.results.discovery import Discovery
from bayesnu.results.goodness import GoodnessOfFit
from bayesnu.results.held import held_text, values_text
from bayesnu.results.interval_text import intervals_text, number, rough, unbounded
from bayesnu.results.parameter_goodness import ParameterGoodness
from bayesnu.results.published import Published
from bayesnu.types import Interval

if TYPE_CHECKING:
    import pandas as pd

R_HAT_LIMIT = 1.01
ESS_LIMIT = 400
DIVERGENCE_LIMIT = 1e-3
"""Share of divergent draws from which on a region of the posterior may be missing."""

ZERO = 1e-4
"""A best fit closer to zero than this share of its limit is zero: chi2 is flat there, and a fit
ends anywhere."""


@dataclass(frozen=True)
class FrequentistLimit:
    """Where Delta chi2 of the profile is below the cut."""

    dof: int
    threshold: float
    best_fit: float
    chi2_min: float
    intervals: tuple[Interval, ...]
    notes: tuple[str, ...] = ()
    """What has to be said beside them: a parameter at an end of its range, a cut never reached."""

    def best_text(self) -> str:
        """Return the best fit; zero where a fit cannot tell it from zero."""
        ends = [abs(end) for interval in self.intervals for end in interval if end is not None]
        return number(self.best_fit if abs(self.best_fit) > ZERO * max(ends, default=0.0) else 0.0)


@dataclass(frozen=True)
class CalibratedLimit:
    """Where Delta chi2 of the profile is below a cut that toys have calibrated."""

    toys: int
    """At each true value."""
    values: tuple[float, ...]
    """True values at which there is a cut."""
    cuts: tuple[float, ...]
    cut_errors: tuple[float, ...]
    intervals: tuple[Interval, ...]

    def cut_at(self, value: float) -> tuple[float, float]:
        """Return the cut at a true value, and its error: between two values, their line."""
        above = next((i for i, v in enumerate(self.values) if v >= value), len(self.values) - 1)
        below = max(above - 1, 0)
        width = self.values[above] - self.values[below]
        share = (value - self.values[below]) / width if width > 0.0 else 1.0
        return (
            (1.0 - share) * self.cuts[below] + share * self.cuts[above],
            (1.0 - share) * self.cut_errors[below] + share * self.cut_errors[above],
        )


@dataclass(frozen=True)
class CredibleLimit:
    """A credible statement and what it rests on."""

    prior: str
    """In words."""
    kind: str
    """``upper``, ``central`` or ``highest-density``."""
    intervals: tuple[Interval, ...]
    """Without ends where the data do not bound the parameter."""
    mean: float
    """Of the posterior, as the standard deviation `sd`."""
    sd: float
    r_hat: float
    """The worst of all sampled parameters, as `ess_bulk`."""
    ess_bulk: float
    divergences: int
    draws: int
    converged: bool
    method: str = "NUTS"
    """How the posterior was sampled."""
    intervals_error: tuple[Interval, ...] = ()
    """One standard deviation of the Monte Carlo error of each end, of draws that have not converged
    the scatter of the limits of half chains; empty if it is not known."""
    ess_tail: float | None = None
    """As `ess_bulk`; None in results of the first edition."""
    bounded: bool = True
    """False if the limit would be the prior's range."""
    missed: float | None = None
    """By how much chi2 of the best fit is below that of all draws, where that is too much."""
    times_more: float = 1.0
    """How many times the draws would make the errors as small as sampling aims at; 1: they are."""
    interrupted: bool = False
    """Whether there are fewer draws than were asked for; then it has not converged."""
    chosen: bool = False
    """Whether this kind of interval was asked for."""
    notes: tuple[str, ...] = ()
    """What the end of the prior's range does, and where it and the profile say different things."""

    @property
    def fine(self) -> bool:
        """Whether it can be quoted: the draws have converged, and the data bound the parameter."""
        return self.converged and self.bounded

    @property
    def state(self) -> str:
        """What has to be said before it: empty if the draws are all there and have converged."""
        if self.interrupted:
            return "INTERRUPTED"
        return "" if self.converged else "NOT CONVERGED"

    def statement(self, level: float) -> str:
        """Return what it is, in words: ``90% credible``, with the kind where that was chosen."""
        return f"{100 * level:g}% credible" + (f", {self.kind}" if self.chosen else "")

    def text(self) -> str:
        """Return the intervals, with no more digits than their Monte Carlo errors allow."""
        write = rough if self._error_unknown else number
        return intervals_text(self.intervals, self.intervals_error, write)

    @property
    def _error_unknown(self) -> bool:
        return self.bounded and not self.converged and not self.intervals_error

    def remarks(self, parameter: str) -> list[str]:
        """Return what has to be said beside it."""
        said = []
        if not self.bounded:
            said.append(unbounded(parameter))
        if self.missed is not None:
            said.append(f"the draws miss the best fit, whose chi2 is {self.missed:.3g} lower")
        errors = [e for pair in self.intervals_error for e in pair if e is not None]
        if self._error_unknown:
            said.append("how far off it is is not known, and one digit is printed")
        elif not (self.converged or self.interrupted) and errors:
            said.append(f"parts of the chains differ by {max(errors):.1g}, which is the error")
        elif self.times_more > 1.0 and errors:
            said.append(
                f"Monte Carlo error up to {max(errors):.1g}, not as small as it should be: that "
                f"needs {ceil(self.times_more)} times the draws"
            )
        return [*said, *self.notes]


@dataclass(frozen=True)
class AtLevel:
    """Both statements at another level."""

    level: float
    frequentist: FrequentistLimit | None
    bayesian: CredibleLimit | None


@dataclass(frozen=True)
class Limit:
    """Both statements on one parameter."""

    experiments: tuple[str, ...]
    signal: str
    parameter: str
    unit: str
    level: float
    fit: str
    """``one-at-a-time`` or ``marginal``."""
    frequentist: FrequentistLimit | None
    bayesian: CredibleLimit | None
    published: tuple[Published, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)
    """Versions, seed, hash of inputs; priors of masses and mixing angles that are free."""
    calibrated: CalibratedLimit | None = None
    """By toys, where asked for."""
    fixed: dict[str, float] = field(default_factory=dict)
    """Every value that was held: those given, and masses that are zero because nobody gave one."""
    fixed_units: dict[str, str] = field(default_factory=dict)
    """Their units."""
    cls: CLsLimit | None = None
    """Where asked for."""
    parameter_goodness_of_fit: ParameterGoodness | None = None
    """Of a combination: whether its experiments agree."""
    interrupted: bool = False
    """Whether Ctrl-C ended it: the posterior has fewer draws than were asked for, or none."""
    levels: tuple[AtLevel, ...] = ()
    """The statements at other levels that were asked for."""
    expected: Band | None = None
    """Of the Delta chi2 interval of toys without a signal, where asked for."""
    discovery: Discovery | None = None
    """What speaks for a signal; None where counts are no polynomial."""
    goodness: GoodnessOfFit | None = None
    """Of the best fit of the profile; None without one."""
    route: str = "compiled"
    """How the posterior was sampled: by the compiled polynomial, or through the ``graph`` of cross
    sections, where a mass or a mixing angle is free."""

    @property
    def converged(self) -> bool:
        """Whether the posterior, if there is one, can be trusted."""
        return self.bayesian is None or self.bayesian.converged

    @property
    def fine(self) -> bool:
        """Whether both statements can be quoted."""
        return not self.interrupted and (self.bayesian is None or self.bayesian.fine)

    @property
    def held(self) -> str:
        """Every value that was held, with its unit; empty if there is none."""
        return values_text(self.fixed, self.fixed_units)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values, as ``--json`` prints it."""
        result = asdict(self)
        result["published"] = [entry.to_dict() for entry in self.published]
        result["experiments"] = list(self.experiments)
        return result

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each statement."""
        import pandas as pd

        columns = ["parameter", "unit", "statement", "level", "limit", "note"]
        about = (self.parameter, self.unit)
        rows = [(*about, said, self.level, text, note) for said, text, note in self.rows()]
        return pd.DataFrame(rows, columns=columns)

    def rows(self) -> list[tuple[str, str, str]]:
        """Return (statement, limit, remark) for tables."""
        rows = []
        if self.frequentist is not None:
            f = self.frequentist
            fit = f"profile, {f.dof} dof, best fit {f.best_text()}, chi2 {f.chi2_min:z.1f}"
            remark = "; ".join((fit, *self._bad_fit(), *f.notes))
            rows.append((f"Delta chi2 < {f.threshold:.3f}", intervals_text(f.intervals), remark))
            for at in self.levels:
                if (other := at.frequentist) is not None:
                    text, note = intervals_text(other.intervals), f"{100 * at.level:g}%"
                    rows.append((f"Delta chi2 < {other.threshold:.3f}", text, note))
        if self.expected is not None:
            rows.append(("expected Delta chi2", *self.expected.texts()))
        if self.calibrated is not None:
            c = self.calibrated
            ends = [end for interval in c.intervals for end in interval if end is not None]
            cuts = ", ".join("{:.2f} +- {:.2f}".format(*c.cut_at(end)) for end in ends)
            toys = f"{c.toys} toys at each of {len(c.values)} true values"
            remark = f"cut {cuts or 'nowhere reached'} there, {toys}"
            rows.append(("calibrated Delta chi2", intervals_text(c.intervals), remark))
        if self.cls is not None:
            rows += self.cls.rows()
        if self.bayesian is not None:
            b = self.bayesian
            prior = f"{b.state}: {b.prior}" if b.state else b.prior
            how = "" if b.method == "NUTS" else f"{b.method}; "
            quality = f"R-hat {b.r_hat:.3f}, ESS {b.ess_bulk:.0f}, {b.divergences} divergences"
            others = self.made.get("priors", {}).values()
            remark = "; ".join([prior, *others, *b.remarks(self.parameter), how + quality])
            rows.append((b.statement(self.level), b.text(), remark))
            for at in self.levels:
                if (same := at.bayesian) is not None:
                    note = "; ".join(same.remarks(self.parameter))
                    rows.append((same.statement(at.level), same.text(), note))
        if self.discovery is not None and self.discovery.matters:
            rows.append(self.discovery.row(self.parameter))
        goodness = self.parameter_goodness_of_fit
        if goodness is not None and goodness.disagrees:
            remark = f"{goodness.verdict(self.parameter)} See `bayesnu compare`"
            rows.append(("tension", "", remark))
        for entry in self.published:
            ratio = f"; ours / theirs {entry.ratio:.2f}" if entry.ratio is not None else ""
            note = f"; {entry.note}" if entry.note else ""
            remark = f"{entry.paper}, {entry.location}{ratio}{note}"
            rows.append(("published", intervals_text(entry.intervals), remark))
        return rows

    def _bad_fit(self) -> tuple[str, ...]:
        """Say that the best fit does not describe the data well, if it does not."""
        if self.goodness is None or not self.goodness.bad:
            return ()
        return (f"goodness of fit {self.goodness.text()}",)

    def title(self) -> str:
        """Return one line that says what the limit is on."""
        held = held_text(self.fixed, self.fixed_units)
        return (
            f"{self.parameter} in {self.unit}, {100 * self.level:g}%, "
            f"{' + '.join(self.experiments)}, {self.signal} ({self.fit}){held}"
        )

    def __str__(self) -> str:
        rows = self.rows()
        widths = [max(len(row[i]) for row in rows) for i in (0, 1)]
        lines = [self.title()]
        lines += [f"  {a.ljust(widths[0])}  {b.ljust(widths[1])}  {c}".rstrip() for a, b, c in rows]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.rows()
        )
        return (
            f"<table><caption>{escape(self.title())}</caption><thead><tr><th>statement</th>"
            f"<th>limit</th><th>remark</th></tr></thead><tbody>{body}</tbody></table>"
        )
