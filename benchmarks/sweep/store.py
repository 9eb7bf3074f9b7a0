"""Finished cases, one line each: the sweep can be stopped and goes on where it was."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

import bayesnu


def digest() -> str:
    """Return a hash of the package's code and model files: other code needs other judgements."""
    total = hashlib.sha256()
    package = Path(bayesnu.__file__).parent
    files = [*package.rglob("*.py"), *(package.parent / "models").rglob("*.toml")]
    for path in sorted(files):
        total.update(path.read_bytes())
    return total.hexdigest()[:12]


class Store:
    """A file of finished cases."""

    def __init__(self, path: Path) -> None:
        self.path, self.digest = path, digest()
        path.parent.mkdir(parents=True, exist_ok=True)

    def read(self) -> dict[str, dict[str, Any]]:
        """Return the finished cases of this state of the code, by name."""
        if not self.path.exists():
            return {}
        found = {}
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # the last line of a sweep that was killed
            if entry["digest"] == self.digest:
                found[entry["case"]] = entry
        return found

    def add(self, case: str, seconds: float, comparisons: list[dict[str, Any]]) -> None:
        """Append a finished case."""
        entry = {
            "case": case,
            "digest": self.digest,
            "seconds": round(seconds, 2),
            "comparisons": comparisons,
        }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, default=_plain) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no plain value")
