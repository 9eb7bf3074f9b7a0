"""The default model made of cross sections as a process of its own: build, compile, evaluate."""

from __future__ import annotations

import time

import numpy as np
import nutpie

from bayesnu import build_model
from benchmarks.cases import EXPERIMENT, PARAMETER, SIGNAL


def main() -> None:
    """Compile what nutpie samples: log-density and gradient, and what it keeps of draws."""
    began = time.perf_counter()
    model = build_model([EXPERIMENT], SIGNAL, [PARAMETER])
    built = time.perf_counter()
    compiled = nutpie.compile_pymc_model(model)
    ready = time.perf_counter()
    tree = nutpie.sample(compiled, draws=10, tune=50, chains=1, seed=1, progress_bar=False)
    assert np.isfinite(tree["posterior"][PARAMETER].values).all()
    print(f"built in {built - began:.1f} s, compiled in {ready - built:.1f} s")


if __name__ == "__main__":
    main()
