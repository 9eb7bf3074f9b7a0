"""The file of results, docs/speed.json: one entry for each part of the suite."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.timing import Measured

DOCS = Path(__file__).resolve().parent.parent / "docs"
RESULTS = DOCS / "speed.json"


FEW = 20
"""Up to so many runs, the range is from the smallest to the largest."""

HARDWARE = ("processor", "cores", "memory_GB")


def write_part(path: str | None, results: Mapping[str, Measured]) -> None:
    """Write what one part measured, or print it if there is no path."""
    text = json.dumps({name: value.to_dict() for name, value in results.items()}, indent=1)
    if path is None:
        print(text)
    else:
        Path(path).write_text(text + "\n")


def read_part(path: Path) -> dict[str, Measured]:
    """Return what `write_part` wrote."""
    return {name: Measured(**entry) for name, entry in json.loads(path.read_text()).items()}


def from_pytest(path: Path) -> dict[str, Measured]:
    """Return the times in a file of pytest-benchmark, and the numbers that tests added.

    A test ``test_kernel[30-10]`` is called ``kernel[30-10]``; what it put into ``extra_info``
    is called ``kernel[30-10]: NAME``. The range is that of the middle half where a function was
    called often: among thousands of calls the slowest tells about the system, not the function.
    """
    found = {}
    for entry in json.loads(path.read_text())["benchmarks"]:
        name = str(entry["name"]).removeprefix("test_")
        stats = entry["stats"]
        ends = ("q1", "q3") if stats["rounds"] > FEW else ("min", "max")
        low, high = (stats[end] for end in ends)
        found[name] = Measured(stats["median"], low, high, stats["rounds"])
        for key, value in entry["extra_info"].items():
            unit = "s" if key.endswith("seconds") else ""
            found[f"{name}: {key}"] = Measured(value, value, value, 1, unit)
    return found


@dataclass(frozen=True)
class Results:
    """Everything measured so far.

    Attributes
    ----------
    machine : dict
        Of the last run; results of another machine are dropped.
    parts : dict
        By name: ``measured`` (name to `Measured`), ``load_before`` (processes that wanted a
        core in the minute before), ``date``, ``commit`` (of the code), and the ``seconds`` it took;
        ``older_than`` says what has changed since, until the part is measured again.
    """

    machine: dict[str, Any]
    parts: dict[str, dict[str, Any]]

    def get(self, part: str, name: str) -> Measured | None:
        """Return a measured number, None if it is not there."""
        entry = self.parts.get(part, {}).get("measured", {}).get(name)
        return Measured(**entry) if entry else None


def read(path: Path = RESULTS) -> Results:
    """Return the results in a file; none if it does not exist."""
    if not path.is_file():
        return Results({}, {})
    return Results(**json.loads(path.read_text()))


def merge(part: str, entry: dict[str, Any], machine: dict[str, Any], path: Path = RESULTS) -> None:
    """Put a part's results into the file, beside those of the other parts."""
    old = read(path)
    same = {key: old.machine.get(key) for key in HARDWARE} == {
        key: machine[key] for key in HARDWARE
    }
    parts = (old.parts if same else {}) | {part: entry}
    text = json.dumps({"machine": machine, "parts": dict(sorted(parts.items()))}, indent=1)
    path.write_text(text + "\n")
