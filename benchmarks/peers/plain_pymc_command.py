"""The limit by the plain PyMC model as a process of its own: compile, sample, print."""

from __future__ import annotations

import time

import numpy as np
import nutpie

from bayesnu import load
from benchmarks.cases import EXPERIMENT, PARAMETER, real
from benchmarks.peers.plain_pymc import plain_model


def main() -> None:
    """Sample with the settings of `bayesnu limit`."""
    model = plain_model(real(), load(EXPERIMENT))
    began = time.perf_counter()
    compiled = nutpie.compile_pymc_model(model)
    middle = time.perf_counter()
    tree = nutpie.sample(
        compiled, draws=1000, tune=500, chains=4, seed=1, target_accept=0.9, progress_bar=False
    )
    limit = float(np.quantile(tree["posterior"][PARAMETER].values, 0.9))
    print(f"{PARAMETER} < {limit:.3f}")
    print(f"compiled in {middle - began:.1f} s, sampled in {time.perf_counter() - middle:.1f} s")


if __name__ == "__main__":
    main()
