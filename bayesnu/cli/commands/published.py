"""Published limits on a parameter: collaborations, papers, astrophysics.

examples
  bayesnu published --parameter mu_eff
  bayesnu published --parameter r2_ee --json
  bayesnu published --parameter mu_e --unit "1e-11 mu_B"

Each with its source, level, beam, and whether its number was printed (official; quoted: in another
paper) or recalled. What cannot be compared with what is said below. `bayesnu compare-limits` draws
them beside results of one's own.
"""

from __future__ import annotations

import argparse
from itertools import groupby
from typing import TYPE_CHECKING

from bayesnu.cli.options.common import add_json, complete_parameters, print_json, with_completer

if TYPE_CHECKING:
    from bayesnu.results.ledger import LedgerRow

TITLES = {
    "solar-xenon": "solar neutrinos in xenon",
    "solar": "solar neutrinos elsewhere",
    "reactor": "reactors",
    "accelerator": "accelerators",
    "stars": "stars",
    "supernova": "supernovae",
    "matter": "neutrality of matter",
    "projection": "projections",
}


def configure(parser: argparse.ArgumentParser) -> None:
    action = parser.add_argument("--parameter", required=True, help="for example mu_eff")
    with_completer(action, complete_parameters)
    parser.add_argument("--unit", default="", help='for example "1e-11 mu_B"')
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the ledger of a parameter."""
    from bayesnu.analyses.ledger import ledger, related
    from bayesnu.results.ledger import differences

    rows = ledger(args.parameter, args.unit)
    said = differences(rows)
    if args.json:
        print_json([row.to_dict() for row in rows] + [{"not_comparable": said}])
        return 0
    order = list(TITLES)
    rows = tuple(sorted(rows, key=lambda row: order.index(row.kind)))  # stable: strongest first
    print(f"{args.parameter} in {rows[0].unit}")
    for kind, group in groupby(rows, key=lambda row: row.kind):
        print(f"{TITLES[kind]}")
        for row in group:
            print(f"  {_line(row)}")
    for sentence in said:
        print(f"{sentence}.")
    if others := related(args.parameter):
        print(f"Of other flavours and beams, which are other quantities: {', '.join(others)}.")
    return 0


def _line(row: LedgerRow) -> str:
    from bayesnu.results.interval_text import intervals_text

    mark = "*" if row.trust == "recalled" else ""
    level = "no level" if row.level is None else f"{row.level:.0%}"
    said = [level, row.fit, "2 dof" if row.dof == 2 else "", row.flavour, row.note]
    value = f"{intervals_text(row.intervals)}{mark}"
    where = f"{row.source} ({row.trust}: {row.read_in})"
    return f"{value:16} {row.label}: {'; '.join(filter(None, said))}; {where}"
