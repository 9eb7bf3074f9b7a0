"""The recipes of CONTRIBUTING.md work: each is followed in a copy of the package."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = dict(
    part.split("\n", 1)
    for part in re.split(r"^### ", PAGE.partition("## Recipes")[2], flags=re.M)[1:]
)
BLOCK = re.compile(r"^( *)```(\w+)(?: file=(\S+))?\n(.*?)^\1```$", re.M | re.S)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("bayesnu", "data", "models"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)  # with compiled functions
    return tmp_path


def test_there_is_a_recipe_for_everything_that_has_a_table() -> None:
    kinds = ["interaction", "nuisance", "source", "target", "sampler", "experiment", "paper"]
    assert set(RECIPES) == {f"A{'n' * (k[0] in 'aeiou')} {k}" for k in kinds} | {"An output format"}


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_works_as_it_stands(recipe: str, copy: Path) -> None:
    for _, language, file, text in BLOCK.findall(RECIPES[recipe]):
        text = textwrap.dedent(text)
        if language == "diff":
            change(copy / file, text)
        elif file:
            assert not (copy / file).exists()
            (copy / file).write_text(text, encoding="utf-8")
        elif language == "python":
            said = [
                line.partition("#")[2].strip() for line in text.splitlines() if "print(" in line
            ]
            assert run(copy, sys.executable, "-c", text).splitlines() == said
        else:
            follow(copy, text)


def change(path: Path, diff: str) -> None:
    """Apply a change whose unchanged lines are in the file, once."""
    lines = diff.splitlines()
    old, new = ("\n".join(li[1:] for li in lines if li[0] in signs) for signs in (" -", " +"))
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def follow(copy: Path, console: str) -> None:
    """Run the commands of a block; each prints the lines below it, and perhaps more."""
    for part in re.split(r"^\$ ", console, flags=re.M)[1:]:
        command, *shown = part.splitlines()
        program, *words = shlex.split(command)
        python = [sys.executable, "-m", "bayesnu"] if program == "bayesnu" else [program]
        said = run(copy, *python, *words)
        assert [line for line in shown if line not in said] == []


def run(copy: Path, *words: str) -> str:
    """Return what a program prints that sees the copy alone."""
    done = subprocess.run(
        words,
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
