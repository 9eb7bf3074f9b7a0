"""A model file reaches nothing outside its folder; no file makes the package read at length,
crash, or end with a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fuzzing_files import fuzz_files
from fuzzing_models import fuzz_models
from fuzzing_world import fuzz_special
from monte_carlo import seed

from bayesnu.errors import InputError
from bayesnu.experiments.loading import load
from bayesnu.files import hdf5_check
from bayesnu.inference.storage import read_posterior


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A good file in a folder beside that of the hostile one."""
    (tmp_path / "own" / "deeper").mkdir(parents=True)
    target = tmp_path / "secret.toml"
    target.write_text('extends = "xenonnt-2022-er"\n')
    return target


def extending(folder: Path, parent: str) -> Path:
    path = folder / "own" / "hostile.toml"
    path.write_text(f'extends = "{parent}"\n')
    return path


@pytest.mark.parametrize(
    "parent", ["../secret.toml", "{absolute}", "deeper/../../secret.toml", "link.toml"]
)
def test_extends_cannot_leave_the_folder_tree(parent: str, outside: Path, tmp_path: Path) -> None:
    os.symlink(outside, tmp_path / "own" / "link.toml")
    path = extending(tmp_path, parent.format(absolute=outside))
    with pytest.raises(InputError, match="extends: found"):
        load(path)
    # The user may say that it is wanted.
    assert load(path, allow_outside=True).bins == load("xenonnt-2022-er").bins


def test_extends_inside_the_tree_and_packaged_ones_work(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "own" / "deeper" / "base.toml").write_text('extends = "lz-2022-er"\n')
    assert load(extending(tmp_path, "deeper/base.toml")).bins == load("lz-2022-er").bins


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    with open(path, "wb") as file:
        file.truncate(2**40)  # a terabyte of zeros that takes no space on the disk
    with pytest.raises(InputError, match="size: found 1099511627776 bytes"):
        load(path)


def test_a_posterior_that_claims_terabytes_is_refused(tmp_path: Path) -> None:
    import h5py

    path = tmp_path / "posterior.nc"
    with h5py.File(path, "w") as file:
        file.create_dataset("posterior/x", shape=(2**40,), chunks=(2**20,), dtype="f8")
    assert path.stat().st_size < 100_000
    with pytest.raises(InputError, match="more than 4294967296 bytes"):
        read_posterior(path)


def test_a_posterior_that_crashes_hdf5_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Damaged files do crash it, but which ones depends on its version: a stand-in crashes here.
    stand_in = tmp_path / "python"
    stand_in.write_text("#!/bin/sh\nkill -SEGV $$\n")
    stand_in.chmod(0o755)
    path = tmp_path / "posterior.nc"
    path.write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(InputError, match="netCDF"):
        read_posterior(path)
    monkeypatch.setattr(hdf5_check.sys, "executable", str(stand_in))
    with pytest.raises(InputError, match="crashes HDF5"):
        read_posterior(path)


def test_altered_results_are_read_or_refused_with_a_sentence() -> None:
    # More, and pictures too, in the long run (benchmarks/campaigns.py fuzz).
    found = fuzz_files(8, seed=seed(3), slow=False)
    assert found["failures"] == 0, found["first"]


def test_links_and_special_files_are_read_or_refused_with_a_sentence() -> None:
    found = fuzz_special(25, seed=seed(5))
    assert found["failures"] == 0, found["first"]


def test_altered_experiments_are_read_or_refused_with_a_sentence() -> None:
    found = fuzz_models(200, seed=seed(4))
    assert found["failures"] == 0, found["first"]
