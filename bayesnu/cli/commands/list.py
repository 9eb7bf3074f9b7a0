"""The experiments and signals that are there.

examples
  bayesnu list
  bayesnu list --json
"""

from __future__ import annotations

import argparse
from typing import Any

from bayesnu.cli.options.common import add_json, print_json


def configure(parser: argparse.ArgumentParser) -> None:
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print names and titles."""
    from bayesnu.experiments.model_files import available, find, read_entries, validate
    from bayesnu.physics.signals import SIGNALS

    experiments: list[dict[str, Any]] = []
    for name in available():
        path = find(name)
        file = validate(path, read_entries(path))
        experiments.append({"name": name, "title": file.title, "arxiv": file.arxiv})
    signals: list[dict[str, Any]] = [
        {
            "name": tag,
            "title": make().title,
            "parameters": [f"{p.name} [{p.unit}]" for p in make().parameters],
        }
        for tag, make in SIGNALS.items()
    ]
    if args.json:
        print_json(
            [{"kind": "experiment", **entry} for entry in experiments]
            + [{"kind": "signal", **entry} for entry in signals]
        )
        return 0
    width = max(len(str(entry["name"])) for entry in experiments + signals)
    print("experiments")
    for entry in experiments:
        where = f"  arXiv:{entry['arxiv']}" if entry["arxiv"] else ""
        print(f"  {str(entry['name']).ljust(width)}  {entry['title']}{where}")
    print("signals")
    for entry in signals:
        print(f"  {str(entry['name']).ljust(width)}  {entry['title']}")
        print(f"  {' ' * width}  {', '.join(entry['parameters'])}")
    return 0
