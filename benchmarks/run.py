"""Run the benchmarks one after the other and write docs/speed.json and docs/speed.md.

    python -m benchmarks.run                # all, 15 minutes on two quiet cores
    python -m benchmarks.run --only ess     # one part; the results of the others are kept
    python -m benchmarks.run --page         # only write the page again

Each part runs in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import results
from benchmarks.speed_page import write_page
from benchmarks.timing import Measured, load, machine

ROOT = Path(__file__).resolve().parent.parent

PARTS = {
    "commands": "commands.py",
    "stages": "stages.py",
    "chi2": "test_chi2_speed.py",
    "profile": "test_profile_speed.py",
    "refit": "test_refit_speed.py",
    "refits": "refits.py",
    "ess": "ess.py",
    "growth": "test_growth_speed.py",
    "spectrum": "test_spectrum_speed.py",
}
"""Name and file; a file of tests is run by pytest-benchmark, others are scripts."""


def run_part(name: str, quick: bool) -> dict[str, Measured] | None:
    """Run one part in a new process and return what it measured; None if it fails."""
    file = PARTS[name]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "results.json"
        if file.startswith("test_"):
            command = [
                *("-m", "pytest", "-q", "-p", "no:cacheprovider", str(ROOT / "benchmarks" / file)),
                *("--benchmark-json", str(out), "--benchmark-max-time", "0.1" if quick else "1"),
            ]
        else:
            command = ["-m", f"benchmarks.{file.removesuffix('.py')}", "--out", str(out)]
            command += ["--quick"] if quick else []
        path = os.pathsep.join([str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": path.rstrip(os.pathsep)},
            check=False,
        )
        if done.returncode:
            return None
        return results.from_pytest(out) if file.startswith("test_") else results.read_part(out)


def commit() -> str:
    """Return the commit that is checked out, empty where there is none."""
    try:
        words = ["git", "rev-parse", "--short", "HEAD"]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="tiny sizes; nothing is written")
    parser.add_argument("--page", action="store_true", help="run nothing, write the page")
    args = parser.parse_args()
    failed: list[str] = []
    for name in [] if args.page else args.only or PARTS:
        before, began = load(), time.perf_counter()
        print(f"--- {name} (load {before})", flush=True)
        found = run_part(name, args.quick)
        seconds = round(time.perf_counter() - began, 1)
        print(f"--- {name}: {seconds:.0f} s", flush=True)
        if found is None:
            failed.append(name)
            continue
        if args.quick:
            continue
        results.merge(
            name,
            {
                "date": datetime.now(UTC).date().isoformat(),
                "commit": commit(),
                "load_before": before,
                "seconds": seconds,
                "measured": {key: value.to_dict() for key, value in found.items()},
            },
            machine(),
        )
    if not args.quick:
        print(f"Written: {write_page(results.read())}")
    if failed:
        raise SystemExit(f"Failed: {', '.join(failed)}; their old results are kept.")


if __name__ == "__main__":
    main()
