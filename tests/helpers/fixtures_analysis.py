"""One small run that the tests of reports, exports and pictures look at."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_run import EXAMPLE, FULL, SHORT

from bayesnu.run_file.runner import Outcome, run_analysis


@pytest.fixture(scope="session")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A run with a step of every kind, on an experiment of one's own and a packaged one."""
    folder = tmp_path_factory.mktemp("analysis")
    mine = folder / "mine"
    shutil.copytree(EXAMPLE, mine)
    (folder / "full.toml").write_text(FULL, encoding="utf-8")
    outcome = run_analysis(folder / "full.toml", folder / "out", command="bayesnu run full.toml")
    # The folder stands alone: what the run file names by relative paths has been copied.
    shutil.rmtree(mine)
    return outcome


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """A run file with three quick steps, one of them sampled."""
    path = tmp_path / "short.toml"
    path.write_text(SHORT, encoding="utf-8")
    return path
