"""Write files so that each appears whole or not at all, in its own place and nowhere else."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bayesnu.errors import ComputationError, InputError

OURS = re.compile(
    r"inputs|exports|csv|latex|hepdata|json|.+\.(json|nc|png|pdf|svg|html|csv|tex|yaml|toml|arrows)"
    r"|(limit|sample|profile|contour|exclusion|sensitivity)-.*"
)
"""Names of files and folders of results."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a temporary file to write to, and put it in its place at the end.

    Parameters
    ----------
    path : Path
        Missing folders above it are made.

    Yields
    ------
    Path
        In the same folder and with the same suffix, so that formats can be told from it. Nobody
        else has it: a file of that name, or a link, would not have been opened.

    Raises
    ------
    ComputationError
        If the file cannot be written, or is a link; nothing is left behind.
    """
    partial: Path | None = None
    try:
        if path.is_symlink():
            raise ComputationError(f"{path}: cannot be written: it is a symbolic link.")
        path.parent.mkdir(parents=True, exist_ok=True)
        # Short, so that it is not too long where the file's own name is not.
        partial = path.with_name(f".{secrets.token_hex(6)}.partial{path.suffix}")
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        yield partial
        os.replace(partial, path)
    except OSError as error:
        raise _cannot(path, error) from None
    finally:
        if partial is not None and os.path.lexists(partial):
            partial.unlink()


def _cannot(path: Path, error: OSError) -> ComputationError:
    shown = f"{str(path)[:80]}..." if len(str(path)) > 300 else path
    reason = error.strerror or str(error) or type(error).__name__
    return ComputationError(f"{shown}: cannot be written: {reason}.")


def check_writable(folder: Path, files: Iterable[str] = ()) -> None:
    """Refuse a folder that cannot be made or written to, before anything is computed.

    Parameters
    ----------
    files : iterable of str
        Names that will be written into it.

    Raises
    ------
    ComputationError
        If its first existing ancestor is no folder, or must not be written to, if a name is too
        long, or if a folder or a link is where a file has to go.
    """
    existing = folder
    try:
        while not existing.exists() and existing != existing.parent:
            existing = existing.parent
        longest = os.pathconf(existing, "PC_NAME_MAX")
        for name in (*folder.relative_to(existing).parts, *files):
            if len(os.fsencode(name)) > longest:
                raise OSError(36, "File name too long")
    except OSError as error:
        raise _cannot(folder, error) from None
    if not existing.is_dir():
        raise ComputationError(f"{folder}: cannot be written: {existing} is not a folder.")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise ComputationError(f"{folder}: cannot be written: {existing} is not writable.")
    for name in files:
        if (folder / name).is_dir():
            raise ComputationError(f"{folder / name}: cannot be written: a folder is there.")
        if (folder / name).is_symlink():
            raise ComputationError(f"{folder / name}: cannot be written: it is a symbolic link.")


def refuse_links(folder: Path) -> None:
    """Refuse a result with symbolic links in it: they lead to files of somebody else.

    The folder itself may be one, for whoever names it knows where it leads; so may be what is
    never read or written.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        for entry in entries:
            below = sorted(os.scandir(entry), key=lambda e: e.name) if _is_folder(entry) else []
            for found in (entry, *below):
                if found.is_symlink() and OURS.fullmatch(found.name):
                    raise InputError(
                        found.path, "file", found="a symbolic link", expected="a file or folder"
                    )
    except OSError:
        return  # what cannot be listed is refused where it is read or written


def check_inside(folder: Path, path: Path) -> None:
    """Refuse to write below a folder through a link in it."""
    for above in path.parents:
        if above == folder:
            return
        if above.is_symlink():
            raise ComputationError(f"{path}: cannot be written: {above} is a symbolic link.")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and os.access(entry, os.R_OK | os.X_OK)


def write_bytes(path: Path, data: bytes) -> Path:
    """Write a file at once."""
    with whole(path) as partial:
        partial.write_bytes(data)
    return path


def write_text(path: Path, text: str) -> Path:
    """Write a text file at once."""
    return write_bytes(path, text.encode())
