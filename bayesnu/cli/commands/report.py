"""One HTML page about a result, with everything that a reader needs to judge it.

examples
  bayesnu report results/demo
  bayesnu report results/demo/posterior.nc --out posterior.html
  bayesnu report results/moments --out moments.html

RESULT is what `bayesnu limit`, `sample` or `run` has written: a folder, or a posterior.nc. The
page has the limits beside published ones, the data with their trust labels, spectra, profiles,
posteriors, diagnostics, pulls, what each nuisance does to a limit (of `bayesnu limit --impacts`),
how all of it was made, and what to cite. It needs no network, no scripts and no other file.
Nothing is computed again: only saved numbers are read.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bayesnu.cli.options.common import add_result


def configure(parser: argparse.ArgumentParser) -> None:
    add_result(parser)
    parser.add_argument("--out", type=Path, help="the page (report.html in the result's folder)")


def run(args: argparse.Namespace) -> int:
    """Write the page."""
    from bayesnu.cli.options.from_elsewhere import from_elsewhere
    from bayesnu.output.report.page import write_report
    from bayesnu.saved.runs import read_run

    with from_elsewhere(args.result):
        found = read_run(args.result)
        written = write_report(found, args.out or found.folder / "report.html")
    print(f"Written to {written}.")
    return 0
