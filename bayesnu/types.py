"""Types that are used everywhere."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class _FromLists:
    """Lets pydantic read an array from the lists of numbers that JSON has."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema as schema

        row = schema.list_schema(schema.float_schema(allow_inf_nan=False))
        lists = schema.union_schema([row, schema.list_schema(row)])
        return schema.no_info_after_validator_function(_rectangular, lists)


def _rectangular(lists: list[Any]) -> Array:
    if len({len(row) if isinstance(row, list) else -1 for row in lists}) > 1:
        raise ValueError("rows of one length")
    return np.array(lists, dtype=float)


SavedArray = Annotated[Array, _FromLists()]
"""An array of a result, which is read again from a file."""

ComplexArray = NDArray[np.complex128]
Floats = tuple[float, ...]

Interval = tuple[float | None, float | None]
"""Lower and upper end; None where the statement has no limit on that side."""

IntervalKind = Literal["upper", "central", "highest-density"]
"""A credible interval: below a quantile, between two that leave as much on either side, or where
the density is highest, which may be a union."""

INTERVAL_KINDS: tuple[IntervalKind, ...] = get_args(IntervalKind)

Progress = Callable[[float, str], None]
"""Called with the fraction done and a word."""
