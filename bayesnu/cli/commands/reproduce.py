"""Recompute the limits of a paper, row by row, beside the published ones.

examples
  bayesnu reproduce khan-2022
  bayesnu reproduce giunti-ternes-2023 --location "Table II" --method both
  bayesnu reproduce all --json
  bayesnu reproduce khan-2022 --figures pictures --method both

Papers: khan-2022, atzori-corona-2022, giunti-ternes-2023, deromeri-2024, ternes-tortola-2025,
and xenonnt-2022 (the collaboration's own limit). Each one's analysis is a file in
models/papers: experiments, treatment, free parameters. Every limit is printed in the unit of
the published row; the note says why a ratio is further from 1 than 10%.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bayesnu.cli.options.common import add_json, add_sampling, print_json, settings_from

if TYPE_CHECKING:
    from bayesnu.papers.reproduction import Reproduced


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paper", help="a name from the list below, or `all`")
    parser.add_argument("--location", help='one table or equation, for example "Table II"')
    parser.add_argument(
        "--method", choices=("profile", "posterior", "both"), default="profile", help="statements"
    )
    parser.add_argument("--figures", type=Path, metavar="DIR", help="draw the paper's figures")
    add_sampling(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the rows of one paper, or of all."""
    from bayesnu.cli.options.progress import ProgressLine
    from bayesnu.errors import Interrupted
    from bayesnu.papers.paper import available_papers, load_paper
    from bayesnu.papers.reproduction import reproduce, table_text

    names = available_papers() if args.paper == "all" else [args.paper]
    settings = settings_from(args)
    everything: list[Reproduced] = []
    interrupted = False
    for name in names:
        paper = load_paper(name)
        progress, rows = ProgressLine(), []
        try:
            for row in reproduce(
                name,
                location=args.location,
                method=args.method,
                settings=settings,
                progress=progress,
            ):
                rows.append(row)
        except (Interrupted, KeyboardInterrupt):
            interrupted = True  # the rows that are done are printed
        finally:
            progress.done()
        everything += rows
        if not args.json and (rows or not interrupted):
            print(f"{name}: {paper.title}, arXiv:{paper.arxiv}")
            print(f"  {paper.method}")
            print(table_text(rows))
        if interrupted:
            break
    if args.figures is not None and not interrupted:
        from bayesnu.papers.figures import draw_all

        progress = ProgressLine()
        for name in names:
            for path in draw_all(
                name, args.figures, method=args.method, settings=settings, progress=progress
            ):
                progress.done()
                print(f"drawn: {path}", file=sys.stderr)
    if args.json:
        print_json([row.to_dict() for row in everything])
    if interrupted:
        print("bayesnu: interrupted; the rows that are missing were not done.", file=sys.stderr)
        return Interrupted.exit_code
    return 0 if all(row.bayesian is None or row.bayesian.fine for row in everything) else 1
