"""Run the tests of random numbers with shifted seeds (`make test-seeds`).

They are marked `stochastic`; `BAYESNU_TEST_SEED` shifts their seeds
(tests/helpers/monte_carlo.py). Each passes with any seed: where one does not, its error or the
package is wrong.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import resource
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PROMISES = REPOSITORY / "docs/promises.md"


def run(shift: int, words: list[str]) -> tuple[bool, str]:
    """Return whether all tests passed, and what pytest said."""
    command = [sys.executable, "-m", "pytest", "-m", "stochastic", "-q", "--tb=short", *words]
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "BAYESNU_TEST_SEED": str(shift)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0, done.stdout + done.stderr


def write(row: str) -> None:
    """Put a row into the table, in the place of an earlier one of the same processor."""
    text = PROMISES.read_text(encoding="utf-8")
    before, start, rest = text.partition("<!-- seeds -->\n")
    table, end, after = rest.partition("<!-- end of seeds -->")
    if not end:
        raise SystemExit(f"{PROMISES}: no table between <!-- seeds --> and <!-- end of seeds -->")
    kind = row.split("|")[2]
    rows = [line for line in table.splitlines() if line.split("|")[2] != kind]
    PROMISES.write_text(
        before + start + "\n".join([*rows, row]) + "\n" + end + after, encoding="utf-8"
    )


def processor() -> str:
    """Return what kind of processor this is."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def main() -> int:
    """Run all shifts, and say with how many the tests passed."""
    parser = argparse.ArgumentParser(description="Run the tests marked stochastic, reseeded.")
    parser.add_argument("--number", type=int, default=20, help="values of BAYESNU_TEST_SEED (20)")
    parser.add_argument("--first", type=int, default=1, help="the first of them (1)")
    parser.add_argument("--write", action="store_true", help="note it in docs/promises.md")
    parser.add_argument("words", nargs="*", help="for pytest, after --")
    args = parser.parse_args()
    failed = []
    for shift in range(args.first, args.first + args.number):
        before = _cpu_seconds()
        passed, said = run(shift, args.words)
        summary = said.strip().splitlines()[-1].strip("= ")
        print(f"BAYESNU_TEST_SEED={shift}: {summary}, {_cpu_seconds() - before:.0f} s of processor")
        if not passed:
            failed.append(shift)
            print(said)
        sys.stdout.flush()
    good = args.number - len(failed)
    print(f"{datetime.date.today()}: passed with {good} of {args.number} values")
    if args.write:
        values = f"{args.first} to {args.first + args.number - 1}"
        write(f"| {datetime.date.today()} | {processor()} | {values} | {good} of {args.number} |")
    return 1 if failed else 0


def _cpu_seconds() -> float:
    """Return the processor time of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
