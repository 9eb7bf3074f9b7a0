"""JSON Schema of experiment files, so that an editor completes and checks them while you type.

examples
  bayesnu schema > experiment.schema.json
  bayesnu schema --channel nuclear-recoil

In an editor that understands TOML (with taplo or Even Better TOML), put
  #:schema ./experiment.schema.json
on the first line of the experiment file. The pages are explained in docs/file-format.md.
"""

from __future__ import annotations

import argparse
import sys


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--channel", help="only the files of one channel, electron-recoil, ...")


def run(args: argparse.Namespace) -> int:
    """Print the schema."""
    import json

    from bayesnu.file_schema import json_schema

    json.dump(json_schema(args.channel), sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0
