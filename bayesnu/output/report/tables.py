"""The tables of a report: what was fitted, how well, and how it was made, as plain values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from bayesnu.likelihood.names import bin_dim
from bayesnu.output.names import nuisance
from bayesnu.output.report.html_math import symbol, unit_html
from bayesnu.results.cls import band_text
from bayesnu.results.diagnostics import Diagnostics
from bayesnu.results.impacts import GROUPS
from bayesnu.results.interval_text import intervals_text, number, unbounded
from bayesnu.results.published import Published
from bayesnu.saved.runs import DEFAULT_LEVEL, SavedFit

GROUP_OF = {**GROUPS, "oscillation": "mixing"}
"""Roles -> the groups in which parameters are listed."""

ORDER = ("signal", "flux", "background", "detector", "mixing")


@dataclass(frozen=True)
class Headline:
    """A row of the first table: both statements on a parameter, published ones beside them."""

    anchor: str
    """Of the fit's section."""
    symbol: Markup
    unit: Markup
    parameter: str
    """This and what follows are texts; empty where there is no such statement."""
    level: str
    experiments: str
    fit: str
    credible: str
    prior: str
    converged: bool
    frequentist: str = ""
    dof: str = ""
    calibrated: str = ""
    cls: str = ""
    cls_expected: str = ""
    published: tuple[Published, ...] = ()


def headlines(fit: SavedFit, anchor: str) -> list[Headline]:
    """Return the rows of a fit; those of a posterior alone are read off its draws."""
    if fit.limit is None:
        return _off_the_draws(fit, anchor)
    limit = fit.limit
    f, b, c = limit.frequentist, limit.bayesian, limit.calibrated
    return [
        Headline(
            anchor=anchor,
            symbol=symbol(fit.latex()),
            unit=unit_html(limit.unit),
            parameter=limit.parameter,
            level=f"{100 * limit.level:g}%",
            experiments=" + ".join(limit.experiments),
            fit=limit.fit + (f", {limit.held} held" if limit.held else ""),
            frequentist=intervals_text(f.intervals) if f else "",
            dof=f"below {f.threshold:.3f}, {f.dof} dof" if f else "",
            calibrated=intervals_text(c.intervals) if c else "",
            cls=f"< {number(limit.cls.limit)}" if limit.cls else "",
            cls_expected=band_text(limit.cls.band) if limit.cls else "",
            credible=b.text() if b else "",
            prior=b.prior if b else "",
            converged=limit.fine,
            published=limit.published,
        )
    ]


def _off_the_draws(fit: SavedFit, anchor: str) -> list[Headline]:
    assert fit.tree is not None
    posterior = fit.tree["posterior"].to_dataset()
    found = fit.diagnostics
    rows = []
    for name in fit.signal_parameters():
        attributes = posterior[name].attrs
        rows.append(
            Headline(
                anchor=anchor,
                symbol=symbol(fit.latex(name)),
                unit=unit_html(fit.unit(name)),
                parameter=name,
                level=f"{100 * DEFAULT_LEVEL:g}%",
                experiments=" + ".join(fit.experiments),
                fit="marginal" if len(fit.signal_parameters()) > 1 else "one-at-a-time",
                credible=_credible(fit, name),
                prior=str(attributes.get("prior", "")),
                converged=found is not None and found.fine,
            )
        )
    return rows


def _credible(fit: SavedFit, name: str) -> str:
    found = fit.credible(name)
    return intervals_text(found.intervals, found.errors) if found.bounded else unbounded(name)


def verdict(found: Diagnostics) -> str:
    """Return in words whether the posterior can be trusted."""
    if found.problems:
        return "Do not quote the credible limit: " + " ".join(found.problems)
    worst = max(p.r_hat for p in found.parameters)
    fewest = min(p.ess_bulk for p in found.parameters)
    if found.modes:
        return (
            f"No problems found: {len(found.modes)} modes, each sampled by itself until it "
            "converged, and weighed by their evidences."
        )
    return (
        f"No problems found: R-hat is at most {worst:.3f}, every parameter has at least "
        f"{fewest:.0f} effective draws, and there are no divergences."
    )


@dataclass(frozen=True)
class ParameterRow:
    """A parameter of the fit, texts ready to be printed."""

    name: str
    label: Markup | str
    group: str
    """One of `ORDER`; another role as it is."""
    prior: str
    best_fit: str
    posterior: str
    pull: str
    constraint: str
    impact: str
    r_hat: str
    ess: str


