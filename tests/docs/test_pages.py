"""Every code block of the documentation runs, and prints what the page shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from monte_carlo import stochastic
from shown import NOT_RUN, PageRun, blocks, is_drawn

from bayesnu.cli import main

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
EXAMPLE = DOCS / "examples/my-experiment"

PAGES = sorted(
    path
    for path in [*DOCS.glob("*.md"), *DOCS.glob("howto/*.md")]
    if blocks(path.read_text(encoding="utf-8"), "python", "console", "sh")
)
DRAWN = [
    any(is_drawn(block.text, block.words) for block in blocks(path.read_text(encoding="utf-8")))
    for path in PAGES
]
NAMES = [path.relative_to(DOCS).as_posix() for path in PAGES]

MOST_NOT_RUN = 4
"""Blocks that are not run need a cluster, or half a minute of compilation."""


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=name, marks=stochastic if drawn else ())
        for path, name, drawn in zip(PAGES, NAMES, DRAWN, strict=True)
    ],
)
def test_a_page_does_what_it_shows(
    path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for source in EXAMPLE.iterdir():
        shutil.copy(source, tmp_path)
    monkeypatch.chdir(tmp_path)

    def bayesnu(words: list[str]) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(words)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    def script(file: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        subprocess.run([sys.executable, str(file)], env=environment, check=True, timeout=100)

    page = PageRun(path.stem, tmp_path, bayesnu, script)
    for block in blocks(path.read_text(encoding="utf-8")):
        page.run(block)


def test_few_blocks_are_not_run() -> None:
    marked = [
        (name, block.line)
        for name, path in zip(NAMES, PAGES, strict=True)
        for block in blocks(path.read_text(encoding="utf-8"))
        if any(word in NOT_RUN for word in block.words)
    ]
    assert len(marked) <= MOST_NOT_RUN, marked


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_shell_blocks_hold_only_make_and_pip(path: Path) -> None:
    for block in blocks(path.read_text(encoding="utf-8"), "sh"):
        for line in block.text.splitlines():
            target = re.fullmatch(r"make ([a-z-]+)(?:\s+#.*)?", line)
            assert target, f"{path.name}: {line}: commands of ours belong into console blocks"
            assert f"\n{target[1]}:" in (REPOSITORY / "Makefile").read_text(encoding="utf-8")
