"""What the prior does: credible limits under each prior beside the Delta chi2 interval.

examples
  bayesnu priors xenonnt-2022-er --signal magnetic-moment --parameter mu_eff
  bayesnu priors lz-2022-er --signal magnetic-moment --parameter mu_e --level 0.95 --json
  bayesnu priors lz-2022-er --signal magnetic-moment --parameter mu_e --fit marginal
  bayesnu priors xenonnt-2022-er --signal millicharge --parameter q_ee --prior gaussian:0,2
"""

from __future__ import annotations

import argparse

from bayesnu.cli.options import common
from bayesnu.cli.options.question import add_asked


def configure(parser: argparse.ArgumentParser) -> None:
    common.add_experiments(parser)
    common.add_signal(parser)
    add_asked(parser, "level", "fit", "free", "prior-range", "set")
    parser.add_argument(
        "--prior",
        action="append",
        default=[],
        metavar="PRIOR",
        help="a further one: gaussian:CENTRE,WIDTH, half-normal:WIDTH; can be repeated",
    )
    common.add_sampling(parser)
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    from bayesnu.analyses.prior_effect import prior_effect
    from bayesnu.cli.options.progress import ProgressLine

    with ProgressLine() as progress:
        result = prior_effect(
            args.experiments,
            args.signal,
            args.parameter,
            beside=args.prior,
            level=args.level,
            fit=args.fit,
            free=args.free,
            fixed=common.parse_values(args.set),
            prior_range=args.prior_range,
            settings=common.settings_from(args),
            progress=progress,
        )
    if args.json:
        common.print_json([result.to_dict()])
    else:
        print(result)
    return 0 if all(limit.fine for limit in result.credible) else 1
