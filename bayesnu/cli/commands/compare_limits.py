"""A figure of limits on a parameter: results of one's own beside the published ones.

examples
  bayesnu compare-limits --parameter mu_eff --out moments.pdf
  bayesnu compare-limits results/demo --parameter mu_eff --out moments.pdf --out moments.png
  bayesnu compare-limits results/demo --parameter mu_eff --kind solar-xenon solar --out solar.pdf
  bayesnu compare-limits results/plane --parameter mu_e --overlay "Borexino=theirs.csv" \\
                 --out plane.pdf

One column wide, for a paper. RESULT is what `bayesnu limit` or `run` has written; both of its
statements are drawn. * marks a number that was recalled, a level stands beside what is not at 90%.
What cannot be compared is printed: `bayesnu published` has the sources. With --overlay, an
exclusion plane of the result is drawn instead, with curves from CSV files of two columns, mass and
coupling in the plane's own units.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from bayesnu.cli.options.common import add_pairs, complete_parameters, with_completer
from bayesnu.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from bayesnu.output.plots.comparison import Bar
    from bayesnu.results.exclusion import Exclusion
    from bayesnu.results.limit import Limit
    from bayesnu.types import Array

USUAL = 0.9
"""The level that is not written beside a limit."""

FREE = ("", "\u2020")
"""A mark for limits with the signal's other parameters free."""

TITLE = f"{USUAL:.0%} unless said; {FREE[1]} others free; * recalled"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("result", nargs="*", type=Path, metavar="RESULT", help="folders")
    action = parser.add_argument("--parameter", required=True, help="for example mu_eff")
    with_completer(action, complete_parameters)
    parser.add_argument(
        "-o", "--out", action="append", type=Path, required=True, help="file; can be repeated"
    )
    parser.add_argument("--unit", default="", help="default: that of the result")
    parser.add_argument("--kind", nargs="+", help="published limits of some kinds only")
    add_pairs(parser, "--overlay", "LABEL=CSV", "a curve over the exclusion plane of a result")


def run(args: argparse.Namespace) -> int:
    """Draw the comparison, say what cannot be compared."""
    from bayesnu.output.plots import style

    for path in args.out:
        style.check_format(path)
    if args.overlay:
        figure = _plane(args)
    else:
        from bayesnu.output.plots.comparison import draw_limits

        bars, latex, unit = _bars(args)
        figure = draw_limits(bars, latex, unit, TITLE)
    for path in args.out:
        style.save(figure, path)
        print(f"Written: {path}.")
    return 0


def _bars(args: argparse.Namespace) -> tuple[list[Bar], str, str]:
    from bayesnu.analyses.ledger import ledger
    from bayesnu.output.plots.comparison import KINDS, Bar
    from bayesnu.results.ledger import differences

    ours = _limits(args)
    unit = args.unit or (ours[0].unit if ours else "")
    rows = ledger(args.parameter, unit)
    if args.kind:
        if unknown := set(args.kind) - set(KINDS):
            raise InputError(
                "--kind", "kind", found=", ".join(sorted(unknown)), expected=" | ".join(KINDS)
            )
        rows = tuple(row for row in rows if row.kind in args.kind)
    bars = [bar for limit in ours for bar in _of_limit(limit, rows[0].unit if rows else unit)]
    times = Counter((row.label, row.fit, row.level) for row in rows)
    for row in rows:
        level = "" if row.level == USUAL or row.level is None else f" ({row.level:.0%})"
        mark = "*" if row.trust == "recalled" else ""
        alike = times[row.label, row.fit, row.level] > 1 and row.note
        note = f" ({row.note.partition(',')[0]})" if alike else ""
        label = f"{row.label}{note}{FREE[row.fit == 'marginal']}{level}{mark}"
        bars.append(Bar(label, row.kind, row.intervals))
    if not bars:
        raise InputError("--kind", "limits", found="none", expected="at least one")
    for sentence in differences(rows) if rows else ():
        print(f"{sentence}.")
    return (
        bars,
        _symbol(args.parameter, ours, rows[0].signal if rows else ""),
        (rows[0].unit if rows else unit),
    )


def _limits(args: argparse.Namespace) -> list[Limit]:
    """Return the results' limits on the parameter."""
    from bayesnu.cli.options.from_elsewhere import from_elsewhere
    from bayesnu.saved.runs import read_run

    found = []
    for path in args.result:
        with from_elsewhere(path):
            own = [fit.limit for fit in read_run(path).fits if fit.limit is not None]
            named = [limit for limit in own if limit.parameter == args.parameter]
            if not named:
                raise InputError(
                    path,
                    "limit",
                    found=", ".join(limit.parameter for limit in own) or "none",
                    expected=args.parameter,
                )
            found += named
    return found


def _of_limit(limit: Limit, unit: str) -> list[Bar]:
    from bayesnu.analyses.ledger import short_name
    from bayesnu.analyses.published import scaled, unit_factor
    from bayesnu.output.plots.comparison import Bar

    factor = unit_factor(limit.unit, unit)
    level = "" if limit.level == USUAL else f" ({limit.level:.0%})"
    names = short_name(" + ".join(limit.experiments)) + FREE[limit.fit == "marginal"]
    statements = {"": limit.frequentist, ", credible": limit.bayesian}
    return [
        Bar(f"{names}{words}{level}", "ours", scaled(found.intervals, factor))
        for words, found in statements.items()
        if found is not None
    ]


def _symbol(parameter: str, ours: list[Limit], signal: str) -> str:
    """Return the parameter's symbol."""
    from bayesnu.physics.signals import SIGNALS
    from bayesnu.results.symbol import safe_symbol

    tag = ours[0].signal if ours else signal
    known = SIGNALS[tag]().parameters if tag in SIGNALS else ()
    latex = next((p.latex for p in known if p.name == parameter), "")
    return safe_symbol(latex, parameter)


def _plane(args: argparse.Namespace) -> Figure:
    from bayesnu.output.plots.comparison import add_curves
    from bayesnu.output.plots.scans import draw_exclusions

    planes: dict[str, Exclusion] = {}
    for path in args.result:
        planes |= _exclusions(path, args.parameter)
    if not planes:
        raise InputError(
            "--overlay", "RESULT", found="no exclusion plane", expected=f"one of {args.parameter}"
        )
    curves = {}
    for pair in args.overlay:
        label, equals, name = pair.partition("=")
        if not equals or not label:
            raise InputError("--overlay", "curve", found=repr(pair), expected="LABEL=CSV")
        curves[label] = _curve(Path(name))
    return add_curves(draw_exclusions(planes), curves)


def _exclusions(path: Path, coupling: str) -> dict[str, Exclusion]:
    from bayesnu.cli.options.from_elsewhere import from_elsewhere
    from bayesnu.saved.runs import read_run

    with from_elsewhere(path):
        found = read_run(path).exclusions.values()
        return {" + ".join(p.experiments): p for p in found if p.coupling == coupling}


def _curve(path: Path) -> tuple[Array, Array]:
    """Return the two columns of a CSV file."""
    from bayesnu.files.tables import read_table

    table = read_table(path.resolve())
    if len(table.names) != 2:
        raise InputError(path, "columns", found=", ".join(table.names), expected="two")
    x, y = (table.column(name) for name in table.names)
    return x, y
