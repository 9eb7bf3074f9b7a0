"""Text that other programs wrote: what spreadsheets and editors put into it, by its name."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from bayesnu.errors import InputError

WIDE = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
SAVED = "text, saved as UTF-8"
SEPARATORS = {";": "semicolons", "\t": "tabs"}
DECIMAL_COMMA = re.compile(r"(?<![\w.])[-+]?\d+,\d+(?:[eE][-+]?\d+)?(?=\s*(?:[;\t]|$))")


def decode(path: Path, raw: bytes, key: str) -> str:
    """Return the text of a file; a mark of UTF-8 at its start says nothing and is left out.

    Raises
    ------
    InputError
        If it is no UTF-8, with what it seems to be.
    """
    for mark, name in WIDE.items():
        if raw.startswith(mark):
            raise InputError(path, key, found=f"{name} text", expected=SAVED)
    if b"\0" in raw:
        raise InputError(path, key, found="bytes that are zero (UTF-16?)", expected=SAVED)
    try:
        return raw.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{raw[error.start]:02x} in line {line} (Windows-1252?)"
        raise InputError(path, key, found=found, expected=SAVED) from None


def foreign_separators(lines: list[str]) -> str | None:
    """Return what separates the values of a table that has no commas between its columns.

    None if its names stand between commas, or if there is one column.
    """
    marks = [mark for mark in SEPARATORS if mark in lines[0]]
    if not marks or "," in lines[0]:
        return None
    found = f"columns separated by {SEPARATORS[marks[0]]}"
    if any(DECIMAL_COMMA.search(line) for line in lines[1:]):
        found += " and decimal commas"
    return found
