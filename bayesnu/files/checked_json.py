"""JSON from a file, checked against the form it must have."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesnu.errors import InputError
from bayesnu.files.plain_files import read_plain

if TYPE_CHECKING:
    from pydantic import TypeAdapter


LARGEST_JSON = 2**28
"""Bytes; larger files are not read."""


def read_json(path: Path, expected: str) -> Any:
    """Read a JSON file of this package."""
    raw = read_plain(path, LARGEST_JSON, expected)
    try:
        found = json.loads(raw.decode("utf-8"))
        if b"\\ud" in raw.lower():
            # Halves of characters: no file, page or terminal takes them.
            json.dumps(found, ensure_ascii=False).encode("utf-8")
        return found
    except (ValueError, RecursionError) as error:
        raise InputError(path, "JSON", found=str(error), expected=expected) from None


@lru_cache(maxsize=16)
def _adapter(form: type[Any]) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(form)


def checked[T](form: type[T], entries: Any, path: Path) -> T:
    """Return plain values as a frozen dataclass, every field checked."""
    from pydantic import ValidationError

    try:
        # JSON has neither tuples nor NaN: both come back as something else.
        return _adapter(form).validate_python(_with_nan(entries))  # type: ignore[no-any-return,arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "entries"
        found = "nothing" if first["type"] == "missing" else repr(first["input"])
        raise InputError(path, key, found=found, expected=first["msg"]) from None


MAYBE_NAN = ("r_hat", "ess_bulk", "mean", "sd")
"""Written as null where they are not finite: a chain that never moved has no R-hat."""


def _with_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: float("nan") if item is None and key in MAYBE_NAN else _with_nan(item)
            for key, item in value.items()
        }
    return [_with_nan(item) for item in value] if isinstance(value, list) else value
