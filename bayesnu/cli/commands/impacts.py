"""What each nuisance does to a limit: pulls, widths, impacts, and what is left if it were known.

examples
  bayesnu impacts xenonnt-2022-er --signal magnetic-moment --parameter mu_eff
  bayesnu impacts xenonnt-2022-er lz-2022-er --signal magnetic-moment --parameter mu_eff \\
                  --plot impacts.png
  bayesnu impacts lz-2022-er --signal millicharge --parameter q_eff --method both --json
  bayesnu impacts darwin-300ty --asimov --signal charge-radius --parameter r2_ee --top 10

A nuisance is held at its best fit plus and minus its width after the fit, and everything else is
fitted again. Of a size (mu_eff) the impact is the change of the upper limit, of other
parameters that of the best fit. Below stands the limit with whole groups known exactly.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from bayesnu.cli.options.common import (
    add_experiments,
    add_json,
    add_sampling,
    add_signal,
    print_json,
    settings_from,
)
from bayesnu.cli.options.projection import add_projection
from bayesnu.cli.options.question import add_asked, question_from


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_experiments(parser)
    add_signal(parser)
    add_asked(parser, "level", "dof", "fit", "free", "set")
    parser.add_argument(
        "--method",
        choices=("profile", "both"),
        default="profile",
        help="both: sample too, and regress the parameter on each nuisance (default: profile)",
    )
    parser.add_argument(
        "--top", type=int, metavar="N", help="only the N largest, in text and picture"
    )
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw it into a file")
    add_projection(parser)
    add_sampling(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print (and draw) impacts."""
    from bayesnu.analyses.impacts import impacts
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.errors import InputError

    if args.top is not None and args.top < 1:
        raise InputError("--top", "N", found=args.top, expected="1 or more")
    progress = ProgressLine()
    try:
        found = impacts(
            question_from(args, [args.parameter]),
            method=args.method,
            settings=settings_from(args),
            progress=progress,
        )
    finally:
        progress.done()
    if args.json:
        print_json([found.to_dict()])
    else:
        print(replace(found, nuisances=found.nuisances[: args.top]))
    if args.plot is not None:
        from bayesnu.output.plots import style
        from bayesnu.output.plots.impacts import draw_impacts

        style.save(draw_impacts(replace(found, nuisances=found.nuisances[: args.top])), args.plot)
    return 0
