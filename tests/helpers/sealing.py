"""Let an altered result name its altered files, so that what reads them is tested, too."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from bayesnu.saved.belonging import BESIDE_LIMIT, digests_of, digests_of_step


def seal(folder: Path) -> None:
    """Write the digests of the files as they are now into limit.json and run.json."""
    with contextlib.suppress(ValueError, TypeError, KeyError):  # damaged ones stay as they are
        for path in [*folder.glob("limit.json"), *folder.glob("*/limit.json")]:
            entries = json.loads(path.read_bytes())
            there = (path.parent / name for name in BESIDE_LIMIT)
            entries["files"] = digests_of(file for file in there if file.is_file())
            path.write_text(json.dumps(entries), encoding="utf-8")
        for path in folder.glob("run.json"):
            entries = json.loads(path.read_bytes())
            for step in entries["steps"]:
                step["files"] = digests_of_step(folder / f"{step['kind']}-{step['name']}")
            path.write_text(json.dumps(entries), encoding="utf-8")
