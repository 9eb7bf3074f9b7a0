"""The comparison of pages with what happens notices what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from shown import PageRun, blocks, check, commands, same
from shown_numbers import agree, drawn_of


def test_words_agree_exactly_and_computed_numbers_but_for_rounding() -> None:
    assert same("chi2 71.3", "chi2 71.4")
    assert not same("chi2 71.3", "chi2 71.6")
    assert not same("limit < 0.813", "limit < 0.80")
    assert not same("12 events", "13 events")
    assert not same("limit < 0.80", "bound < 0.80")
    assert same("Written to here: a.json, ...", "Written to here: a.json, b.nc, c.png.")
    assert not same("Written to here: a.json, ...", "Written to there: a.json, b.nc, c.png.")
    assert same("no file .../a.toml here", "no file /some/where/a.toml here")


def test_drawn_numbers_agree_within_five_errors() -> None:
    # An error of 1/5 / sqrt(1600) is 0.5% of each: 5 of the difference's are 3.5%.
    shown = "credible < 0.80, R-hat 1.003, ESS 1600"
    assert same(shown, "credible < 0.82, R-hat 1.001, ESS 1600")
    assert not same(shown, "credible < 0.86, R-hat 1.001, ESS 1600")
    # Fewer draws, larger errors.
    assert same(shown, "credible < 0.85, R-hat 1.01, ESS 400")
    # One that is stated.
    assert same("< 0.80 +- 0.02; ESS 1600", "< 0.88 +- 0.01; ESS 1600")
    assert same("< 0.80(2); R-hat 1.01, ESS 1600", "< 0.88(1); R-hat 1.0, ESS 1600")
    assert not same("< 0.800(4); ESS 1600", "< 0.850(4); ESS 1600")
    assert not same("< 0.80 +- 0.004; ESS 1600", "< 0.85 +- 0.004; ESS 1600")
    # An end near zero has the error of the other one.
    assert same("(-0.01, 4.0) ESS 1600", "(0.05, 4.0) ESS 1600")
    # A page or a notebook says what its numbers rest on.
    words = ["hide-input", "sampled-2500"]
    assert agree("0.75", "0.80", drawn_of(words)) and not agree("0.75", "0.90", drawn_of(words))
    shares = drawn_of(["shares-2500"])
    assert agree("99% of 0.010", "98% of 0.020", shares)
    assert not agree("99% of 0.010", "96% of 0.010", shares)
    assert not agree("99% of 0.010", "99% of 0.060", shares)


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
