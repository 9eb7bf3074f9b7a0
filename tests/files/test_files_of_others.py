"""Files are written whole, alone and in their own place, whatever others do at the same time."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from bayesnu.errors import ComputationError, InputError
from bayesnu.files.lock import LOCK_FILE, writing_into
from bayesnu.files.whole import check_inside, check_writable, refuse_links, whole, write_text


def test_many_writers_of_one_name_leave_one_whole_file(tmp_path: Path) -> None:
    path, texts = tmp_path / "numbers.json", [str(i) * 20_000 for i in range(8)]
    failed: list[BaseException] = []

    def write(text: str) -> None:
        try:
            for _ in range(20):
                write_text(path, text)
                assert path.read_text() in texts
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert [item.name for item in tmp_path.iterdir()] == ["numbers.json"]


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (tmp_path / "report.html").symlink_to(outside)
    with pytest.raises(ComputationError, match="it is a symbolic link"):
        write_text(tmp_path / "report.html", "theirs")
    assert outside.read_text() == "mine"


def test_a_temporary_file_is_nobody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    monkeypatch.setattr("secrets.token_hex", lambda _: "guessed")
    (tmp_path / ".guessed.partial.html").symlink_to(outside)
    with pytest.raises(ComputationError, match="File exists"):
        write_text(tmp_path / "report.html", "theirs")
    assert outside.read_text() == "mine"


def test_folders_below_are_no_links(tmp_path: Path) -> None:
    (tmp_path / "own" / "limit-a").mkdir(parents=True)
    refuse_links(tmp_path / "own")
    (tmp_path / "own" / "data").symlink_to(tmp_path)  # nothing that is read or written
    refuse_links(tmp_path / "own")
    (tmp_path / "own" / "limit-a" / "limit.json").symlink_to(tmp_path / "x")
    with pytest.raises(InputError, match="file: found a symbolic link"):
        refuse_links(tmp_path / "own")
    with pytest.raises(ComputationError, match="own/data is a symbolic link"):
        check_inside(tmp_path / "own", tmp_path / "own" / "data" / "more" / "a.toml")


@pytest.mark.parametrize(
    ("folder", "names", "said"),
    [
        ("file/below", (), "is not a folder"),
        ("x" * 300, (), "File name too long"),
        ("missing/" + "x" * 300, (), "File name too long"),
        ("", ("x" * 300,), "File name too long"),
        ("", ("taken.json",), "a folder is there"),
        ("", ("link.json",), "it is a symbolic link"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_before_work(
    folder: str, names: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "taken.json").mkdir()
    (tmp_path / "link.json").symlink_to(tmp_path / "file")
    with pytest.raises(ComputationError, match=said):
        check_writable(tmp_path / folder, names)


def test_one_process_at_a_time_writes_into_a_folder_and_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    with writing_into(folder):
        with (
            pytest.raises(ComputationError, match=rf"another process \({os.getpid()} on .*writing"),
            writing_into(folder),
        ):
            raise AssertionError
        (folder / "limit.json").write_text("{}")
    assert [item.name for item in folder.iterdir()] == ["limit.json"]
    with writing_into(tmp_path / "c" / "d"):
        assert (tmp_path / "c" / "d" / LOCK_FILE).is_file()
    assert not (tmp_path / "c").exists()  # nothing was written, so nothing stays


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_will_do(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with writing_into(tmp_path / "a"):
        write_text(tmp_path / "a" / "b", "text")
    assert [item.name for item in (tmp_path / "a").iterdir()] == ["b"]


def test_a_lock_that_is_a_link_is_not_opened(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (tmp_path / LOCK_FILE).symlink_to(outside)
    with pytest.raises(ComputationError), writing_into(tmp_path):
        pass
    assert outside.read_text() == "mine"


def test_permissions_are_those_of_any_other_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    write_text(tmp_path / "ours", "")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.fixture
def tree() -> Any:
    """A posterior of a few draws."""
    import numpy as np
    import xarray as xr

    draws = xr.Dataset({"x": (("chain", "draw"), np.zeros((4, 1000)))})
    return xr.DataTree.from_dict({"posterior": draws})


def test_a_posterior_needs_no_lock_of_hdf5(tree: Any, tmp_path: Path) -> None:
    from bayesnu.inference.storage import read_posterior, write_posterior

    path = write_posterior(tree, tmp_path / "posterior.nc")
    # Where somebody else holds a lock, HDF5 would refuse to read, as where there are none.
    with open(path, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert read_posterior(path)["posterior"].sizes["draw"] == 1000
        write_posterior(tree, path)


FULL = """
import resource, sys
from pathlib import Path
import numpy as np
import xarray as xr
from bayesnu.errors import ComputationError
from bayesnu.inference.storage import write_posterior

tree = xr.DataTree.from_dict({"posterior": xr.Dataset({"x": ("draw", np.random.rand(100_000))})})
for size in (0, 2_000, 400_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        write_posterior(tree, Path(sys.argv[1]))
    except ComputationError as error:
        print(error)
"""


def test_a_full_disk_is_a_sentence_and_leaves_the_older_posterior(
    tree: Any, tmp_path: Path
) -> None:
    from bayesnu.inference.storage import write_posterior

    path = write_posterior(tree, tmp_path / "posterior.nc")
    before = path.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("posterior.nc: cannot be written: File too large.") == 3
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["posterior.nc"]


def test_nothing_stays_where_writing_is_interrupted(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), whole(tmp_path / "a.nc"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
