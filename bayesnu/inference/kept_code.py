"""Where compiled code is kept between processes, and whose files are trusted there.

What is kept is linked into the process, so whoever can write it can run anything as the user. A
checksum finds damage, but anybody can compute one. So a file counts only if nobody but the user
(or root) can have put it there: it, its folder and every folder above belong to one of them, and
no other user may write into them.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from pathlib import Path

FOLDER = Path(__file__).parent / "compiled" / "__pycache__"
"""Beside the sources, where Python keeps its own compiled code."""

DIGEST = hashlib.sha256().digest_size


def folders() -> list[Path]:
    """Return where compiled code may be kept: as numba keeps its own."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return [Path(chosen).absolute() / "bayesnu"]
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    with contextlib.suppress(RuntimeError):  # nobody has a home here
        return [FOLDER, Path(home).expanduser().absolute() / "bayesnu"]
    return [FOLDER]


def read(key: str) -> bytes | None:
    """Return code that was kept, if it is whole and nobody else can have written it."""
    for folder in folders():
        try:
            if not is_ours_alone(folder):
                continue
            with open(folder / key, "rb", opener=_no_link) as file:
                kept = file.read() if _is_ours(os.fstat(file.fileno())) else b""
        except OSError:
            continue
        if kept and hashlib.sha256(kept[DIGEST:]).digest() == kept[:DIGEST]:
            return kept[DIGEST:]
    return None


def keep(key: str, code: bytes) -> bool:
    """Keep code in the first folder that takes it; return whether one did."""
    for folder in folders():
        partial = folder / f"{key}.{secrets.token_hex(6)}"
        try:
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            if not is_ours_alone(folder):
                continue
            with open(partial, "xb", opener=_mine) as file:
                file.write(hashlib.sha256(code).digest() + code)
                file.flush()
                os.fsync(file.fileno())  # a power failure must not leave a name without code
            os.replace(partial, folder / key)
        except OSError:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            continue
        return True
    return False


def is_ours_alone(folder: Path) -> bool:
    """Whether nobody else can put a file into a folder, or another folder in its place."""
    real = Path(os.path.realpath(folder))
    if not _is_ours(os.stat(real)):
        return False
    # In a folder like /tmp only the owner may rename what is in it.
    return all(
        _is_ours(found) or (found.st_mode & stat.S_ISVTX and found.st_uid in _owners())
        for found in map(os.stat, real.parents)
    )


def _is_ours(found: os.stat_result) -> bool:
    """Whether it belongs to the user or root, and no other user may write it."""
    if found.st_uid not in _owners() or found.st_mode & stat.S_IWOTH:
        return False
    return not found.st_mode & stat.S_IWGRP or _is_private(found.st_gid)


def _owners() -> tuple[int, int]:
    return 0, os.geteuid()


def _is_private(group: int) -> bool:
    """Whether a group is root's, or the user's own of the same name, which has no other member."""
    import grp
    import pwd

    if group == 0:
        return True
    try:
        found, name = grp.getgrgid(group), pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return False
    return found.gr_name == name and set(found.gr_mem) <= {name}


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)


def _mine(path: str, flags: int) -> int:
    return os.open(path, flags, 0o644)
