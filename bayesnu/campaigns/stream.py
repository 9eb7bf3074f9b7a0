"""Fits as an Arrow stream: one record batch each, appended whole, read up to the first torn one."""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bayesnu.errors import InputError
from bayesnu.files.plain_files import read_plain
from bayesnu.types import Array

OWN_COLUMNS = ("index", "failed", "seconds", "check")
"""Columns of every stream: which fit, whether it failed, its time, the checksum of the record."""

SYNC_SECONDS = 1.0
"""How much a power failure can lose; a killed process loses nothing that was finished."""

MAX_STREAM_BYTES = 2**34
"""A hundred million fits of ten numbers."""


def schema_of(columns: Sequence[str]) -> Any:
    """Return the Arrow schema of rows with these columns."""
    import pyarrow as pa

    own = [("index", pa.int64()), ("failed", pa.bool_()), ("seconds", pa.float64())]
    return pa.schema([*own, ("check", pa.uint32()), *((name, pa.float64()) for name in columns)])


def checksum(index: int, failed: bool, seconds: float, values: Sequence[float]) -> int:
    """Return the checksum of a record, which tells an altered one from a whole one."""
    numbers = np.array([float(index), float(failed), seconds, *values], dtype="<f8")
    return zlib.crc32(numbers.tobytes())


class StreamWriter:
    """Appends fits to a new stream.

    Parameters
    ----------
    path : Path
        Must not exist: a stream is never continued, only followed by another.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._schema = schema_of(columns)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        self._length = 0
        self._synced = 0.0
        self._append(self._schema.serialize())

    def add(self, index: int, failed: bool, seconds: float, values: Sequence[float]) -> None:
        """Append one fit; when this returns a killed process does not lose it."""
        import pyarrow as pa

        check = checksum(index, failed, seconds, values)
        entries = [index, failed, seconds, check, *values]
        arrays = [pa.array([e], f.type) for e, f in zip(entries, self._schema, strict=True)]
        self._append(pa.record_batch(arrays, schema=self._schema).serialize())

    def _append(self, data: Any) -> None:
        rest = memoryview(data)
        try:
            while len(rest):
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            os.ftruncate(self._file, self._length)
            raise
        self._length += len(memoryview(data))
        if time.monotonic() - self._synced > SYNC_SECONDS:
            os.fsync(self._file)
            self._synced = time.monotonic()

    def close(self) -> None:
        """Bring everything to the disk and close."""
        try:
            os.fsync(self._file)
        finally:
            os.close(self._file)


def read_stream(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, Array]]:
    """Yield index and (failed, seconds, *columns) of every whole fit of a stream.

    What is torn or altered ends it. Nothing in a stream is executed.
    """
    import pyarrow as pa

    damage = (pa.ArrowException, OSError, ValueError, TypeError, MemoryError, OverflowError)
    raw = read_plain(path, MAX_STREAM_BYTES, "a stream")
    wanted = schema_of(columns)
    if len(raw) < len(wanted.serialize()):
        return  # killed before its first record was whole
    try:
        reader = pa.ipc.open_stream(pa.BufferReader(raw))
        same, names = reader.schema.equals(wanted), ", ".join(reader.schema.names)
    except damage:
        same, names = False, "a damaged stream"
    if not same:
        raise InputError(path, "columns", found=names, expected=", ".join((*OWN_COLUMNS, *columns)))
    while True:
        try:
            batch = reader.read_next_batch()
            batch.validate(full=True)
            entries = batch.to_pylist()
        except (*damage, StopIteration):
            return
        for entry in entries:
            if None in entry.values():
                return
            index, failed, seconds = entry["index"], entry["failed"], entry["seconds"]
            values = [entry[name] for name in columns]
            if entry["check"] != checksum(index, failed, seconds, values):
                return
            yield index, np.array([float(failed), seconds, *values])
