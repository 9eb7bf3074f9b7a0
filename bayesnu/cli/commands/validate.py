"""Check an experiment file and the tables it names; nothing is computed.

examples
  bayesnu validate my.toml
  bayesnu validate xenonnt-2022-er
"""

from __future__ import annotations

import argparse

from bayesnu.cli.options.common import add_experiments, add_json, print_json


def configure(parser: argparse.ArgumentParser) -> None:
    add_experiments(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Load each experiment and say that it is fine; the first problem ends it."""
    from bayesnu.experiments.loading import load

    loaded = [load(name) for name in args.experiments]
    if args.json:
        print_json([{"experiment": e.name, "valid": True, "summary": str(e)} for e in loaded])
    else:
        for experiment in loaded:
            print(f"valid: {experiment}")
    return 0
