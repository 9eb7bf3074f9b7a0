"""Ctrl-C at random moments of every command that computes."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import time
from pathlib import Path

from fuzzing import Tally, working_folder
from fuzzing_processes import COMMANDS, RUN_FILE, Ended, ended, start, unreadable

INTERRUPTED = 130

WHOLE_DRAWS = 2000
"""Of `SHORT`: two chains."""

OWN = re.compile(r"bayesnu/(?!__init__|__main__)")
"""A module that is imported when Ctrl-C is handled already."""


def fuzz_interrupts(name: str, number: int, seed: int) -> dict[str, object]:
    """Press Ctrl-C at random moments of a command; return how often that ended badly.

    What comes before the first line of bayesnu has run is Python's; it is counted, as `early`.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    rng = random.Random(seed)
    tally = Tally()
    early = finished = 0
    latest = 0.0
    with working_folder() as folder:
        whole, seconds = _whole(name, folder)
        for _ in range(number):
            process = start(COMMANDS[name], _fresh(folder))
            wait = rng.uniform(0.0, seconds)
            time.sleep(wait)
            worked = 0.0
            if process.poll() is None:
                worked = _worked(process.pid)
                os.killpg(process.pid, signal.SIGINT)
            found = ended(process)
            tally.inputs += 1
            if _before_bayesnu(found):
                early, latest = early + 1, max(latest, worked)
                continue
            finished += found.code != INTERRUPTED
            wrong = [
                found.wrong([INTERRUPTED, whole.code]),
                *unreadable(folder),
                _kept(found, folder),
            ]
            for text in filter(None, wrong):
                tally.fail(f"{name}, after {wait:.2f} of {seconds:.2f} s: {text}")
    return {
        **tally.result(),
        "whole_seconds": round(seconds, 1),
        "early": early,
        "early_seconds": round(latest, 3),
        "finished": finished,
    }


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder / "out", ignore_errors=True)
    (folder / "analysis.toml").write_text(RUN_FILE, encoding="utf-8")
    return folder


def _whole(name: str, folder: Path) -> tuple[Ended, float]:
    """Run a command to its end; return how it ends, and after how long."""
    began = time.monotonic()
    found = ended(start(COMMANDS[name], _fresh(folder)))
    return found, time.monotonic() - began


def _worked(pid: int) -> float:
    """Return how long a process has had a processor, in seconds."""
    words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _before_bayesnu(found: Ended) -> bool:
    """Say whether Ctrl-C came before it could be handled: it ended Python, or its start."""
    if found.code == -signal.SIGINT and not found.err:
        return True
    return "Traceback" in found.err and not OWN.search(found.err)


def _kept(found: Ended, folder: Path) -> str:
    """Return what is wrong with a limit that is kept after Ctrl-C: a part of one says so."""
    path = folder / "out/limit.json"
    if found.code != INTERRUPTED or not path.is_file():
        return ""
    (limit,) = json.loads(path.read_text(encoding="utf-8"))["results"]
    fit = limit["bayesian"]
    if limit["interrupted"] or (fit is not None and fit["draws"] == WHOLE_DRAWS):
        return ""
    return "an interrupted limit does not say so"
