"""Copy a run file, and a user's own experiments with their tables, into the run's folder."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePath

from bayesnu.errors import ComputationError, InputError
from bayesnu.experiments.loading import load
from bayesnu.experiments.model_files import find
from bayesnu.files.tables import packaged_folder
from bayesnu.files.toml_file import read_toml
from bayesnu.files.whole import check_inside, whole
from bayesnu.run_file.inputs import Context
from bayesnu.saved.run_info import RUN_FILE


def copy_inputs(context: Context, run_file: Path, folder: Path) -> None:
    """Copy the run file, and what it names by relative paths, so that the folder stands alone."""
    named = {
        name
        for _, step in context.file.steps()
        for name in step.experiments or ()
        if name.endswith(".toml")
    }
    files = [(run_file, PurePath(RUN_FILE))]
    for name in sorted(named):
        if PurePath(name).is_absolute():
            continue  # it is found again where it is
        if ".." in PurePath(name).parts:
            raise InputError(
                run_file, "experiments", found=name, expected="a path below the run file's folder"
            )
        if PurePath(name) == PurePath(RUN_FILE):
            raise InputError(
                run_file, "experiments", found=name, expected="another name: the run file's copy"
            )
        files += [(path, path.relative_to(context.base)) for path in _files_of(context.base, name)]
    for source, place in files:
        target = folder / place
        check_inside(folder, target)
        if target.exists() and target.samefile(source):
            continue
        with whole(target) as partial:
            try:
                shutil.copyfile(source, partial)
            except OSError as error:
                raise ComputationError(f"{target}: cannot be written: {error.strerror}.") from None


def _files_of(base: Path, name: str) -> list[Path]:
    """Return an experiment file below a folder, those it extends, and their own tables."""
    path = find(base / name)
    data, base = packaged_folder("data").resolve(), base.resolve()
    tables = [Path(table.path).resolve() for table in load(path).tables]
    found = [path, *extended(path), *(t for t in tables if not t.is_relative_to(data))]
    return [file for file in dict.fromkeys(found) if file.is_relative_to(base)]


def extended(path: Path) -> list[Path]:
    """Return the user's own files that a file extends, directly or not."""
    parent = read_toml(path).get("extends", "")
    if not str(parent).endswith(".toml"):
        return []
    found = find(path.parent / parent)
    return [found, *extended(found)]
