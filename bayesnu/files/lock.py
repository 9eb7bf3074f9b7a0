"""Let one process at a time write into a folder, and say which one does."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Iterator
from pathlib import Path

from bayesnu.errors import ComputationError

LOCK_FILE = ".bayesnu.lock"


@contextlib.contextmanager
def writing_into(folder: Path) -> Iterator[None]:
    """Keep others from writing into a folder, which is made; what stays empty is removed again.

    Raises
    ------
    ComputationError
        If another process holds it, or it cannot be made.
    """
    missing = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    try:
        handle = _make_and_lock(folder / LOCK_FILE)
    except OSError as error:
        raise ComputationError(f"{folder}: cannot be written: {error.strerror or error}.") from None
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            (folder / LOCK_FILE).unlink()
        os.close(handle)
        with contextlib.suppress(OSError):
            for path in missing:
                path.rmdir()


def _make_and_lock(path: Path) -> int:
    """Return a lock on a file that is still there: who held it before may have removed it."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = lock(path, "is writing into this folder")
        except FileNotFoundError:
            continue
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return handle
        os.close(handle)


def lock(path: Path, doing: str) -> int:
    """Return a lock that the end of this process releases, however it ends.

    Parameters
    ----------
    path : Path
        Made if it is missing; it says which process holds it.
    doing : str
        What that does, for the message.

    Raises
    ------
    ComputationError
        If another process holds it.
    OSError
        If its file cannot be made.
    """
    import fcntl

    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(handle, 80, 0).decode(errors="replace").strip() or "of unknown number"
        os.close(handle)
        raise ComputationError(f"{path.parent}: another process ({holder}) {doing}.") from None
    except OSError:
        pass  # a file system without locks: names of temporary files differ all the same
    with contextlib.suppress(OSError):  # a full disk: then it is not said who holds it
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()} on {platform.node()}".encode(), 0)
    return handle


def release(handle: int) -> None:
    """Give a lock up."""
    with contextlib.suppress(OSError):
        os.ftruncate(handle, 0)
    os.close(handle)
