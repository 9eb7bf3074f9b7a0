"""What the prior does: credible limits under each prior beside the Delta chi2 interval.

examples
  bayesnu priors xenonnt-2022-er --signal magnetic-moment --parameter mu_eff
  bayesnu priors lz-2022-er --signal magnetic-moment --parameter mu_e --level 0.95 --json
"""

from __future__ import annotations

import argparse

from bayesnu.cli.options.common import (
    add_experiments,
    add_json,
    add_sampling,
    add_signal,
    print_json,
    settings_from,
)
from bayesnu.cli.options.question import add_asked


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_experiments(parser)
    add_signal(parser)
    add_asked(parser, "level")
    add_sampling(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    from bayesnu.analyses.prior_effect import prior_effect
    from bayesnu.cli.options.progress import ProgressLine

    progress = ProgressLine()
    try:
        result = prior_effect(
            args.experiments,
            args.signal,
            args.parameter,
            level=args.level,
            settings=settings_from(args),
            progress=progress,
        )
    finally:
        progress.done()
    if args.json:
        print_json([result.to_dict()])
    else:
        print(result)
    return 0 if all(limit.fine for limit in result.credible) else 1
