"""Do the experiments of a combination agree on a parameter?

examples
  bayesnu compare xenonnt-2022-er lz-2022-er lz-2024-er --signal magnetic-moment --parameter mu_eff
  bayesnu compare xenonnt-2022-er lz-2024-er --signal magnetic-moment --parameter mu_eff \\
                  --method profile --toys 500
  bayesnu compare xenonnt-2022-er lz-2022-er --signal millicharge --parameter q_ee --report
  bayesnu compare xenonnt-2022-er lz-2022-er --signal charge-radius --parameter r2_ee --json

Each experiment is shown alone, with the pull of the combination on it, and what the others say
without it. Below stand the parameter goodness of fit (chi2 of the combination above those of its
parts) and, of evidences, ln R and the suspiciousness ln S; p-values are small where experiments
disagree.
compare.json and compare.png are written into --out DIR, by default
results/<experiments>/<signal>/compare-<parameter>; with --json only where --out is given.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bayesnu.cli.options import common
from bayesnu.cli.options.projection import add_projection
from bayesnu.cli.options.question import add_asked, question_from

if TYPE_CHECKING:
    from bayesnu.results.comparison import Comparison


def configure(parser: argparse.ArgumentParser) -> None:
    common.add_experiments(parser)
    common.add_signal(parser)
    add_asked(parser, "level", "dof", "fit", "free", "prior", "set")
    parser.add_argument(
        "--method",
        choices=("profile", "both"),
        default="both",
        help="both: sample too, for evidences and credible limits",
    )
    parser.add_argument(
        "--toys", type=int, default=0, help="simulated combinations behind a p-value (none)"
    )
    parser.add_argument("--out", type=Path, help="folder for numbers and picture")
    parser.add_argument("--no-files", action="store_true", help="print only, write nothing")
    parser.add_argument("--report", action="store_true", help="also write report.html")
    add_projection(parser)
    common.add_sampling(parser)
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the comparison, write its files."""
    from contextlib import ExitStack

    from bayesnu.analyses.compare import compare
    from bayesnu.cli.options.default_folder import result_folder
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.files.lock import writing_into
    from bayesnu.files.whole import check_writable

    question = question_from(args, [args.parameter])
    place = args.out or result_folder(question, args, "compare-")
    writes = args.out is not None or not (args.json or args.no_files)
    with ExitStack() as stack:
        if writes:
            check_writable(place, ("compare.json", "compare.png"))
            stack.enter_context(writing_into(place))
        with ProgressLine() as progress:
            found = compare(
                question,
                method=args.method,
                toys=args.toys,
                settings=common.settings_from(args),
                progress=progress,
            )
        found = replace(found, command=args.command_line)
        if args.json:
            common.print_json([found.to_dict()])
        else:
            print(found, flush=True)
        if writes:
            written = write_files(found, place, args.report)
            if not args.json:
                print(common.written_text(written, place))
    return 0 if found.converged else 1


def write_files(found: Comparison, out: Path, report: bool) -> list[Path]:
    """Write numbers and picture, and a report of what is there then."""
    from bayesnu.files.json_text import plain_json
    from bayesnu.files.whole import write_text
    from bayesnu.output.plots import style
    from bayesnu.output.plots.compare import draw_comparison

    numbers = plain_json({"results": [found.to_dict()]})
    written = [write_text(out / "compare.json", numbers)]
    written.append(style.save(draw_comparison(found), out / "compare.png"))
    if report:
        from bayesnu.output.report.page import write_report
        from bayesnu.saved.runs import read_run

        written.append(write_report(read_run(out), out / "report.html"))
    return written
