"""What is done to arrays and tensors alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def is_tensor(value: Any) -> bool:
    """Return whether a value is a variable of a graph, and no number or array."""
    return hasattr(value, "owner")


def concatenated(parts: Sequence[Any], axis: int = 1) -> Any:
    """Return what belongs to several sources beside each other."""
    if len(parts) == 1:
        return parts[0]
    if all(isinstance(part, np.ndarray) for part in parts):
        return np.concatenate(parts, axis=axis)
    import pytensor.tensor as pt

    return pt.concatenate([pt.as_tensor_variable(part) for part in parts], axis=axis)
