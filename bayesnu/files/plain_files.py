"""Read files that may be anything: a device without end, a pipe that nobody writes into."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from bayesnu.errors import InputError

KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}

FLAGS = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
"""Those that a system has. Without O_NONBLOCK, opening a pipe waits for somebody to write into it;
Windows has no such pipes in folders, and would change line ends without O_BINARY."""


def read_plain(path: Path, most: int, expected: str) -> bytes:
    """Read a plain file of limited size.

    Parameters
    ----------
    most : int
        Bytes; a larger file is refused before it is read.
    expected : str
        What should be there, for the message.

    Raises
    ------
    InputError
        If it cannot be read, is too large, or is a folder, a device, a pipe or a socket.
    """
    try:
        number = os.open(path, os.O_RDONLY | FLAGS)
    except OSError as error:
        found = _what(path) or error.strerror or "unreadable"
        raise InputError(str(path)[:200], "file", found=found, expected=expected) from None
    except ValueError as error:  # a name with a null character
        raise InputError(repr(str(path)), "file", found=error, expected=expected) from None
    try:
        status = os.fstat(number)
        kind = stat.S_IFMT(status.st_mode)
        if kind != stat.S_IFREG:
            raise InputError(path, "file", found=KINDS.get(kind, "no file"), expected=expected)
        with os.fdopen(number, "rb", closefd=False) as file:
            # Files of the kernel say that they are empty, and are not.
            raw = b"" if status.st_size > most else file.read(most + 1)
    except OSError as error:
        found = error.strerror or "unreadable"
        raise InputError(str(path)[:200], "file", found=found, expected=expected) from None
    finally:
        os.close(number)
    size = max(status.st_size, len(raw))
    if size > most:
        raise InputError(path, "size", found=f"{size} bytes", expected=f"at most {most} bytes")
    return raw


def _what(path: Path) -> str:
    """Return what a path is that cannot be opened and is no plain file: a socket."""
    try:
        return KINDS.get(stat.S_IFMT(path.stat().st_mode), "")
    except OSError:
        return ""
