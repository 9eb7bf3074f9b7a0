"""The finished fits of a campaign as plain values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesnu.types import Array


@dataclass(frozen=True)
class Fits:
    """The finished fits of a campaign."""

    columns: tuple[str, ...]
    index: NDArray[np.int64]
    """Shape (fits,). Ascending; failed fits are left out."""
    values: Array
    """Shape (fits, columns)."""
    seconds: Array
    failed: int
    wanted: int
    """How many were asked for; fewer are there after Ctrl-C."""

    @property
    def complete(self) -> bool:
        """Whether every fit that was asked for has been tried."""
        return len(self.index) + self.failed >= self.wanted

    def column(self, name: str) -> Array:
        """Return one column, shape (fits,)."""
        return np.asarray(self.values[:, self.columns.index(name)])
