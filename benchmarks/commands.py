"""Whole processes: seconds from command to result and their peak memory, warm and cold.

The commands run on a copy of the package in a temporary folder, so that its caches can be
emptied: bytecode, the machine code that numba keeps beside it, the list of fonts of
matplotlib, PyTensor's folder. A cold run has none of them, as right after an installation; the
bytecode of other packages and the system's file cache are there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases import EXPERIMENT, PARAMETER, SIGNAL
from benchmarks.results import write_part
from benchmarks.timing import Measured, measured

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("bayesnu", "data", "models", "benchmarks")
LIMIT = ("limit", EXPERIMENT, "--signal", SIGNAL, "--parameter", PARAMETER)


@dataclass(frozen=True)
class Command:
    """A command and how often it is run.

    Attributes
    ----------
    name : str
        In the results.
    arguments : tuple of str
        Of ``python``; ``{out}`` is a folder for results.
    runs : int
    cold : bool
        Whether all caches are emptied before every run.
    """

    name: str
    arguments: tuple[str, ...]
    runs: int = 5
    cold: bool = False


def bayesnu(*arguments: str) -> tuple[str, ...]:
    """Return the arguments of ``python`` for a bayesnu command."""
    return ("-m", "bayesnu", *arguments)


PLAIN = ("-m", "benchmarks.peers.plain_pymc_command")
GRAPH = ("-m", "benchmarks.graph_command")

POSTERIOR = (*LIMIT, "--method", "posterior")
PROFILE = (*LIMIT, "--method", "profile")
FILES = ("--out", "{out}")
"""Without it a command writes the same files, but where it stands."""

COMMANDS = (
    Command("python, nothing else", ("-c", "pass")),
    Command("import numpy", ("-c", "import numpy")),
    Command("import bayesnu", ("-c", "import bayesnu")),
    Command("bayesnu --help", bayesnu("--help")),
    Command("limit --method profile --no-files", bayesnu(*PROFILE, "--no-files")),
    Command("limit --method profile", bayesnu(*PROFILE, *FILES)),
    Command("limit --method posterior --no-files", bayesnu(*POSTERIOR, "--no-files")),
    Command("limit --method posterior --no-plots", bayesnu(*POSTERIOR, "--no-plots", *FILES)),
    Command("limit --method posterior", bayesnu(*POSTERIOR, *FILES)),
    Command("limit", bayesnu(*LIMIT, *FILES)),
    Command(
        "limit --method posterior --no-files, cold", bayesnu(*POSTERIOR, "--no-files"), cold=True
    ),
    Command("limit --method posterior, cold", bayesnu(*POSTERIOR, *FILES), cold=True),
    Command(
        "reproduce khan-2022 --method profile",
        bayesnu("reproduce", "khan-2022", "--method", "profile"),
        runs=3,
    ),
    Command(
        "reproduce giunti-ternes-2023 --method profile",
        bayesnu("reproduce", "giunti-ternes-2023", "--method", "profile"),
        runs=2,
    ),
    Command("import pymc", ("-c", "import pymc"), runs=3),
    Command(
        "limit --method posterior --backend pymc --no-files",
        bayesnu(*POSTERIOR, "--backend", "pymc", "--no-files"),
        runs=3,
    ),
    Command(
        "limit --method posterior --backend pymc --no-files, cold",
        bayesnu(*POSTERIOR, "--backend", "pymc", "--no-files"),
        runs=1,
        cold=True,
    ),
    Command("plain PyMC model, nutpie, cold", PLAIN, runs=1, cold=True),
    Command("build_model, compiled for nutpie, cold", GRAPH, runs=1, cold=True),
    Command("build_model, compiled for nutpie", GRAPH, runs=3),
)


class Copy:
    """A copy of the package, with caches of its own."""

    def __init__(self, folder: Path) -> None:
        self.code, self.caches, self.out = folder / "code", folder / "caches", folder / "out"
        for name in COPIED:
            shutil.copytree(
                ROOT / name, self.code / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        self.empty_caches()

    def empty_caches(self) -> None:
        """Remove everything that an earlier process has left behind."""
        for path in self.code.rglob("__pycache__"):
            shutil.rmtree(path)
        shutil.rmtree(self.caches, ignore_errors=True)
        self.caches.mkdir(parents=True)

    def environment(self) -> dict[str, str]:
        """Return the environment of a process that uses this copy and its caches."""
        changed = {
            "PYTHONPATH": str(self.code),
            "PYTENSOR_FLAGS": f"base_compiledir={self.caches / 'pytensor'}",
            "MPLCONFIGDIR": str(self.caches / "matplotlib"),
            "XDG_CACHE_HOME": str(self.caches / "other"),
            "MPLBACKEND": "Agg",
        }
        without = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "NUMBA_CACHE_DIR")
        return {k: v for k, v in os.environ.items() if k not in without} | changed

    def run(self, arguments: Sequence[str]) -> tuple[float, float, float, float]:
        """Return four numbers of one process.

        Seconds, seconds until it printed something, seconds of processor time and peak memory
        in MB.

        Raises
        ------
        RuntimeError
            If it fails.
        """
        shutil.rmtree(self.out, ignore_errors=True)
        command = [sys.executable, *(a.format(out=self.out) for a in arguments)]
        log = self.caches.parent / "log"
        with log.open("w") as stream:
            began = time.perf_counter()
            process = subprocess.Popen(
                command,
                env=self.environment(),
                cwd=self.code,
                stdout=subprocess.PIPE,
                stderr=stream,
            )
            assert process.stdout is not None
            with process.stdout as words:
                words.read(1)
                answered = time.perf_counter() - began
                words.read()
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command[1:])} failed:\n{log.read_text()[-2000:]}")
        # Linux counts in kB, macOS in bytes.
        memory = usage.ru_maxrss / (1024.0 if sys.platform != "darwin" else 1024.0**2)
        return seconds, answered, usage.ru_utime + usage.ru_stime, memory


def measure(commands: Sequence[Command] = COMMANDS, runs: int | None = None) -> dict[str, Measured]:
    """Run commands in new processes.

    Parameters
    ----------
    commands : sequence of Command
    runs : int, optional
        Of each, instead of the command's own number.

    Returns
    -------
    dict
        Seconds by name; ``NAME: answer`` (seconds until it printed something), ``NAME:
        processor`` (seconds) and ``NAME: memory`` (MB).
    """
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        for command in commands:
            found = []
            if not command.cold:
                copy.run(command.arguments)  # fills the caches
            for _ in range(runs or command.runs):
                if command.cold:
                    copy.empty_caches()
                found.append(copy.run(command.arguments))
            seconds, answered, processor, memory = zip(*found, strict=True)
            results[command.name] = measured(seconds)
            results[f"{command.name}: answer"] = measured(answered)
            results[f"{command.name}: processor"] = measured(processor)
            results[f"{command.name}: memory"] = measured(memory, "MB")
            print(f"{command.name}: {results[command.name].median:.2f} s", file=sys.stderr)
    return results


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out")
    parser.add_argument("--quick", action="store_true", help="one run each of the quick ones")
    args = parser.parse_args()
    found = measure(COMMANDS[:6], 1) if args.quick else measure()
    write_part(args.out, found)


if __name__ == "__main__":
    main()
