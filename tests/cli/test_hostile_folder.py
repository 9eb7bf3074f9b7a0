"""Whatever lies in the current folder: none of it is run, and no link in it is followed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import MOMENT, Run, environment

CONSOLE = ("-P", "-c", "import sys; from bayesnu.__main__ import main; sys.exit(main())")
"""As the installed command starts: the current folder is not searched."""

NAMES = ("signal", "random", "struct", "types", "numpy", "h5py", "pyarrow", "bayesnu/__init__")
"""Modules that a process needs to start, to read a posterior or to fit."""


@pytest.fixture
def received(demo: Run, tmp_path: Path) -> Path:
    """A result with modules beside it that would leave a trace."""
    folder = tmp_path / "received"
    shutil.copytree(demo.folder, folder)
    for name in NAMES:
        path = folder / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\nraise SystemExit(99)\n")
    return folder


def run_in(folder: Path, start: tuple[str, ...], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *start, *words],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


TOYS = ("toys", "xenonnt-2022-er", *MOMENT, "--number", "4", "--method", "test", "--json")


@pytest.mark.parametrize(
    "words",
    [
        ("diagnose", "."),
        ("cite", "."),
        ("export", ".", "--format", "csv"),
        ("plot", ".", "--kind", "spectrum"),
        (*TOYS, "--truth", "0", "--cores", "2"),
    ],
)
def test_modules_in_the_current_folder_are_not_run(words: tuple[str, ...], received: Path) -> None:
    done = run_in(received, CONSOLE, *words)
    assert done.returncode == 0, done.stderr
    assert not (received.parent / "ran").exists()


def test_python_m_runs_no_module_of_the_current_folder_either(received: Path) -> None:
    # But for a folder `bayesnu`, which is what `python -m` looks for there first.
    shutil.rmtree(received / "bayesnu")
    for name in ("struct", "types"):  # Python itself imports them before it looks for bayesnu
        (received / f"{name}.py").unlink()
    done = run_in(received, ("-m", "bayesnu"), *TOYS, "--truth", "0", "--cores", "2")
    assert done.returncode == 0, done.stderr
    assert not (received.parent / "ran").exists()


@pytest.mark.parametrize("name", ["posterior.nc", "limit.json", "report.html", "exports"])
def test_a_result_with_links_is_refused(name: str, demo: Run, tmp_path: Path) -> None:
    folder, outside = tmp_path / "received", tmp_path / "outside"
    shutil.copytree(demo.folder, folder)
    outside.mkdir()
    (outside / "mine.csv").write_text("mine")
    target = outside
    if name != "exports":
        target = outside / name
        target.write_text("mine")
        if (folder / name).exists():
            shutil.copyfile(folder / name, target)
            (folder / name).unlink()
    before = target.read_bytes() if target.is_file() else b""
    (folder / name).symlink_to(target)
    for words in (("export", str(folder), "--format", "csv"), ("cite", str(folder))):
        done = run_in(tmp_path, CONSOLE, *words)
        assert done.returncode == 2
        assert "a symbolic link" in done.stderr and done.stderr.count("\n") == 1
    assert before == (target.read_bytes() if target.is_file() else b"")
    assert not (outside / "csv").exists()


RUN_FILE = """
title = "links"
experiments = ["xenonnt-2022-er"]
signal = "magnetic-moment"

[[limit]]
parameter = "mu_eff"
method = "profile"
"""


def test_a_run_neither_writes_nor_deletes_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "mine.json").write_text("{}")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "limit-mu_eff").symlink_to(tmp_path / "outside")
    (tmp_path / "run.toml").write_text(RUN_FILE)
    done = run_in(tmp_path, CONSOLE, "run", "run.toml", "--out", "out")
    assert done.returncode == 2 and "limit-mu_eff: file: found a symbolic link" in done.stderr
    assert [path.name for path in (tmp_path / "outside").iterdir()] == ["mine.json"]


@pytest.mark.parametrize(
    ("name", "contents", "said"),
    [
        (".numba_config.yaml", b"cache_dir: .\n", "settings of numba"),
        ("matplotlibrc", b"\xff\xfe", "text: found invalid start byte"),
        ("arvizrc", b"\xff\xfe", "text: found invalid start byte"),
        ("matplotlibrc", None, "file: found a pipe"),
    ],
)
def test_settings_of_libraries_in_the_current_folder_do_no_harm(
    name: str, contents: bytes | None, said: str, tmp_path: Path
) -> None:
    if contents is None:
        os.mkfifo(tmp_path / name)
    else:
        (tmp_path / name).write_bytes(contents)
    done = run_in(tmp_path, CONSOLE, "rates", "xenonnt-2022-er")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"bayesnu: {name}: ") and said in done.stderr
    assert done.stderr.count("\n") == 1
