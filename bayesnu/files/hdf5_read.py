"""Read an HDF5 file to its end; `bayesnu.files.hdf5_check` runs this in a process of its own.

It is run by its path, so that nothing in the current folder is imported, and imports nothing of
this package.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

MOST_BYTES = 2**32
"""Of all arrays together, unpacked: a posterior with every nuisance and bin has a hundredth."""


def read_all(path: str) -> None:
    """Read every attribute and every number of a file, and forget them."""
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

    # Some file systems have no locks, and nobody writes to this one: it is replaced whole.
    with h5py.File(path, "r", locking=False) as file:
        look("/", file)
        file.visititems(look)


if __name__ == "__main__":
    try:
        read_all(sys.argv[1])
    except Exception as error:
        first = str(error).partition("\n")[0]
        sys.exit(f"{type(error).__name__}: {first}")
