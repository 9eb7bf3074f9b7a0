"""Times as median, smallest and largest of several runs, and the machine they were taken on."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "bayesnu",
    "arviz",
    "emcee",
    "iminuit",
    "numba",
    "numpy",
    "nutpie",
    "pymc",
    "pytensor",
    "scipy",
    "xarray",
)


@dataclass(frozen=True)
class Measured:
    """A number measured several times.

    Attributes
    ----------
    median, low, high : float
    runs : int
    unit : str
        ``s``, ``MB``, ``1/s`` or empty.
    """

    median: float
    low: float
    high: float
    runs: int
    unit: str = "s"

    def to_dict(self) -> dict[str, object]:
        """Return what JSON can hold."""
        return asdict(self)


def measured(values: Sequence[float], unit: str = "s") -> Measured:
    """Return the median and the range of values."""
    return Measured(statistics.median(values), min(values), max(values), len(values), unit)


def machine() -> dict[str, object]:
    """Describe the machine without its name: processor, cores, memory, versions."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_GB": _memory(),
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def load(seconds: float = 2.0) -> float:
    """Return how many cores were busy, on average over some seconds in which this one waits.

    The system's own average looks back a minute, at the part before. Where the system does not
    say how long its cores were idle, that average is returned.
    """
    before = _idle()
    if before is None:
        return round(os.getloadavg()[0], 2)
    time.sleep(seconds)
    after = _idle()
    assert after is not None
    waited, idle = after[0] - before[0], after[1] - before[1]
    return round((os.cpu_count() or 1) * (1.0 - idle / max(waited, 1)), 2)


def _idle() -> tuple[int, int] | None:
    """Return the time of all cores so far, and how much of it they were idle, in clock ticks."""
    path = Path("/proc/stat")
    if not path.is_file():
        return None
    ticks = [int(word) for word in path.read_text().split("\n", 1)[0].split()[1:9]]
    return sum(ticks), ticks[3] + ticks[4]


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.is_file():
        for line in path.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (ValueError, OSError):
        return None


def _version(name: str) -> str | None:
    if name == "bayesnu":
        from bayesnu import __version__

        return __version__
    try:
        return version(name)
    except PackageNotFoundError:
        return None
