"""What the time of a command goes into: imports by package, and the package's own functions.

Imports are what ``python -X importtime`` says; functions what cProfile says, which slows Python
code down by up to a half. Times of functions are cumulative: one contains another.
"""

from __future__ import annotations

import argparse
import pstats
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from benchmarks.commands import COMMANDS, Command, Copy
from benchmarks.results import write_part
from benchmarks.timing import Measured, measured

LOOKED_INTO = (
    "limit --method profile --no-files",
    "limit --method posterior --no-files",
    "limit --method posterior",
    "limit --method posterior --no-files, cold",
)
PACKAGES, FUNCTIONS = 8, 10
"""How many are kept, from the largest on."""


def imports(text: str) -> dict[str, float]:
    """Return seconds of import by top-level package, from what ``-X importtime`` wrote."""
    total: dict[str, float] = defaultdict(float)
    for line in text.splitlines():
        words = line.removeprefix("import time:").split("|")
        if line.startswith("import time:") and words[0].strip().isdigit():
            total[words[2].strip().partition(".")[0]] += float(words[0]) / 1e6
    return dict(total)


def functions(path: Path) -> dict[str, float]:
    """Return cumulative seconds of bayesnu's functions, modules' own code left out."""
    found: dict[str, float] = {}
    for (file, _, name), (*_, cumulative, _callers) in pstats.Stats(str(path)).stats.items():  # type: ignore[attr-defined]
        parts = Path(file).with_suffix("").parts
        if "bayesnu" in parts and not name.startswith("<"):
            where = ".".join(parts[len(parts) - parts[::-1].index("bayesnu") :])
            found[f"{where}.{name}"] = max(cumulative, found.get(f"{where}.{name}", 0.0))
    return found


def largest(times: dict[str, float], number: int) -> dict[str, float]:
    """Return the largest entries, in order."""
    return dict(sorted(times.items(), key=lambda item: -item[1])[:number])


def without_wrappers(times: dict[str, float]) -> dict[str, float]:
    """Leave out functions that take as long as another one: one of them only calls the other."""
    kept: dict[str, float] = {}
    for name, seconds in sorted(times.items(), key=lambda item: (-item[1], "._" in item[0])):
        if not name.startswith("cli.") and all(seconds < 0.98 * other for other in kept.values()):
            kept[name] = seconds
    return kept


def look_into(copy: Copy, command: Command) -> dict[str, float]:
    """Return the largest stages of a command in seconds."""
    arguments = [word.format(out=copy.out) for word in command.arguments]
    profile = copy.caches.parent / "profile"

    def run(*options: str) -> str:
        if command.cold:
            copy.empty_caches()
        done = subprocess.run(
            [sys.executable, *options, *arguments],
            env=copy.environment(),
            cwd=copy.code,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stderr

    if not command.cold:
        copy.run(command.arguments)
    packages = imports(run("-X", "importtime"))
    run("-m", "cProfile", "-o", str(profile))
    found = {"all imports": sum(packages.values())}
    found |= {f"import of {name}": value for name, value in largest(packages, PACKAGES).items()}
    return found | largest(without_wrappers(functions(profile)), FUNCTIONS)


def measure(names: tuple[str, ...] = LOOKED_INTO) -> dict[str, Measured]:
    """Look into some commands."""
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        for command in COMMANDS:
            if command.name in names:
                for stage, seconds in look_into(copy, command).items():
                    results[f"{command.name}: {stage}"] = measured([seconds])
    return results


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out")
    parser.add_argument("--quick", action="store_true", help="one command only")
    args = parser.parse_args()
    write_part(args.out, measure(LOOKED_INTO[:1] if args.quick else LOOKED_INTO))


if __name__ == "__main__":
    main()
