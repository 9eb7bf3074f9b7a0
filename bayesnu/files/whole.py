"""Write files so that each appears whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bayesnu.errors import ComputationError


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a temporary name to write to, and put the file in its place at the end.

    Parameters
    ----------
    path : Path
        Missing folders above it are made.

    Yields
    ------
    Path
        In the same folder and with the same suffix, so that formats can be told from it.

    Raises
    ------
    ComputationError
        If the file cannot be written; nothing is left behind.
    """
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        os.replace(partial, path)
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise ComputationError(f"{path}: cannot be written: {reason}.") from None
    finally:
        if os.path.lexists(partial):
            partial.unlink()


def check_writable(folder: Path) -> None:
    """Refuse a folder that cannot be made or written to, before anything is computed.

    Raises
    ------
    ComputationError
        If its first existing ancestor is no folder, or must not be written to.
    """
    existing = folder
    try:
        while not existing.exists() and existing != existing.parent:
            existing = existing.parent
    except OSError as error:
        shown = f"{str(folder)[:80]}..." if len(str(folder)) > 80 else folder
        raise ComputationError(f"{shown}: cannot be written: {error.strerror}.") from None
    if not existing.is_dir():
        raise ComputationError(f"{folder}: cannot be written: {existing} is not a folder.")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise ComputationError(f"{folder}: cannot be written: {existing} is not writable.")


def write_text(path: Path, text: str) -> Path:
    """Write a text file at once."""
    with whole(path) as partial:
        partial.write_text(text, encoding="utf-8")
    return path
