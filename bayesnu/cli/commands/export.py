"""Tables of a saved result for papers and databases: CSV, LaTeX, HEPData, JSON.

examples
  bayesnu export results/demo --format latex
  bayesnu export results/demo --format csv --format json --out tables
  bayesnu export results/moments --format hepdata --out submission

csv: limits, Delta chi2 curves, posterior densities, regions, units in the headers. latex: a table
with both statements, for booktabs. hepdata: a submission (submission.yaml and its tables) as
HEPData's validator accepts it; it needs the extra bayesnu[hepdata]. json: all results in one file.
Published limits are exported as comparisons in JSON only, never as results.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bayesnu.cli.options.common import written_text
from bayesnu.output.tables.formats import FORMATS


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("result", type=Path, metavar="RESULT", help="a folder of limit or run")
    parser.add_argument(
        "--format", action="append", choices=tuple(FORMATS), required=True, help="can be repeated"
    )
    parser.add_argument("-o", "--out", type=Path, help="folder (exports in the result's folder)")


def run(args: argparse.Namespace) -> int:
    """Write the tables."""
    from bayesnu.cli.options.from_elsewhere import from_elsewhere
    from bayesnu.files.whole import check_writable
    from bayesnu.output.tables.export import export_run
    from bayesnu.saved.runs import read_run

    with from_elsewhere(args.result):
        found = read_run(args.result)
        base = args.out or found.folder / "exports"
        check_writable(base)
        several = len(args.format) > 1 or args.out is None
        for kind in dict.fromkeys(args.format):
            folder = base / kind if several else base
            written = export_run(found, kind, folder)
            print(written_text(written, folder))
    return 0
