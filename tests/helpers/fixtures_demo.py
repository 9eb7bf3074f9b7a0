"""Runs of the command line that several tests look at."""

from __future__ import annotations

import pytest
from command_line import MOMENT, Run, bayesnu
from monte_carlo import with_seed


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The main job of `make demo`, with its default settings."""
    start = tmp_path_factory.mktemp("demo")
    words = ("limit", "xenonnt-2022-er", *MOMENT, "--out", "results/demo")
    done = bayesnu(*with_seed(words), cwd=start)
    return Run(start / "results/demo", done.stdout, done.stderr, done.returncode)
