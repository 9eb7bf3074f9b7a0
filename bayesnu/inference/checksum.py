"""The checksum of a posterior: of all numbers and texts in it, however the file packs them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

CHECKSUM = "checksum"
"""The attribute that holds it; files without it are older, or of others."""


def checksum(tree: xr.DataTree) -> str:
    """Return the SHA-256 of everything in a posterior but this checksum itself."""
    total = hashlib.sha256()
    for node in sorted(tree.subtree, key=lambda node: node.path):
        data = node.to_dataset(inherit=False)
        _add(total, node.path, data.attrs, None)
        for name in sorted(map(str, data.variables)):
            variable = data.variables[name]
            _add(total, f"{name} {' '.join(map(str, variable.dims))}", variable.attrs, variable)
    return total.hexdigest()


def _add(total: Any, name: str, attributes: Mapping[Any, Any], values: Any) -> None:
    total.update(f"\n{name}\n".encode("utf-8", "surrogatepass"))
    for key in sorted(map(str, attributes)):
        if key != CHECKSUM:
            total.update(f"{key}={_plain(attributes[key])}\n".encode("utf-8", "surrogatepass"))
    if values is not None:
        total.update(_bytes(np.asarray(values)))


def _plain(value: Any) -> str:
    """Return an attribute as text: a number, and an array of it alone, come back as each other."""
    found = np.asarray(value)
    return repr(found.item() if found.size == 1 else found.tolist())


def _bytes(values: np.ndarray[Any, Any]) -> bytes:
    """Return values as bytes; of what a file may hold in another width only the value counts."""
    if values.dtype.kind == "f":
        return np.ascontiguousarray(values, dtype="<f8").tobytes()
    if values.dtype.kind in "iub":
        return np.ascontiguousarray(values, dtype="<i8").tobytes()
    return repr(values.tolist()).encode("utf-8", "surrogatepass")


def check_checksum(tree: xr.DataTree, path: Path) -> None:
    """Refuse a posterior that is not as it was written.

    Raises
    ------
    InputError
        If its checksum is another one.
    """
    says = tree.attrs.get(CHECKSUM)
    if says is None:
        return
    found = checksum(tree)
    if found != says:
        raise InputError(path, CHECKSUM, found=f"{found[:16]}...", expected=f"{str(says)[:16]}...")
