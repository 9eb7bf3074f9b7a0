"""Look through an HDF5 file in a process of its own, before it is read in this one.

The HDF5 library can crash on a damaged file, and a small file can claim to hold terabytes. In
another process neither does harm: it reads everything once, and says whether that went well.
Run as ``python -m bayesnu.files.hdf5_check FILE``.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

from bayesnu.errors import InputError

MOST_BYTES = 2**32
"""Of all arrays together, unpacked: a posterior with every nuisance and bin has a hundredth."""

SECONDS = 60.0
"""Nothing that a fit has written takes so long."""

EXPECTED = "a posterior that is whole"


def check_hdf5(path: Path) -> None:
    """Refuse a file that cannot be read to its end.

    Raises
    ------
    InputError
        If reading it fails, crashes, does not end, or if it holds too much.
    """
    command = [sys.executable, "-m", __spec__.name, str(path)]
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise InputError(path, "netCDF", found="a file without end", expected=EXPECTED) from None
    if ended.returncode < 0:
        raise InputError(
            path, "netCDF", found="a damaged file that crashes HDF5", expected=EXPECTED
        )
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or ["a damaged file"]
        raise InputError(path, "netCDF", found=lines[-1], expected=EXPECTED)


def read_all(path: Path) -> None:
    """Read every attribute and every number of a file, and forget them.

    Raises
    ------
    Exception
        Whatever a damaged file leads to.
    """
    h5py: Any = importlib.import_module("h5py")

    total = 0

    def look(_name: str, item: Any) -> None:
        nonlocal total
        for key in item.attrs:
            item.attrs[key]
        if isinstance(item, h5py.Dataset):
            total += int(item.size or 0) * item.dtype.itemsize
            if total > MOST_BYTES:
                raise ValueError(f"more than {MOST_BYTES} bytes of numbers")
            for dimension in item.dims:
                list(dimension.values())
            item[()]

    with h5py.File(path, "r") as file:
        look("/", file)
        file.visititems(look)


if __name__ == "__main__":
    try:
        read_all(Path(sys.argv[1]))
    except Exception as error:
        first = str(error).partition("\n")[0]
        sys.exit(f"{type(error).__name__}: {first}")
