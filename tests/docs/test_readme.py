"""What the README shows is what happens: commands, outputs, Python, the example experiment."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from command_line import REPOSITORY, Run, environment
from monte_carlo import stochastic, with_seed
from shown import Block, check, is_drawn
from shown import blocks as shown_blocks
from shown import commands as shown_commands
from shown_numbers import drawn_of

from bayesnu.cli import COMMANDS, main

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
EXAMPLE = REPOSITORY / "docs/examples/my-experiment"


def blocks(kind: str) -> list[str]:
    """Return the fenced blocks of a kind."""
    return [block.text for block in shown_blocks(README, kind)]


def commands() -> list[tuple[str, list[str], Block]]:
    """Return every command of the console blocks, the lines it is said to print, its block."""
    return [
        (*entry, block)
        for block in shown_blocks(README, "console")
        for entry in shown_commands(block.text)
    ]


@pytest.mark.parametrize(
    ("line", "shown", "block"),
    [
        pytest.param(
            line,
            lines,
            block,
            id=line[:60],
            marks=stochastic if is_drawn(str(lines), block.words) else (),
        )
        for line, lines, block in commands()
    ],
)
def test_commands_print_what_the_readme_shows(
    line: str,
    shown: list[str],
    block: Block,
    demo: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for path in EXAMPLE.iterdir():
        shutil.copy(path, tmp_path)
    shutil.copytree(demo.folder, tmp_path / "results/demo")
    monkeypatch.chdir(tmp_path)
    program, *words = shlex.split(line)
    assert program == "bayesnu"
    if "results/demo" in words and words[0] == "limit":
        printed, code = demo.stdout, demo.code
    else:
        code = main(with_seed(words))
        printed = capsys.readouterr().out
    assert code == 0
    check(shown, printed.splitlines(), drawn=drawn_of(block.words))


def test_the_demo_of_the_makefile_is_the_first_command() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    assert commands()[0][0].removeprefix("bayesnu ") in makefile


def test_the_python_block_runs(tmp_path: Path) -> None:
    (code,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first = done.stdout.splitlines()[0]
    (promised,) = re.findall(r"intervals\(2\.706\)\)  # \(\(None, ([\d.]+)\),\)", code)
    (found,) = re.findall(r"None, ([\d.]+)", first)
    assert float(found) == pytest.approx(float(promised), rel=0.01)


def test_the_example_is_the_file_shown_and_shorter_than_40_lines() -> None:
    (shown,) = blocks("toml")
    text = (EXAMPLE / "my-experiment.toml").read_text()
    assert text == shown
    assert len(text.splitlines()) < 40
    tomllib.loads(text)


def test_the_example_counts_come_from_their_script(tmp_path: Path) -> None:
    for path in EXAMPLE.iterdir():
        shutil.copy(path, tmp_path)
    before = (tmp_path / "counts.csv").read_text()
    subprocess.run([sys.executable, "make_counts.py"], cwd=tmp_path, env=environment(), check=True)
    assert (tmp_path / "counts.csv").read_text() == before


def test_the_readme_names_every_command_and_files_that_exist() -> None:
    table = README.partition("## On the command line")[2].partition("```")[0]
    assert set(COMMANDS) <= set(re.findall(r"`([\w-]+)`", table))
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (REPOSITORY / target).exists(), target
    picture = REPOSITORY / "docs/images/spectrum.png"
    assert picture.stat().st_size < 200_000
