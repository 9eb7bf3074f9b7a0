"""stdout and stderr closed, full, or in an encoding of few letters: the result is kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command_line import MOMENT, Run, environment

PROFILE = ("limit", "xenonnt-2022-er", *MOMENT, "--method", "profile", "--no-plots")


def in_shell(
    redirection: str, *words: str, cwd: Path, **extra: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line with streams as a shell redirects them."""
    command = f'exec "$0" -m bayesnu "$@" {redirection}'
    return subprocess.run(
        ["sh", "-c", command, sys.executable, *words],
        cwd=cwd,
        env=environment(**extra),
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", ">&-", "<&-", ">&- 2>&- <&-"])
def test_a_closed_stream_ends_nothing(redirection: str, tmp_path: Path) -> None:
    done = in_shell(redirection, *PROFILE, "--out", "here", cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "here" / "limit.json").is_file()
    assert done.stderr == b""
    assert (b"Delta chi2" in done.stdout) is (">&- " not in f" {redirection} ".replace("2>&-", ""))


def test_a_sentence_on_a_closed_stderr_does_not_go_elsewhere(tmp_path: Path) -> None:
    done = in_shell("2>&-", "limit", "nowhere", *MOMENT, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("list",), ("list", "--json"), ("limit", "--help")])
def test_a_full_stdout_is_one_sentence(words: tuple[str, ...], tmp_path: Path) -> None:
    done = in_shell(">/dev/full", *words, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == b"bayesnu: stdout: cannot be written: No space left on device.\n"


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    done = in_shell("| head -c 10", "limit", "--help", cwd=tmp_path)
    assert (len(done.stdout), done.stderr) == (10, b"")


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_diagnose_prints_in_any_encoding(encoding: str, demo: Run, tmp_path: Path) -> None:
    words = ("diagnose", str(demo.folder))
    done = in_shell("", *words, cwd=tmp_path, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert b"no conflict" in done.stdout
