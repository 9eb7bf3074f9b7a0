"""Published limits, as they stand beside a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bayesnu.types import Interval


@dataclass(frozen=True)
class Published:
    """A published limit, in the unit of the result it is compared with."""

    paper: str
    location: str
    intervals: tuple[Interval, ...]
    ratio: float | None
    """Ours over theirs, at the (upper, or else lower) end of the Delta chi2 interval."""
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as every ``--json`` prints it."""
        first = self.intervals[0]
        return {
            "paper": self.paper,
            "location": self.location,
            "lower": first[0],
            "upper": first[1],
            "intervals": [list(interval) for interval in self.intervals],
            "ratio": self.ratio,
            "note": self.note,
        }
