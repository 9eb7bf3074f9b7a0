"""Shell completion (the extra `completion`): commands, experiments, signals, parameters."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command_line import environment


def completions(line: str, folder: Path) -> set[str]:
    """Return what the shell is offered at the end of a line."""
    answer = folder / "answer"
    subprocess.run(
        [sys.executable, "-m", "bayesnu"],
        env=environment(
            _ARGCOMPLETE="1",
            _ARGCOMPLETE_IFS="\n",
            _ARGCOMPLETE_STDOUT_FILENAME=str(answer),
            COMP_LINE=line,
            COMP_POINT=str(len(line)),
        ),
        cwd=folder,
        check=True,
        timeout=30,
    )
    return {word.strip() for word in answer.read_text().splitlines()}


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("bayesnu li", {"list", "limit"}),
        ("bayesnu show xenonnt-2022-er@k", {"xenonnt-2022-er@khan-2022"}),
        ("bayesnu limit xenonnt-2022-er --signal milli", {"millicharge"}),
        (
            "bayesnu limit xenonnt-2022-er --signal magnetic-moment --parameter mu_",
            {"mu_eff", "mu_e", "mu_mu", "mu_tau"},
        ),
        ("bayesnu limit xenonnt-2022-er --no-pl", {"--no-plots"}),
        ("bayesnu validate my", {"my.toml"}),
    ],
)
def test_the_shell_is_offered(line: str, offered: set[str], tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("")
    assert completions(line, tmp_path) == offered
