"""Run the command line, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
MOMENT = ("--signal", "magnetic-moment", "--parameter", "mu_eff")


def environment(**extra: str) -> dict[str, str]:
    """Return an environment in which this checkout is what `import bayesnu` finds."""
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), **extra}


def bayesnu(
    *words: str, cwd: Path | None = None, seconds: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bayesnu", *words],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


@dataclass(frozen=True)
class Run:
    """A finished `bayesnu limit`: what it printed and where its files are."""

    folder: Path
    stdout: str
    stderr: str
    code: int

    @property
    def result(self) -> dict[str, Any]:
        """The result in limit.json."""
        found: dict[str, Any] = json.loads((self.folder / "limit.json").read_text())["results"][0]
        return found
