"""What the tests of campaigns share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bayesnu.analyses.question import likelihood_of
from bayesnu.likelihood.likelihood import Likelihood

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def moment() -> Likelihood:
    """The magnetic moment in XENONnT."""
    return likelihood_of(["xenonnt-2022-er"], "magnetic-moment", ["mu_eff"])


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen[str]]:
    """Start Python code, or the command line, in a process of its own."""

    def begin(*words: str, cwd: Path | None = None) -> subprocess.Popen[str]:
        path = os.pathsep.join([str(TESTS.parent), str(TESTS / "helpers")])
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return begin
