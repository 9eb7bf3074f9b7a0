"""The folder of a campaign: what it is, and its finished fits, append-only and columnar.

``campaign.json`` says what determines the fits; every run writes one Arrow stream,
``fits-0000.arrows``, ``fits-0001.arrows``, ... (`bayesnu.campaigns.stream`). A killed run leaves
at most one torn record at the end of its own stream, which is left out; the next run opens a new
stream, so that nothing that was written is touched again. Any Arrow reader opens these files;
they hold numbers only.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bayesnu.campaigns.stream import StreamWriter, read_stream
from bayesnu.errors import ComputationError, InputError
from bayesnu.files.lock import lock, release
from bayesnu.files.plain_files import read_plain
from bayesnu.files.whole import write_text
from bayesnu.types import Array

FORMAT = 1
SETTINGS_FILE = "campaign.json"
LOCK_FILE = ".campaign.lock"
PATTERN = "fits-*.arrows"
MAX_SETTINGS_BYTES = 2**22


class Store:
    """A campaign's folder, open for adding fits; one process at a time.

    Parameters
    ----------
    settings : mapping
        What determines the fits, as JSON can hold it.
    resume : bool
        Continue what is there; otherwise a folder with a campaign is refused.

    Attributes
    ----------
    rows : dict of int to ndarray, shape (2 + columns,)
        Finished fits: failed (0 or 1), seconds, and the row.

    Raises
    ------
    InputError
        If the folder holds another campaign, or one and `resume` is False.
    ComputationError
        If the folder cannot be written, or another process is adding fits to it.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, Any],
        columns: Sequence[str],
        *,
        resume: bool = False,
    ) -> None:
        self.folder = Path(folder)
        self.columns = tuple(columns)
        self._writer: StreamWriter | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock: int | None = lock(
                self.folder / LOCK_FILE, "is adding fits to this campaign"
            )
        except OSError as error:
            reason = error.strerror or error
            raise ComputationError(f"{self.folder}: cannot be written: {reason}.") from None
        try:
            self._check(settings, resume)
            self.rows = read_rows(self.folder, self.columns)
        except BaseException:
            self.close()
            raise

    def _check(self, settings: Mapping[str, Any], resume: bool) -> None:
        wanted = json.loads(json.dumps({"format": FORMAT, **settings, "columns": self.columns}))
        path = self.folder / SETTINGS_FILE
        if not path.exists():
            if streams(self.folder):
                raise InputError(path, "file", found="fits without it", expected="another folder")
            write_text(path, json.dumps(wanted, indent=2) + "\n")
            return
        if not resume:
            raise InputError(
                self.folder,
                "--out",
                found="a campaign",
                expected="--resume to continue it, or another folder",
            )
        difference = _first_difference(read_settings(self.folder), wanted)
        if difference is not None:
            key, old, new = difference
            raise InputError(path, key, found=f"{old} in the campaign so far", expected=new)

    def add(self, index: int, row: Array) -> None:
        """Write one finished fit: failed, seconds, and the row."""
        try:
            if self._writer is None:
                taken = [_number(path) for path in streams(self.folder)]
                path = self.folder / f"fits-{max(taken, default=-1) + 1:04d}.arrows"
                self._writer = StreamWriter(path, self.columns)
            self._writer.add(index, bool(row[0]), float(row[1]), row[2:].tolist())
        except OSError as error:
            raise ComputationError(
                f"{self.folder}: a fit cannot be written: {error.strerror or error}; "
                f"the {len(self.rows)} before it are safe, and --resume continues."
            ) from None
        self.rows[index] = row

    def close(self) -> None:
        """Close the stream and let others continue; called twice it does nothing."""
        if self._writer is not None:
            with contextlib.suppress(OSError):
                self._writer.close()
            self._writer = None
        if self._lock is not None:
            release(self._lock)
            self._lock = None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def streams(folder: Path) -> list[Path]:
    """Return the streams of a campaign, oldest first."""
    named = [path for path in Path(folder).glob(PATTERN) if path.stem[5:].isdecimal()]
    return sorted(named, key=_number)


def _number(path: Path) -> int:
    return int(path.stem[5:])


def read_settings(folder: Path) -> dict[str, Any]:
    """Return what a campaign is."""
    path = Path(folder) / SETTINGS_FILE
    raw = read_plain(path, MAX_SETTINGS_BYTES, "a campaign")
    try:
        found = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(path, "JSON", found=str(error), expected="valid JSON") from None
    if not isinstance(found, dict):
        raise InputError(path, "JSON", found=type(found).__name__, expected="an object")
    return found


def read_rows(folder: Path, columns: Sequence[str]) -> dict[int, Array]:
    """Return every whole fit of a campaign by index: failed, seconds, and the row."""
    rows: dict[int, Array] = {}
    for path in streams(folder):
        for index, row in read_stream(path, columns):
            rows.setdefault(index, row)
    return rows


def _first_difference(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[str, str, str] | None:
    """Return key, old and new value of the first setting that differs."""
    for key in dict.fromkeys((*new, *old)):
        a, b = old.get(key, "nothing"), new.get(key, "nothing")
        if isinstance(a, dict) and isinstance(b, dict):
            inner = _first_difference(a, b)
            if inner is not None:
                return (f"{key}.{inner[0]}", *inner[1:])
        elif a != b:
            return key, str(a), str(b)
    return None
