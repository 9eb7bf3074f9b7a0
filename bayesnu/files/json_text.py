"""Results as JSON text."""

from __future__ import annotations

import json
from typing import Any


def json_text(results: list[dict[str, Any]]) -> str:
    """Return results as JSON; numbers are numbers, infinities and NaN are null."""
    return plain_json({"results": results})


def plain_json(value: Any) -> str:
    """Return any plain value as JSON; infinities and NaN are null."""
    return json.dumps(_finite(value), indent=2, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if hasattr(value, "tolist"):
        return _finite(value.tolist())
    if isinstance(value, str):
        # A file name that is not UTF-8 has halves of characters, which nothing reads again.
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):
        return None
    return value
