"""The comparison of pages with what happens notices what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from shown import PageRun, blocks, check, commands, same


def test_numbers_agree_within_the_tolerance_and_words_exactly() -> None:
    assert same("limit < 0.80, R-hat 1.003, ESS 1662", "limit  < 0.81, R-hat 1.001, ESS 900")
    assert not same("limit < 0.80", "limit < 0.90")
    assert not same("limit < 0.80", "bound < 0.80")
    assert same("Written to here: a.json, ...", "Written to here: a.json, b.nc, c.png.")
    assert not same("Written to here: a.json, ...", "Written to there: a.json, b.nc, c.png.")
    assert same("no file .../a.toml here", "no file /some/where/a.toml here")


def test_dots_stand_for_the_lines_that_follow_and_nothing_else() -> None:
    check(["one", "..."], ["one", "two", "three"])
    with pytest.raises(AssertionError):
        check(["one"], ["one", "two"])


def test_blocks_know_their_language_words_and_line() -> None:
    page = 'text\n```toml file=a.toml\nx = 1\n```\n\n```python not-run\nprint("a")\n```\n'
    first, second = blocks(page)
    assert (first.language, first.option("file"), first.line) == ("toml", "a.toml", 3)
    assert (second.words, second.text) == (("not-run",), 'print("a")\n')
    assert commands("$ bayesnu a \\\n  b\nout\n$ bayesnu c\n") == [
        ("bayesnu a    b", ["out"]),
        ("bayesnu c", []),
    ]


def run(page: str, folder: Path, code: int = 0, stdout: str = "", stderr: str = "") -> None:
    """Run a page whose commands print given texts."""
    runner = PageRun("page", folder, lambda words: (code, stdout, stderr), lambda file: None)
    for block in blocks(page):
        runner.run(block)


def test_a_wrong_promise_of_python_or_of_a_command_is_caught(tmp_path: Path) -> None:
    run("```python\nx = 2\n```\n\n```python\nprint(x)  # 2\n```\n", tmp_path)
    with pytest.raises(AssertionError, match="page, line 3"):
        run("text\n```python\nprint(2)  # 3\n```\n", tmp_path)
    run("```console\n$ bayesnu list\nthree\n```\n", tmp_path, stdout="three\n")
    with pytest.raises(AssertionError):
        run("```console\n$ bayesnu list\nthree\n```\n", tmp_path, stdout="four\n")
    with pytest.raises(AssertionError):
        run("```console\n$ bayesnu list\n```\n", tmp_path, code=2, stderr="bayesnu: wrong\n")
    run("```console fails\n$ bayesnu x\nno\n```\n", tmp_path, code=2, stderr="no\n")
