"""Expected limit against exposure, for a detector that is planned or one that runs on.

examples
  bayesnu sensitivity darwin-30ty --signal magnetic-moment --parameter mu_eff \\
                      --exposures 10 30 100 300 --toys 200 --plot mu.png
  bayesnu sensitivity darwin-30ty --signal magnetic-moment --parameter mu_eff \\
                      --exposures 30 300 --scale Xe136=0.01 --method both
  bayesnu sensitivity darwin-30ty --signal charge-radius --parameter r2_ee --free r2_mumu \\
                      --exposures 30 100 300
  bayesnu sensitivity my.toml --signal millicharge --parameter q_ee --exposures 1 2 5 --json

Limits are those of Asimov data: counts as expected, not rounded. --toys adds the median and the
spread of the Delta chi2 limit over simulated experiments, counts and centres of pulls drawn around
these data. A --truth is behind the counts; pulls stay where the file has them. Data of the
experiment are not looked at.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bayesnu.cli.options import common
from bayesnu.cli.options.projection import add_scaling, add_truth
from bayesnu.cli.options.question import add_asked


def configure(parser: argparse.ArgumentParser) -> None:
    common.add_experiments(parser, many=False)
    common.add_signal(parser)
    parser.add_argument(
        "--exposures",
        type=float,
        nargs="+",
        action="extend",
        required=True,
        metavar="T_YR",
        help="in t yr",
    )
    add_asked(parser, "level", "fit", "free", "prior")
    parser.add_argument(
        "--method", choices=("profile", "posterior", "both"), default="profile", help="statements"
    )
    add_scaling(parser)
    add_truth(parser)
    parser.add_argument(
        "--toys", type=int, default=0, help="simulated experiments at each exposure (none)"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="folder that keeps the toys")
    common.add_plot(parser)
    common.add_sampling(parser)
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print (and draw) expected limits."""
    from bayesnu.analyses.sensitivity import sensitivity
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.files.whole import check_writable

    if args.keep is not None:
        check_writable(args.keep)
    with ProgressLine() as progress:
        found = sensitivity(
            args.experiment,
            args.signal,
            args.parameter,
            args.exposures,
            free=args.free,
            fit=args.fit,
            level=args.level,
            method=args.method,
            prior=args.prior,
            scale=common.parse_values(args.scale, "--scale"),
            truth=common.parse_values(args.truth, "--truth"),
            toys=args.toys,
            cores=args.cores,
            keep=args.keep,
            settings=common.settings_from(args),
            progress=progress,
        )
    if args.json:
        common.print_json([found.to_dict()])
    else:
        print(found, flush=True)
    if args.plot is not None and not found.interrupted:
        from bayesnu.output.plots import style
        from bayesnu.output.plots.sensitivity import draw_sensitivity

        style.save(draw_sensitivity(found), args.plot)
    return 0 if found.converged else 1
