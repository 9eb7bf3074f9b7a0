"""Runs of the command line that several tests look at."""

from __future__ import annotations

import pytest
from command_line import MOMENT, Run, bayesnu


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The main job with its default settings, into a folder."""
    folder = tmp_path_factory.mktemp("demo") / "new" / "folder"
    done = bayesnu("limit", "xenonnt-2022-er", *MOMENT, "--json", "--out", str(folder))
    return Run(folder, done.stdout, done.stderr, done.returncode)
