"""Results as JSON can hold them."""

from __future__ import annotations

from typing import Any

import numpy as np


def plain(result: object, *names: str) -> dict[str, Any]:
    """Return attributes of a result by name, arrays and tuples as lists."""
    return {name: _plain(getattr(result, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, list | tuple) else value
