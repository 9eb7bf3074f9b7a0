"""Sample the posterior of one or all parameters of a signal, and save it.

examples
  bayesnu sample xenonnt-2022-er --signal millicharge --parameter q_ee
  bayesnu sample xenonnt-2022-er lz-2022-er --signal charge-radius --all --out radii
  bayesnu sample lz-2022-er --signal magnetic-moment --parameter mu_e --draws 9000 --out mu
  bayesnu sample lz-2022-er --signal magnetic-moment --parameter mu_e --draws 9000 --resume --out mu

OUT/posterior.nc is netCDF that ArviZ, xarray and corner read without bayesnu. While sampling,
the draws made so far are written every few seconds; after Ctrl-C or a kill, --resume continues.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bayesnu.cli.options import common
from bayesnu.cli.options.projection import add_projection
from bayesnu.cli.options.question import add_asked, question_from
from bayesnu.likelihood.held import held


def configure(parser: argparse.ArgumentParser) -> None:
    common.add_experiments(parser)
    common.add_signal_name(parser, required=True, help="for example magnetic-moment")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--parameter", action="append", help="free parameter; can be repeated")
    what.add_argument("--all", action="store_true", help="all parameters of the signal")
    add_asked(parser, "set", "prior")
    parser.add_argument("--out", type=Path, default=Path("results/sample"), help="folder")
    parser.add_argument("--resume", action="store_true", help="continue an interrupted run")
    add_projection(parser)
    common.add_sampling(parser)
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Sample, save, and print diagnostics."""
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.errors import InputError
    from bayesnu.files.lock import writing_into
    from bayesnu.files.whole import check_writable
    from bayesnu.inference.diagnostics import diagnose
    from bayesnu.inference.minima import at_ends, find_minima
    from bayesnu.inference.posterior import sample

    question = question_from(args, None if args.all else args.parameter)
    likelihood, names = question.likelihood, question.parameters
    path = args.out / "posterior.nc"
    check_writable(args.out, [path.name])
    if path.exists() and not args.resume:
        raise InputError(path, "--out", found="a posterior", expected="a new folder, or --resume")
    with ProgressLine() as progress, writing_into(args.out):
        tree = sample(
            likelihood,
            common.settings_from(args),
            progress=progress,
            store=path,
            resume=args.resume,
        )
    if not tree.attrs["complete"]:
        print(
            f"Interrupted: {tree['posterior'].sizes['draw']} draws a chain are in {path}; "
            "--resume continues."
        )
        return 130
    if likelihood.route == "compiled":
        common.warn(at_ends(likelihood, find_minima(likelihood)[0]))
    report = diagnose(tree, names[0])
    if args.json:
        said = {"file": str(path), "route": likelihood.route, **held(likelihood)}
        common.print_json([{**said, **report.to_dict()}])
    else:
        print(report)
        common.say_held(likelihood)
        print(f"Written to {path}.")
    return 0 if report.fine else 1
