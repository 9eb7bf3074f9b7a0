"""Remove what was drawn, written and exported of an earlier result in the same folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bayesnu.output.plots.kinds import KINDS

PICTURES = [f"{k}_*" if k in ("spectrum", "predictive") else k for k in KINDS]
DRAWN = (".png", ".pdf", ".svg")
EXPORTS = {"csv": (".csv",), "latex": (".tex",), "hepdata": (".yaml",), "json": (".json",)}


def clear_earlier(folder: Path) -> None:
    """Remove pictures, report and exports of the result in a folder.

    Only files with the names that this package gives them, and nothing behind a link: what
    somebody else keeps there stays.
    """
    for path in list(_earlier(folder)):
        if path.is_file() and not path.is_symlink():
            path.unlink()


def _earlier(folder: Path) -> Iterator[Path]:
    yield folder / "report.html"
    for name in PICTURES:
        for suffix in DRAWN:
            yield from folder.glob(f"{name}{suffix}")
    exports = folder / "exports"
    if exports.is_symlink():
        return
    for kind, suffixes in EXPORTS.items():
        if not (exports / kind).is_symlink():
            for suffix in suffixes:
                yield from (exports / kind).glob(f"*{suffix}")
