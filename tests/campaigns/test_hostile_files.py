"""A model file reaches nothing outside its folder, and cannot make the package read at length."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bayesnu.errors import InputError
from bayesnu.experiment import load


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
