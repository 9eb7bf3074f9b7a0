"""Read a TOML file whose text is such that reading it, and what is made of it, ends soon."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from bayesnu.errors import InputError
from bayesnu.files.plain_files import read_plain
from bayesnu.files.text import decode

MAX_TOML_BYTES = 2**20
MAX_TABLES = 4000
MAX_DEPTH = 32
MAX_BITS = 64
"""Of an integer, as TOML itself says."""

QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"|\'[^\']*+\'')
COMMENT = re.compile(r"#.*")
DOTTED = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{MAX_DEPTH}}}")
HEADER = re.compile(r"^[ \t]*\[[^\]\n,]*+\]++[ \t]*(?:#.*)?$", re.MULTILINE)


def read_toml(path: Path, expected: str = "a TOML file") -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    InputError
        If it is no plain file of TOML, or larger, deeper or of more tables than anything that
        people write.
    """
    raw = read_plain(path, MAX_TOML_BYTES, expected)
    text = decode(path, raw, "TOML")
    tables = len(HEADER.findall(text))
    if tables > MAX_TABLES:
        raise InputError(path, "TOML", found=f"{tables} tables", expected=f"at most {MAX_TABLES}")
    if DOTTED.search(COMMENT.sub("", QUOTED.sub("q", text))):
        raise InputError(
            path, "TOML", found=f"a key of over {MAX_DEPTH} parts", expected="shorter keys"
        )
    try:
        entries = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # of numbers that are too long, too
        raise InputError(path, "TOML", found=error, expected="valid TOML") from None
    _check(path, entries)
    return entries


def _check(path: Path, entries: dict[str, Any]) -> None:
    """Refuse integers that are too long, and tables too deep in each other."""
    level: list[Any] = [entries]
    for _ in range(MAX_DEPTH):
        inside: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inside += item.values()
            elif isinstance(item, list):
                inside += item
            elif isinstance(item, int) and item.bit_length() > MAX_BITS:
                raise InputError(
                    path,
                    "TOML",
                    found=f"an integer of {item.bit_length()} bits",
                    expected=f"at most {MAX_BITS}",
                )
        if not inside:
            return
        level = inside
    raise InputError(path, "TOML", found="tables too deep in each other", expected="fewer levels")
