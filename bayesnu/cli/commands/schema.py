"""JSON Schema of experiment and run files: an editor completes and checks them while you type.

examples
  bayesnu schema > experiment.schema.json
  bayesnu schema --channel nuclear-recoil
  bayesnu schema --run > run.schema.json

In an editor that understands TOML (with taplo or Even Better TOML), put
  #:schema ./experiment.schema.json
on the first line of the experiment file. The files are explained in docs/file-format.md and
docs/run-file.md.
"""

from __future__ import annotations

import argparse
import sys


def configure(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--channel", help="only the files of one channel, electron-recoil, ...")
    what.add_argument("--run", action="store_true", help="run files instead of experiment files")


def run(args: argparse.Namespace) -> int:
    """Print the schema."""
    import json

    from bayesnu.experiments.format.json_schema import json_schema
    from bayesnu.run_file.reading import run_file_schema

    schema = run_file_schema() if args.run else json_schema(args.channel)
    json.dump(schema, sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0
