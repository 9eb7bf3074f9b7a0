"""Results as LaTeX tables with booktabs, ready to be put into a paper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bayesnu.files.whole import write_text
from bayesnu.output.names import file_name
from bayesnu.output.plots import style
from bayesnu.output.tables.exported import limits_of
from bayesnu.results.interval_text import number
from bayesnu.results.limit import CredibleLimit, Limit
from bayesnu.results.symbol import safe_symbol
from bayesnu.saved.runs import SavedRun
from bayesnu.types import Interval

SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


def write_latex(run: SavedRun, folder: Path) -> list[Path]:
    r"""Write limits.tex, and a table for each exclusion plane and sensitivity.

    The tables need ``\usepackage{booktabs}`` and nothing else. Published limits are not in
    them: they are not results of the run.
    """
    written = []
    limits = limits_of(run)
    if limits:
        rows = [limit_row(limit, fit.latex()) for fit, limit in limits]
        written.append(
            write_text(folder / "limits.tex", table(_caption(run), HEAD, rows, "llcccl"))
        )
    for name, plane in run.exclusions.items():
        text = table(
            f"Upper limits at {percent(plane.level)} on {escape(plane.coupling)} against "
            f"{escape(plane.mass)}, from {escape(' + '.join(plane.experiments))}.",
            (
                f"{escape(plane.mass)} [{escape(plane.mass_unit)}]",
                rf"{escape(plane.coupling)} [{unit(plane.unit)}], $\Delta\chi^2 < "
                rf"{plane.threshold:.3f}$",
                f"{escape(plane.coupling)} [{unit(plane.unit)}], credible",
            ),
            [
                (f"{mass:.4g}", value(upper), value(credible))
                for mass, upper, credible in zip(
                    plane.masses, plane.upper, plane.credible, strict=True
                )
            ],
            "rrr",
        )
        written.append(
            write_text(folder / f"exclusion_{file_name(name or plane.coupling)}.tex", text)
        )
    for name, found in run.sensitivities.items():
        symbol = safe_symbol(found.latex, found.parameter)
        text = table(
            f"Expected limits at {percent(found.level)} on ${symbol}$ "
            f"[{unit(found.unit)}] against exposure, {escape(found.experiment)}.",
            (r"exposure [t\,yr]", r"$\Delta\chi^2$", "credible"),
            [
                (
                    f"{point.exposure:g}",
                    intervals(point.frequentist.intervals) if point.frequentist else "--",
                    _credible(point.bayesian) if point.bayesian else "--",
                )
                for point in found.points
            ],
            "rcc",
        )
        written.append(
            write_text(folder / f"sensitivity_{file_name(name or found.parameter)}.tex", text)
        )
    return written


HEAD = ("Experiments", "Parameter", "Level", r"$\Delta\chi^2$ (dof)", "Credible", "Prior")


def _caption(run: SavedRun) -> str:
    return (
        rf"{escape(run.title)}. $\Delta\chi^2$: profile over all nuisances; credible: integrated "
        "over them with the stated prior."
    )


def limit_row(limit: Limit, latex: str) -> tuple[str, ...]:
    """Return the cells of a limit: both statements beside each other."""
    f, b = limit.frequentist, limit.bayesian
    credible = "--"
    if b is not None:
        credible = _credible(b) + ("" if b.converged else " (not converged)")
    return (
        escape(" + ".join(limit.experiments) + (f", {limit.held}" if limit.held else "")),
        f"${latex}$ [{unit(limit.unit)}]",
        percent(limit.level),
        "--" if f is None else f"{intervals(f.intervals)} ({f.dof})",
        credible,
        "--" if b is None else prior_text(b.prior, limit.parameter, latex),
    )


def _credible(limit: CredibleLimit) -> str:
    return intervals(limit.intervals, limit.intervals_error)


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], columns: str) -> str:
    """Return a table environment with booktabs rules."""
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{caption}}}",
        rf"  \begin{{tabular}}{{{columns}}}",
        r"    \toprule",
        "    " + " & ".join(head) + r" \\",
        r"    \midrule",
        *("    " + " & ".join(row) + r" \\" for row in rows),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def intervals(found: Sequence[Interval], errors: Sequence[Interval] = ()) -> str:
    """Return intervals in math: ``$< 0.64$`` or ``$(-2.5, 7.4)$``, digits as their errors allow."""
    parts = []
    for (low, high), (e, f) in zip(found, errors or [(None, None)] * len(found), strict=True):
        if low is None and high is None:
            parts.append("no limit")
        elif low is None:
            parts.append(f"$< {value(high, f, math=False)}$")
        elif high is None:
            parts.append(f"$> {value(low, e, math=False)}$")
        else:
            parts.append(f"$({value(low, e, math=False)},\\, {value(high, f, math=False)})$")
    return " or ".join(parts)


def value(x: float | None, error: float | None = None, *, math: bool = True) -> str:
    """Return a number with three digits or as its error allows, powers of ten as in LaTeX."""
    if x is None:
        return "--"
    text = re.sub(r"e([+-])0*(\d+)", _power, number(x, error))
    return f"${text}$" if math else text


def _power(match: re.Match[str]) -> str:
    sign = "-" if match[1] == "-" else ""
    return rf" \times 10^{{{sign}{match[2]}}}"


def unit(text: str) -> str:
    """Return a unit: ``1e-11 mu_B`` as 10^{-11} mu_B in math."""
    found = style.unit_latex(text)
    return escape(text) if found == text else found


def percent(level: float) -> str:
    """Return a level in per cent."""
    return rf"{100 * level:g}\%"


def prior_text(prior: str, parameter: str, latex: str) -> str:
    """Return a prior's description with the parameter's symbol."""
    pieces = re.split(rf"\b{re.escape(parameter)}(\^2)?", prior)
    # re.split gives text, exponent or None, text, ...
    result = escape(pieces[0])
    for power, rest in zip(pieces[1::2], pieces[2::2], strict=True):
        result += (f"$({latex}){power}$" if power else f"${latex}$") + escape(rest)
    return result


def escape(text: str) -> str:
    """Return a text in which nothing is a command to LaTeX."""
    return "".join(SPECIAL.get(letter, letter) for letter in text)
