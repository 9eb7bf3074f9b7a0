"""Tables of a saved result (CSV, LaTeX, HEPData, JSON), or a likelihood (pyhf, HS3, npz, JSON).

examples
  bayesnu export results/demo --format latex
  bayesnu export results/demo --format csv --format json --out tables
  bayesnu export results/moments --format hepdata --out submission
  bayesnu export xenonnt-2022-er lz-2022-er --signal magnetic-moment --parameter mu_eff \\
                 --format hs3 --out likelihood
  bayesnu export xenonnt-2022-er --signal millicharge --parameter q_ee --format pyhf \\
                 --first-order --out likelihood

csv: limits, Delta chi2 curves, posterior densities, regions, units in the headers. latex: a table
with both statements, for booktabs. hepdata: a submission (submission.yaml and its tables) as
HEPData's validator accepts it; it needs the extra bayesnu[hepdata]. json: all results in one file.
Published limits are exported as comparisons in JSON only, never as results.

With --signal, the likelihood of experiments is exported. hs3 has all of it: parameters, products,
constraints, data. pyhf has what HistFactory can say: products of constrained nuisances it cannot
(--first-order leaves them out, --hold holds nuisances at their centres). npz, json: templates and
all that a chi2 needs, for code of one's own.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bayesnu.cli.options import common
from bayesnu.cli.options.question import add_asked
from bayesnu.output.likelihoods.formats import LIKELIHOODS
from bayesnu.output.tables.formats import FORMATS


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "result", nargs="+", metavar="RESULT", help="a folder of limit or run; or experiments"
    )
    parser.add_argument(
        "--format",
        action="append",
        choices=tuple(dict.fromkeys((*FORMATS, *LIKELIHOODS))),
        required=True,
        help="can be repeated",
    )
    parser.add_argument("-o", "--out", type=Path, help="folder (exports in the result's folder)")
    group = parser.add_argument_group("likelihood")
    common.add_signal_name(group, help="its likelihood, for example of magnetic-moment")
    group.add_argument("--parameter", help="for example mu_eff")
    add_asked(group, "fit", "free", "set", "prior")
    group.add_argument(
        "--hold", nargs="+", action="extend", default=[], metavar="NAME", help="nuisances held"
    )
    group.add_argument(
        "--first-order", action="store_true", help="leave out products of Gaussian nuisances"
    )


def run(args: argparse.Namespace) -> int:
    """Write the tables, or the likelihood."""
    from bayesnu.errors import InputError

    known = FORMATS if args.signal is None else LIKELIHOODS
    for kind in args.format:
        if kind not in known:
            what = "a saved result" if args.signal is None else "a likelihood (--signal)"
            raise InputError(
                "--format", kind, found=f"no format of {what}", expected=" | ".join(known)
            )
    return _tables(args) if args.signal is None else _likelihood(args)


def _tables(args: argparse.Namespace) -> int:
    from bayesnu.cli.options.from_elsewhere import from_elsewhere
    from bayesnu.errors import InputError
    from bayesnu.files.whole import check_writable
    from bayesnu.output.tables.export import export_run
    from bayesnu.saved.runs import read_run

    if len(args.result) > 1:
        raise InputError(
            "bayesnu export", "RESULT", found=" ".join(args.result), expected="one, or --signal"
        )
    result = Path(args.result[0])
    with from_elsewhere(result):
        found = read_run(result)
        base = args.out or found.folder / "exports"
        check_writable(base)
        several = len(args.format) > 1 or args.out is None
        for kind in dict.fromkeys(args.format):
            folder = base / kind if several else base
            written = export_run(found, kind, folder)
            print(common.written_text(written, folder))
    return 0


def _likelihood(args: argparse.Namespace) -> int:
    from bayesnu.analyses.question import Question
    from bayesnu.errors import InputError
    from bayesnu.files.whole import check_writable
    from bayesnu.likelihood.linear import linearised
    from bayesnu.output.likelihoods.export import export_likelihood

    if args.parameter is None or args.out is None:
        raise InputError(
            "bayesnu export", "--signal", found="no --parameter, or no --out", expected="both"
        )
    question = Question.of(
        args.result,
        args.signal,
        [args.parameter],
        fit=args.fit,
        free=args.free,
        fixed=common.parse_values(args.set),
        prior=args.prior,
    )
    likelihood = question.likelihood.polynomial()
    held = {name: float(likelihood.start[likelihood.index(name)]) for name in args.hold}
    if held:
        likelihood = likelihood.with_fixed(held)
    if args.first_order:
        likelihood = linearised(likelihood)
    check_writable(args.out)
    for kind in dict.fromkeys(args.format):
        folder = args.out / kind if len(args.format) > 1 else args.out
        print(common.written_text(export_likelihood(likelihood, kind, folder), folder))
    return 0
