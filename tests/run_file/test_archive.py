"""A run goes into one zip file, comes out with the same numbers, and lets nothing else out."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
from pathlib import Path

import pytest
from small_run import EXAMPLE

from bayesnu import archive
from bayesnu.cli import main
from bayesnu.errors import InputError
from bayesnu.files import zip_file
from bayesnu.files.zip_file import unpack, write_zip
from bayesnu.run_file.runner import run_analysis
from bayesnu.saved.run_info import read_run_info

QUICK = """
title = "Two profiles"
experiments = ["mine/my-experiment.toml", "xenonnt-2022-er"]
signal = "magnetic-moment"

[output]
figures = []
report = false
exports = ["csv"]

[[limit]]
parameter = "mu_eff"
method = "profile"
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run whose own experiment is gone from where it was."""
    folder = tmp_path_factory.mktemp("archived")
    shutil.copytree(EXAMPLE, folder / "mine")
    (folder / "quick.toml").write_text(QUICK, encoding="utf-8")
    outcome = run_analysis(folder / "quick.toml", folder / "out")
    shutil.rmtree(folder / "mine")
    return outcome.folder


def test_an_archive_is_repeated_to_the_same_numbers(
    done: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.zip"
    assert main(["archive", str(done), "--out", str(path)]) == 0
    assert str(path) in capsys.readouterr().out
    again = tmp_path / "again"
    assert main(["run", str(path), "--out", str(again)]) == 0
    assert "the same numbers as before" in capsys.readouterr().out
    first, second = (read_run_info(folder) for folder in (done, again))
    assert [s.numbers for s in first.steps] == [s.numbers for s in second.steps]


def test_an_archive_has_inputs_versions_results_and_a_page(done: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive(done, tmp_path / "run.zip")) as file:
        names = set(file.namelist())
        page = file.read("README.txt").decode()
    assert {"analysis.toml", "run.json", "mine/my-experiment.toml"} <= names
    assert "limit-mu_eff/limit.json" in names and "exports/csv/limits.csv" in names
    assert "packaged/models/xenonnt-2022-er.toml" in names
    assert "packaged/data/xenonnt-2022-er/efficiency.csv" in names
    for name, version in read_run_info(done).versions.items():
        assert f"{name} {version}" in page
    assert "bayesnu run" in page and read_run_info(done).inputs["xenonnt-2022-er"] in page


def test_the_same_run_is_the_same_bytes(done: Path, tmp_path: Path) -> None:
    first, second = (archive(done, tmp_path / name) for name in ("a.zip", "b.zip"))
    assert first.read_bytes() == second.read_bytes()


def test_what_is_no_finished_run_is_refused(done: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"run\.json"):
        archive(tmp_path)
    shutil.copytree(done, tmp_path / "copy")
    path = tmp_path / "copy/run.json"
    finished = read_run_info(done).finished
    path.write_text(path.read_text(encoding="utf-8").replace(finished, ""), encoding="utf-8")
    with pytest.raises(InputError, match="a finished run"):
        archive(tmp_path / "copy")


def hostile(path: Path, name: str, mode: int = 0, content: bytes = b"x") -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("analysis.toml", "title = 'x'")
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        file.writestr(entry, content)
    return path


@pytest.mark.parametrize(
    "name", ["../out.txt", "/tmp/out.txt", "a/../../out.txt", "..\\out.txt", "C:/out.txt"]
)
def test_no_name_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    path = hostile(tmp_path / "bad.zip", name)
    with pytest.raises(InputError, match="a name below the folder"):
        unpack(path, tmp_path / "new", "analysis.toml")
    assert not (tmp_path / "new").exists() and not (tmp_path / "out.txt").exists()


def test_links_repeated_names_and_other_zip_files_are_refused(tmp_path: Path) -> None:
    link = hostile(tmp_path / "link.zip", "inputs", stat.S_IFLNK | 0o777, b"/etc")
    with pytest.raises(InputError, match="a link or device"):
        unpack(link, tmp_path / "new", "analysis.toml")
    with pytest.raises(InputError, match="a name twice"):
        unpack(hostile(tmp_path / "t.zip", "Analysis.toml"), tmp_path / "new", "analysis.toml")
    with pytest.raises(InputError, match=r"no run\.json"):
        unpack(hostile(tmp_path / "o.zip", "a"), tmp_path / "new", "run.json")
    (tmp_path / "torn.zip").write_bytes(link.read_bytes()[:-30])
    with pytest.raises(InputError, match="zip file"):
        unpack(tmp_path / "torn.zip", tmp_path / "new", "analysis.toml")
    with pytest.raises(InputError, match="zip file"):
        unpack(tmp_path / "none.zip", tmp_path / "new", "analysis.toml")
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(InputError, match="no plain file"):
        unpack(tmp_path / "pipe.zip", tmp_path / "new", "analysis.toml")
    assert not (tmp_path / "new").exists()


def test_a_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_zip(tmp_path / "bomb.zip", {"analysis.toml": b"0" * 10_000})
    monkeypatch.setattr(zip_file, "LARGEST", 9_999)
    with pytest.raises(InputError, match="1 files of 10000 bytes"):
        unpack(path, tmp_path / "new", "analysis.toml")
    assert not (tmp_path / "new").exists()


def test_nothing_is_unpacked_over_something(done: Path, tmp_path: Path) -> None:
    path = archive(done, tmp_path / "run.zip")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/notes.txt").write_text("mine", encoding="utf-8")
    assert main(["run", str(path), "--out", str(tmp_path / "full")]) == 2
    assert main(["run", str(path)]) == 2
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["notes.txt"]
