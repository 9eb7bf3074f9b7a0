"""Tables as people read them: cells below each other."""

from __future__ import annotations

from collections.abc import Container, Sequence


def aligned(rows: Sequence[Sequence[str]], right: Container[int] = ()) -> list[str]:
    """Return a line for each row; the columns in `right` end below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]

    def padded(place: int, cell: str) -> str:
        return cell.rjust(widths[place]) if place in right else cell.ljust(widths[place])

    return ["  ".join(padded(n, cell) for n, cell in enumerate(row)).rstrip() for row in rows]
