"""Long measurements of campaigns: what docs/calibration.md reports.

Each part prints its results, puts them into docs/calibration.json and draws its pictures; the
page is written by `benchmarks/calibration_page.py`. Fits are kept in --out, so that a part can
be stopped and goes on where it was:

    python benchmarks/campaigns.py sbc --out runs
    python benchmarks/campaigns.py coverage --out runs
    python benchmarks/campaigns.py credible --out runs      # after coverage
    python benchmarks/campaigns.py refits | dask | kill | fuzz | simuk
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from campaign_machinery import dask, fuzz, kill, refits
from campaign_results import IMAGES, RESULTS
from campaign_statistics import coverage, credible, sbc, simuk


def main() -> None:
    """Run one part."""
    parts: dict[str, Callable[[argparse.Namespace], None]] = {
        part.__name__: part for part in (sbc, coverage, credible, refits, dask, kill, fuzz, simuk)
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=parts)
    parser.add_argument("--out", type=Path, default=Path("runs"))
    parser.add_argument("--number", type=int, help="of fits or inputs: smaller, for a try")
    parser.add_argument("--cores", type=int)
    parser.add_argument(
        "--parameter",
        help="of sbc, coverage, credible, refits: only this one (of sbc also: wrong prior, wrong "
        "likelihood; of refits also: cores)",
    )
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--images", type=Path, default=IMAGES)
    args = parser.parse_args()
    parts[args.part](args)


if __name__ == "__main__":
    main()
