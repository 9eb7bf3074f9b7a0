"""Results as LaTeX tables with booktabs, ready to be put into a paper."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from bayesnu.files.whole import write_text
from bayesnu.output.plots import style
from bayesnu.output.tables.table import Cell, Statement, Table
from bayesnu.results.interval_text import intervals_text, number
from bayesnu.saved.runs import SavedRun
from bayesnu.types import Interval

SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip


def write(run: SavedRun, tables: Sequence[Table], folder: Path) -> list[Path]:
    r"""Write limits.tex, and a file for each other table that is short enough to be read.

    The tables need ``\usepackage{booktabs}`` and nothing else.
    """
    limits = [table for table in tables if table.name == "limits"]
    texts = {"limits": _limits(run.title, limits)} if limits else {}
    texts |= {t.name: _short(t) for t in tables if t.to_read and t.name != "limits"}
    return [write_text(folder / f"{name}.tex", text) for name, text in texts.items()]


def _limits(title: str, tables: Sequence[Table]) -> str:
    """Return one table of all limits: a row for each, its statements beside each other."""
    named = [{s.name: s for s in table.statements} for table in tables]
    head = ["Experiments", "Parameter", "Level", r"$\Delta\chi^2$ (dof)", "Credible", "Prior"]
    beside = [
        (name, words)
        for name, words in (
            ("calibrated_delta_chi2", r"$\Delta\chi^2$, calibrated"),
            ("cls", r"CL$_\mathrm{s}$"),
        )
        if any(name in found for found in named)
    ]
    head[4:4] = [words for _, words in beside]
    rows = []
    for table, found in zip(tables, named, strict=True):
        one, f, b = table.statements[0], found.get("delta_chi2"), found.get("credible")
        cells = [
            escape(", ".join(filter(None, (str(table.notes["experiments"]), table.held)))),
            f"${one.latex}$ [{unit(one.unit)}]",
            percent(table.notes["level"]),
            _cell(f, 0) + ("" if f is None else f" ({f.notes['dof']})"),
            _cell(b, 0),
            "--" if b is None else prior_text(str(b.notes["prior"]), one.parameter, one.latex),
        ]
        cells[4:4] = [_cell(found.get(name), 0) for name, _ in beside]
        rows.append(cells)
    caption = (
        rf"{escape(title)}. $\Delta\chi^2$: profile over all nuisances; credible: integrated "
        "over them with the stated prior."
    )
    return environment(caption, head, rows, "ll" + "c" * (len(head) - 3) + "l")


def _short(table: Table) -> str:
    """Return a table with a line for each of its rows."""
    heads, cells = [], []
    for column in table.columns:
        symbol = f"${column.latex}$" if column.latex else escape(column.quantity or column.name)
        said = [symbol, *([escape(column.words)] if column.words else [])]
        said += [f"{note} {value}" for note, value in column.notes.items() if note == QUANTILE]
        heads.append(", ".join(said) + (f" [{unit(column.unit)}]" if column.unit else ""))
        errors = column.errors or [None] * len(column.values)
        numbers = zip(column.values, errors, strict=True)
        cells.append([_number(x, error, column.axis) for x, error in numbers])
    for s in table.statements:
        words = s.words + (f", {s.notes['dof']} dof" if "dof" in s.notes else "")
        heads.append(f"${s.latex}$, {escape(words)} [{unit(s.unit)}]")
        cells.append([_cell(s, row) for row in range(len(s.intervals))])
    rows = list(zip(*cells, strict=True))
    symbols = {c.quantity or c.name: c.latex for c in table.columns if c.latex}
    symbols |= {s.parameter: s.latex for s in table.statements}
    caption = in_symbols(table.caption, {**symbols, "Delta chi2": r"\Delta\chi^2"})
    return environment(caption, heads, rows, "r" * len(heads))


QUANTILE = "quantile of toys"


def _cell(statement: Statement | None, row: int) -> str:
    """Return the intervals of a statement, and whether they can be trusted."""
    found = statement.intervals[row] if statement is not None else None
    if statement is None or found is None:
        return "--"
    errors = statement.errors[row] if statement.errors else ()
    given = any(end is not None for pair in found for end in pair)
    converged = not given or not statement.converged or statement.converged[row]
    return intervals(found, errors) + ("" if converged else " (not converged)")


def _number(entry: Cell, error: float | None, axis: bool) -> str:
    if isinstance(entry, str):
        return escape(entry)
    if axis and entry is not None:
        return f"{entry:.4g}"
    text = value(entry)
    return text if error is None or entry is None else rf"{text} $\pm$ {value(error)}"


def environment(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], columns: str
) -> str:
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
    plain = partial(value, math=False)
    return intervals_text(found, errors, plain, ("$< {}$", "$> {}$", r"$({},\, {})$"))


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


def percent(level: Cell) -> str:
    """Return a level in per cent."""
    return rf"{100 * float(level or 0):g}\%"


def prior_text(prior: str, parameter: str, latex: str) -> str:
    """Return a prior's description with the parameter's symbol."""
    pieces = re.split(rf"\b{re.escape(parameter)}(\^2)?", prior)
    # re.split gives text, exponent or None, text, ...
    result = escape(pieces[0])
    for power, rest in zip(pieces[1::2], pieces[2::2], strict=True):
        result += (f"$({latex}){power}$" if power else f"${latex}$") + escape(rest)
    return result


def in_symbols(text: str, symbols: Mapping[str, str]) -> str:
    """Return a text with the symbols of what it names."""
    names = "|".join(map(re.escape, sorted(symbols, key=len, reverse=True)))
    parts = re.split(rf"\b({names})\b", text)
    return "".join(f"${symbols[p]}$" if n % 2 else escape(p) for n, p in enumerate(parts))


def escape(text: str) -> str:
    """Return a text in which nothing is a command to LaTeX."""
    return "".join(SPECIAL.get(letter, letter) for letter in text)
