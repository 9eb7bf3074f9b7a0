"""Posteriors on disk: written whole or not at all, as netCDF that plain xarray and ArviZ read."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesnu.errors import InputError
from bayesnu.files.hdf5_check import check_hdf5
from bayesnu.files.whole import write_bytes
from bayesnu.inference.checksum import CHECKSUM, check_checksum, checksum

if TYPE_CHECKING:
    import xarray as xr

SAME_TO_RESUME = ("inputs_hash", "signal", "priors", "chains", "target_accept", "backend")
"""What a run must share with an interrupted one to continue it."""


def write_posterior(tree: xr.DataTree, path: Path) -> Path:
    """Write a posterior; the file appears at once.

    Raises
    ------
    ComputationError
        If it cannot be written (no space, no permission); an older file stays as it was.
    """
    tree.attrs[CHECKSUM] = checksum(tree)
    # Made in memory: HDF5 cannot be told that a disk is full without crashing now and then.
    made = io.BytesIO()
    tree.to_netcdf(made, engine="h5netcdf")
    return write_bytes(Path(path), made.getvalue())


def read_posterior(path: str | Path) -> xr.DataTree:
    """Read a posterior into memory, after a look at it from another process.

    Raises
    ------
    InputError
        If the file is missing, damaged, or no posterior.
    """
    import xarray as xr

    path = Path(path)
    try:
        if path.is_dir():
            path = path / "posterior.nc"
        exists = path.is_file()
    except OSError as error:  # a name that is too long
        raise InputError(
            str(path)[:80], "posterior", found=error.strerror, expected="a posterior.nc"
        ) from None
    if not exists:
        raise InputError(path, "posterior", found="no file", expected="a posterior.nc")
    check_hdf5(path)
    try:
        # From memory: HDF5 would lock the file, which some file systems refuse.
        with xr.open_datatree(io.BytesIO(path.read_bytes()), engine="h5netcdf") as tree:
            loaded = tree.load()
    except Exception as error:  # whatever a damaged or foreign file leads to
        raise InputError(path, "posterior", found=str(error), expected="netCDF") from None
    check_checksum(loaded, path)
    if "posterior" not in loaded.children:
        raise InputError(path, "groups", found=", ".join(loaded.children), expected="posterior")
    return loaded


def check_resumable(tree: xr.DataTree, made: dict[str, Any], path: Path) -> None:
    """Refuse to continue a run that was made differently.

    Raises
    ------
    InputError
        With the first setting that differs.
    """
    for key in SAME_TO_RESUME:
        old, new = str(tree.attrs.get(key)), str(made.get(key))
        if old != new:
            raise InputError(path, key, found=f"{old} in the interrupted run", expected=new)
