"""A thousand posteriors of simulated data in one process on one core: time and memory."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from bayesnu.campaigns.refit import Refit, refit
from bayesnu.campaigns.simulation import simulate
from benchmarks.cases import PARAMETER, real
from benchmarks.results import write_part
from benchmarks.timing import Measured, measured

EVERY = 50


def memory() -> float:
    """Return the memory that this process holds now, MB (Linux; elsewhere 0)."""
    path = Path("/proc/self/status")
    if not path.is_file():
        return 0.0
    line = next(line for line in path.read_text().splitlines() if line.startswith("VmRSS"))
    return float(line.split()[1]) / 1024.0


def measure(number: int = 1000) -> dict[str, Measured]:
    """Refit so many data sets of a moment of 0.3e-11 mu_B, with 4 x 500 draws each."""
    likelihood, rng = real(), np.random.default_rng(1)
    point = likelihood.point({PARAMETER: 0.3})
    refit(simulate(likelihood, point, rng), Refit(), 0)
    seconds, held, bad = [], [], 0
    for index in range(number):
        toy = simulate(likelihood, point, rng)
        began = time.perf_counter()
        found = refit(toy, Refit(), index + 1)
        seconds.append(time.perf_counter() - began)
        bad += found.r_hat > 1.05
        if index % EVERY == 0:
            held.append(memory())
    # The first fits fill caches; what counts is whether memory still grows after them.
    settled = held[len(held) // 5 :]
    growth = settled[-1] - settled[0]
    return {
        "one refit": measured(seconds),
        "all refits": measured([sum(seconds)]),
        "refits": measured([float(number)], ""),
        "refits with R-hat above 1.05": measured([float(bad)], ""),
        "memory": measured(held, "MB"),
        "growth of memory": measured([growth], "MB"),
    }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out")
    parser.add_argument("--quick", action="store_true", help="ten refits")
    args = parser.parse_args()
    write_part(args.out, measure(10 if args.quick else 1000))


if __name__ == "__main__":
    main()
