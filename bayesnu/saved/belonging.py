"""Which files belong together: a result names its other files by their digests."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesnu.errors import InputError
from bayesnu.files.checked_json import checked, read_json

if TYPE_CHECKING:
    import xarray as xr

    from bayesnu.results.limit import Limit

BESIDE_LIMIT = ("record.json", "posterior.nc")
"""What limit.json names."""

NUMBERS = (".json", ".nc")
"""Suffixes of what a step's numbers are in."""

INPUT = re.compile(r"(\S.*?):([0-9a-f]{8,64})(?: |$)")
"""An experiment and its digest; its name may have spaces."""


def digests_of(paths: Iterable[Path]) -> dict[str, str]:
    """Return the SHA-256 of files by their names."""
    found = {}
    for path in paths:
        with open(path, "rb") as file:
            found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def digests_of_step(folder: Path) -> dict[str, str]:
    """Return the digests of the files that hold a step's numbers."""
    if not folder.is_dir():
        return {}
    files = sorted(path for path in folder.iterdir() if path.suffix in NUMBERS)
    return digests_of(path for path in files if not path.name.startswith("."))


def check_named(folder: Path, named: Mapping[str, str], by: Path, *, missing: bool = False) -> None:
    """Refuse files that are not those that a result names.

    Parameters
    ----------
    named : mapping of str to str
        Digests by name.
    by : Path
        The file that names them, for the message.
    missing : bool
        Whether they may be absent.
    """
    for name, digest in named.items():
        path = folder / name
        if not path.is_file():
            if missing:
                continue
            raise InputError(path, "file", found="nothing", expected=f"the file that {by} names")
        if digests_of([path])[name] != digest:
            raise InputError(
                path,
                "contents",
                found="those of another result, or altered ones",
                expected=f"the file that {by} names",
            )


def check_limit_folder(folder: Path) -> None:
    """Refuse a record.json or posterior.nc that is not of the limit.json beside it.

    A limit.json that names no files is older than this check.
    """
    path = folder / "limit.json"
    found = read_json(path, "a limit.json of `bayesnu limit`")
    if not isinstance(found, dict) or "files" not in found:
        return
    named = checked(dict[str, str], found["files"], path)
    for name in BESIDE_LIMIT:
        if name not in named and (folder / name).exists():
            raise InputError(
                folder / name, "file", found="one that limit.json does not name", expected="none"
            )
    check_named(folder, {n: named[n] for n in BESIDE_LIMIT if n in named}, path, missing=True)


def check_same_analysis(limit: Limit, tree: xr.DataTree, path: Path) -> None:
    """Refuse a posterior of other experiments, another signal or another parameter."""
    made: tuple[tuple[str, Any, Any], ...] = (
        ("experiments", experiment_names(tree.attrs), limit.experiments),
        ("signal", str(tree.attrs.get("signal", "")), limit.signal),
    )
    for key, found, expected in made:
        if found and found != expected:
            raise InputError(path, key, found=found, expected=f"{expected}, as the limit has it")
    if limit.parameter not in tree["posterior"].data_vars:
        raise InputError(path, "posterior", found="no such draws", expected=limit.parameter)


def inputs_of(attributes: Mapping[Any, Any]) -> dict[str, str]:
    """Return the digests of a posterior's experiments by their names."""
    return dict(INPUT.findall(str(attributes.get("inputs_hash", ""))))


def experiment_names(attributes: Mapping[Any, Any]) -> tuple[str, ...]:
    """Return the names of a posterior's experiments."""
    return tuple(inputs_of(attributes)) or tuple(str(attributes.get("experiments", "")).split())
