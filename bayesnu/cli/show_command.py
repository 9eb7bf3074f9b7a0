"""What an experiment is: data, response, backgrounds with priors, sources and their trust.

examples
  bayesnu show xenonnt-2022-er
  bayesnu show xenonnt-2022-er --plot xenonnt.png
  bayesnu show my.toml --json

Trust labels: official (the collaboration's release), vector (read from a vector figure),
digitised (read off a plot), derived (computed), recalled (from memory of a paper), user.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bayesnu.cli.options import add_experiments, add_json, print_json


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_experiments(parser, many=False)
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw it into a file")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print (and draw) one experiment."""
    from bayesnu.describe import describe

    page = describe(args.experiment)
    if args.plot is not None:
        from bayesnu.output import style
        from bayesnu.output.components import draw_components

        style.save(
            draw_components(page.expectation, title=page.title, labels=page.labels), args.plot
        )
    if args.json:
        print_json([page.to_dict()])
    else:
        print(page)
    return 0
