"""Run the tests of random numbers with shifted seeds (`make test-seeds`).

They are marked `stochastic`; `BAYESNU_TEST_SEED` shifts their seeds (tests/monte_carlo.py). Each
passes with any seed: where one does not, its error or the package is wrong.
"""

from __future__ import annotations

import argparse
import datetime
import os
import resource
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


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


def main() -> int:
    """Run all shifts, and say with how many the tests passed."""
    parser = argparse.ArgumentParser(description="Run the tests marked stochastic, reseeded.")
    parser.add_argument("--number", type=int, default=20, help="values of BAYESNU_TEST_SEED (20)")
    parser.add_argument("--first", type=int, default=1, help="the first of them (1)")
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
    return 1 if failed else 0


def _cpu_seconds() -> float:
    """Return the processor time of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