def parameter_rows(fit: SavedFit, found: Diagnostics | None) -> list[ParameterRow]:
    """Return a row for each parameter by groups, in each the largest impact first."""
    sampled = {p.name: p for p in found.parameters} if found is not None else {}
    saved = {p.name: p for p in fit.record.parameters} if fit.record is not None else {}
    posterior = fit.tree["posterior"].to_dataset() if fit.tree is not None else {}
    rows = []
    for name in dict.fromkeys([*saved, *map(str, posterior)]):
        a, s = saved.get(name), sampled.get(name)
        attributes = posterior[name].attrs if name in posterior else {}
        role = a.role if a is not None else str(attributes.get("role", ""))
        group = GROUP_OF.get(role, role)
        pull = s.pull if s is not None else (a.pull if a is not None else None)
        row = ParameterRow(
            name=name,
            label=symbol(fit.latex(name)) if role == "signal" else plain(name, fit.experiments),
            group=group,
            prior=short_prior(a.prior if a is not None else str(attributes.get("prior", "")), name),
            best_fit=text_of(a.best_fit if a is not None else None),
            posterior=f"{number(s.mean)} ± {number(s.sd)}" if s is not None else "–",
            pull=f"{pull:+.2f}" if pull is not None else "free" if role != "signal" else "–",
            constraint=f"{s.constraint:.2f}" if s is not None and s.constraint else "–",
            impact=f"{s.impact:+.3g}" if s is not None and name != fit.parameter else "–",
            r_hat=f"{s.r_hat:.3f}" if s is not None else "–",
            ess=f"{s.ess_bulk:.0f}" if s is not None else "–",
        )
        size = abs(s.impact) if s is not None else abs(pull or 0.0)
        rows.append((ORDER.index(group) if group in ORDER else len(ORDER), group, -size, row))
    return [row for *_, row in sorted(rows, key=lambda entry: entry[:3])]


def grouped(rows: Sequence[ParameterRow]) -> list[tuple[str, list[ParameterRow]]]:
    """Return the rows of each group under its name, in their order."""
    return [(group, list(found)) for group, found in groupby(rows, lambda row: row.group)]


def short_prior(prior: str, name: str) -> str:
    """Return a prior's description without the name: ``Gaussian, 1 ± 0.167``."""
    words = prior.replace(f" in log {name}", " in the logarithm")
    words = words.replace(f" in {name}^2", " in the square").replace(f" in {name}", "")
    words = words.replace(" +- ", " ± ")
    return re.sub(r"\d+\.\d{3,}", lambda match: f"{float(match[0]):.3g}", words)


def plain(name: str, experiments: Sequence[str]) -> Markup | str:
    """Return a nuisance's readable name, isotopes with superscripts."""
    text = nuisance(name, experiments)
    if "$" not in text:
        return text
    parts = text.split("$")
    return Markup("").join(symbol(part) if n % 2 else part for n, part in enumerate(parts))


@dataclass(frozen=True)
class GoodnessRow:
    """How well an experiment is described."""

    experiment: str
    bins: int
    deviance: str
    predictive_p: str


def goodness_rows(fit: SavedFit, found: Diagnostics | None) -> list[GoodnessRow]:
    """Return chi2 at the best fit and the posterior predictive p-value of each experiment."""
    predicted = found.predictive_p if found is not None else {}
    saved = {s.experiment: s for s in fit.record.spectra} if fit.record is not None else {}
    rows = []
    for name in fit.experiments:
        key = bin_dim(name).removeprefix("bin_")
        spectrum, p = saved.get(name), predicted.get(key)
        bins = len(spectrum.edges) - 1 if spectrum is not None else 0
        if not bins and p is not None and fit.tree is not None:
            bins = int(fit.tree["observed_data"].to_dataset()[f"counts_{key}"].size)
        rows.append(
            GoodnessRow(
                name,
                bins,
                f"{spectrum.deviance:.1f}" if spectrum is not None else "–",
                f"{p:.3f}" if p is not None else "–",
            )
        )
    return rows


def text_of(value: float | None) -> str:
    """Return a number with three digits, or a dash."""
    return "–" if value is None else number(value)
