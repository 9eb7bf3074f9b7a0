"""Look through an HDF5 file in a process of its own, before it is read in this one.

The HDF5 library can crash on a damaged file, and a small file can claim to hold terabytes. In
another process neither does harm: it reads everything once, and says whether that went well.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bayesnu.errors import InputError
from bayesnu.files import hdf5_read

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
    if path.stat().st_size > hdf5_read.MOST_BYTES:
        raise InputError(path, "size", found="more than 4 GiB", expected=EXPECTED)
    # -P: a module of some name that lies in the current folder, or beside the script, is not run.
    command = [sys.executable, "-P", str(hdf5_read.__file__), str(path.absolute())]
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
