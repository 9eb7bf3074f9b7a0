"""Read the project's data tables: CSV files that carry their own provenance.

A table starts with comment lines ``# key: value`` (``title``, ``source``, ``trust``, and
optionally ``note`` and ``licence``), then one line of column names, then the numbers.
Anything that is not a finite number where a number is expected is refused before use.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesnu.errors import InputError
from bayesnu.files.plain_files import read_plain
from bayesnu.files.text import decode, foreign_separators

TRUST_LABELS = ("official", "vector", "digitised", "derived", "recalled", "user")
"""How far a table can be trusted, see ``data/README.md``."""

MAX_BYTES = 32 * 2**20
"""Larger files are refused: no table of this field needs more."""

MAX_ROWS = 100_000
"""Of a list of events."""

MAX_CURVE = 5_000
"""Points of a curve, whose energies become nodes: curves are read off at a hundred or so."""


@dataclass(frozen=True)
class Table:
    """A data table with its provenance."""

    path: Path
    """Where it was read from."""
    meta: dict[str, str]
    """The header: title, source, trust, note, ..."""
    names: tuple[str, ...]
    """Column names, units in the name (``energy_keV``)."""
    cells: dict[str, tuple[str, ...]] = field(repr=False)
    """Raw text by column."""
    digest: str = field(repr=False)
    """SHA-256 of the file."""

    def __len__(self) -> int:
        return len(self.cells[self.names[0]])

    @property
    def trust(self) -> str:
        """The trust label, one of `TRUST_LABELS`."""
        return self.meta.get("trust", "user")

    def text_column(self, name: str) -> list[str]:
        """Return a column as text."""
        self._require(name)
        return list(self.cells[name])

    def column(
        self,
        name: str,
        *,
        minimum: float | None = None,
        maximum: float | None = None,
        ascending: bool = False,
    ) -> NDArray[np.float64]:
        """Return a numeric column, checked.

        Parameters
        ----------
        minimum, maximum : float, optional
            Bounds that every value must respect.
        ascending : bool
            Whether the values must increase from row to row.

        Returns
        -------
        ndarray, shape (rows,)

        Raises
        ------
        InputError
            Names the file, the column and row, what was found and what is expected.
        """
        self._require(name)
        if ascending and len(self) > MAX_CURVE:
            raise InputError(
                self.path, "rows", found=len(self), expected=f"at most {MAX_CURVE} points"
            )
        values = np.empty(len(self))
        for row, cell in enumerate(self.cells[name]):
            try:
                values[row] = float(cell)
            except ValueError:
                raise self._refuse(name, row, cell, "a number") from None
        finite = np.isfinite(values)
        if not finite.all():
            row = int(np.argmin(finite))
            raise self._refuse(name, row, self.cells[name][row], "a finite number")
        if minimum is not None and (values < minimum).any():
            row = int(np.argmax(values < minimum))
            raise self._refuse(name, row, self.cells[name][row], f"at least {minimum:g}")
        if maximum is not None and (values > maximum).any():
            row = int(np.argmax(values > maximum))
            raise self._refuse(name, row, self.cells[name][row], f"at most {maximum:g}")
        if ascending and len(values) > 1 and (np.diff(values) <= 0).any():
            row = int(np.argmax(np.diff(values) <= 0)) + 1
            raise self._refuse(
                name, row, self.cells[name][row], f"more than {self.cells[name][row - 1]} above it"
            )
        return values

    def _require(self, name: str) -> None:
        if name not in self.cells:
            raise InputError(
                self.path, "columns", found=", ".join(self.names), expected=f"a column {name!r}"
            )

    def _refuse(self, name: str, row: int, found: str, expected: str) -> InputError:
        return InputError(self.path, f"{name}, row {row + 1}", found=found, expected=expected)


def read_table(source: str | Path, folder: Path | None = None) -> Table:
    """Read a table and its header.

    Parameters
    ----------
    source : str or Path
        A path; a relative one is looked up in `folder` (the folder of the model file that
        names it) if given, else in the packaged data folder.
    folder : Path, optional
        Where relative paths start.

    Raises
    ------
    InputError
        If the file is missing, unreadable, too large, empty, ragged, or its trust label is
        unknown.
    """
    path = Path(source)
    if not path.is_absolute():
        path = (folder if folder is not None else packaged_folder("data")) / path
    try:
        stat = path.stat()
    except OSError as error:
        raise InputError(
            path, "table", found=error.strerror or "no file", expected="a readable CSV file"
        ) from None
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=256)
def _read(path: Path, _modified: int, _size: int) -> Table:
    raw = read_plain(path, MAX_BYTES, "a readable CSV file")
    text = decode(path, raw, "table")
    meta: dict[str, str] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("#"):
            key, colon, value = line[1:].partition(":")
            if colon:
                name = key.strip().lower()
                meta[name] = f"{meta[name]} {value.strip()}" if name in meta else value.strip()
        elif line.strip():
            lines.append(line)
    if len(lines) > MAX_ROWS:
        raise InputError(
            path, "rows", found=f"{len(lines)} lines", expected=f"at most {MAX_ROWS} of them"
        )
    names, rows = _split(path, lines)
    trust = meta.get("trust", "user")
    if trust not in TRUST_LABELS:
        raise InputError(path, "trust", found=trust, expected=" | ".join(TRUST_LABELS))
    cells = {name: tuple(row[index] for row in rows) for index, name in enumerate(names)}
    return Table(path, meta, names, cells, hashlib.sha256(raw).hexdigest())


def _split(path: Path, lines: list[str]) -> tuple[tuple[str, ...], list[list[str]]]:
    if lines and (found := foreign_separators(lines)):
        raise InputError(path, "table", found=found, expected="commas between values, like 1.5,0.2")
    try:
        records = [[cell.strip() for cell in record] for record in csv.reader(lines)]
    except csv.Error as error:
        raise InputError(
            path, "table", found=str(error), expected="comma-separated values"
        ) from None
    if not records:
        raise InputError(path, "table", found="no lines", expected="a line of column names")
    names = tuple(records[0])
    if len(set(names)) != len(names) or not all(names):
        raise InputError(path, "columns", found=", ".join(names), expected="distinct names")
    rows = records[1:]
    if not rows:
        raise InputError(path, "table", found="no rows", expected="at least one row of values")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(names):
            raise InputError(
                path, f"row {number}", found=f"{len(row)} values", expected=f"{len(names)} values"
            )
    return names, rows


@lru_cache(maxsize=4)
def packaged_folder(kind: str) -> Path:
    """Return the folder of the packaged ``data`` or ``models``.

    In a wheel they travel inside the package (``bayesnu/_data``); in a clone or an editable
    install they stand beside it at the top level.
    """
    package = Path(__file__).resolve().parents[1]
    inside = package / f"_{kind}"
    return inside if inside.is_dir() else package.parent / kind


def digest_of(tables: Iterable[Table], *extra: Any) -> str:
    """Return one short hash of several tables and settings, to say what a result came from."""
    total = hashlib.sha256()
    for table in sorted(tables, key=lambda item: str(item.path)):
        total.update(table.digest.encode())
    for item in extra:
        total.update(repr(item).encode())
    return total.hexdigest()[:16]
