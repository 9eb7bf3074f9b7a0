"""Zip files: the same bytes for the same contents; what is read may be of somebody hostile."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from bayesnu.errors import ComputationError, InputError
from bayesnu.files.whole import whole

LARGEST = 2**31
"""Bytes of all that a zip file unpacks to."""

MOST_FILES = 10_000

BLOCK = 2**20

FIRST_DATE = (1980, 1, 1, 0, 0, 0)
"""The first that zip files know: it is no part of the contents."""


def write_zip(path: Path, contents: Mapping[str, bytes | Path]) -> Path:
    """Write files, given as bytes or by path, under their names."""
    sizes = [len(c) if isinstance(c, bytes) else c.stat().st_size for c in contents.values()]
    if len(sizes) > MOST_FILES or sum(sizes) > LARGEST:
        raise ComputationError(
            f"{path}: cannot be written: {len(sizes)} files of {sum(sizes)} bytes are more than "
            f"the {MOST_FILES} of {LARGEST} that are read again."
        )
    with whole(path) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, FIRST_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            found = contents[name]
            file.writestr(entry, found if isinstance(found, bytes) else found.read_bytes())
    return path


def unpack(path: Path, folder: Path, needed: str) -> list[Path]:
    """Unpack a zip file into a folder that is not there yet, or empty.

    Parameters
    ----------
    needed : str
        Name of a file that it must have.

    Raises
    ------
    InputError
        If it is no zip file, if a name leads out of the folder, or there is a link, an encrypted
        or a repeated file among its files, or too many, or too large ones; nothing is written then.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(folder, "folder", found="something in it", expected="a new folder")
    try:
        if path.exists() and not path.is_file():  # opening a pipe would wait
            raise InputError(path, "file", found="no plain file", expected="a zip file")
        with zipfile.ZipFile(path) as file:
            entries = [entry for entry in file.infolist() if not entry.is_dir()]
            names = [_checked(path, entry) for entry in entries]
            _check_all(path, entries, names, needed)
            return [
                _write(path, file, entry, folder / name)
                for entry, name in zip(entries, names, strict=True)
            ]
    except OSError as error:
        raise InputError(
            path, "file", found=error.strerror or "unreadable", expected="a zip file"
        ) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        raise InputError(path, "zip file", found=str(error)[:200], expected="a whole one") from None


def _checked(path: Path, entry: zipfile.ZipInfo) -> PurePosixPath:
    """Return where a file goes, below the folder."""
    name = PurePosixPath(entry.filename)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    bad = name.is_absolute() or ".." in name.parts or not name.parts
    if bad or "\\" in entry.filename or ":" in entry.filename or "\0" in entry.filename:
        raise InputError(
            path, "file", found=repr(entry.filename)[:200], expected="a name below the folder"
        )
    if kind not in (0, stat.S_IFREG):
        raise InputError(path, str(name)[:200], found="a link or device", expected="a plain file")
    if entry.flag_bits & 1:
        raise InputError(path, str(name)[:200], found="encrypted", expected="a plain file")
    return name


def _check_all(
    path: Path, entries: list[zipfile.ZipInfo], names: list[PurePosixPath], needed: str
) -> None:
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_FILES or total > LARGEST:
        found = f"{len(entries)} files of {total} bytes"
        raise InputError(path, "size", found=found, expected=f"{MOST_FILES} of {LARGEST} at most")
    folders = {above for name in names for above in name.parents}
    if len({str(name).casefold() for name in names}) < len(names) or folders & set(names):
        raise InputError(path, "files", found="a name twice", expected="each once")
    if PurePosixPath(needed) not in names:
        raise InputError(path, "files", found=f"no {needed}", expected="an archive of `bayesnu`")


def _write(path: Path, file: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> Path:
    """Write a file; one that is larger than it says is refused."""
    left = entry.file_size
    with whole(target) as partial, file.open(entry) as source, partial.open("wb") as written:
        while block := source.read(BLOCK):
            left -= len(block)
            if left < 0:
                raise InputError(
                    path, entry.filename[:200], found="more than its size", expected="its size"
                )
            written.write(block)
    return target
