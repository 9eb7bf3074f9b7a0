"""What surrounds a command: special files, another process, closed streams, Ctrl-C at any moment.

A command may end with a result or a sentence: no traceback, no hang, nothing changed outside its
folder, and a result that is there can be read.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from fuzzing import run
from fuzzing_files import OPTIONS, SECONDS, made

from bayesnu.cli import main

REPOSITORY = Path(__file__).parents[2]

MOMENT = ["xenonnt-2022-er", "--signal", "magnetic-moment"]
MU = [*MOMENT, "--parameter", "mu_eff"]
SHORT = ["--draws", "400", "--tune", "200", "--chains", "2", "--cores", "1"]

COMMANDS: dict[str, list[str]] = {
    "limit": ["limit", *MU, *SHORT, "--out", "out"],
    "sample": ["sample", *MU, *SHORT, "--out", "out"],
    "priors": ["priors", *MU, *SHORT],
    "impacts": ["impacts", *MU],
    "profile": ["profile", *MU],
    "contour": ["contour", *MOMENT, "--parameters", "mu_e", "mu_mu", "--points", "21"],
    "sensitivity": ["sensitivity", "darwin-30ty", *MU[1:], "--method", "profile"],
    "toys": ["toys", *MU, "--number", "40", "--cores", "1", "--out", "out"],
    "calibrate": ["calibrate", *MOMENT, "--simulations", "8", "--cores", "1", "--out", "out"],
    "reproduce": ["reproduce", "khan-2022"],
    "run": ["run", "analysis.toml", "--out", "out"],
}
"""Every command that computes."""

RUN_FILE = """\
title = "Two limits"
experiments = ["xenonnt-2022-er"]
signal = "magnetic-moment"
method = "profile"
limit = [{ parameter = "mu_eff" }, { parameter = "mu_e" }]
"""

ENDS = (0, 1, 2, 130)

LONGEST = 600.0
"""Seconds of the clock, on a busy machine."""

Place = Callable[[Path, Path], None]

SPECIAL: dict[str, Place] = {
    "a link to a device": lambda path, _: path.symlink_to("/dev/zero"),
    "a link outside": lambda path, outside: path.symlink_to(outside / "secret.json"),
    "a link to a folder outside": lambda path, outside: path.symlink_to(outside),
    "a link to nothing": lambda path, _: path.symlink_to("nowhere"),
    "a link to itself": lambda path, _: path.symlink_to(path.name),
    "a pipe": lambda path, _: os.mkfifo(path),
    "a folder": lambda path, _: path.mkdir(),
}


def fuzz_special(number: int, seed: int) -> dict[str, object]:
    """Put special files into results, models and run files; return how many readers failed."""
    rng = random.Random(seed)
    failures: list[str] = []
    with _work() as folder:
        outside = folder.parent / "outside"
        outside.mkdir()
        (outside / "secret.json").write_text('{"results": []}', encoding="utf-8")
        before = _contents(outside)
        good = made(folder / "good")
        (good / "my.toml").write_text('extends = "xenonnt-2022-er"\n', encoding="utf-8")
        (good / "analysis.toml").write_text(RUN_FILE, encoding="utf-8")
        names = sorted(path.name for path in good.iterdir() if path.is_file())
        names += ["run.json", "campaign.json", "report.html", ".report.partial.html", "exports"]
        for count in range(number):
            other = folder / f"other-{count}"
            shutil.copytree(good, other)
            name, kind = rng.choice(names), rng.choice(list(SPECIAL))
            (other / name).unlink(missing_ok=True)
            SPECIAL[kind](other / name, outside)
            reader = rng.choice(["diagnose", "cite", "export", "report", "validate", "run", "toys"])
            line = [reader, str(other), *OPTIONS.get(reader, [])]
            if reader == "validate":
                line = ["validate", str(other / "my.toml")]
            elif reader == "run":
                line = ["run", str(other / "analysis.toml"), "--check"]
            elif reader == "toys":
                line = ["toys", *MU, "--number", "2", "--method", "test", "--cores", "1"]
                line += ["--no-plots", "--resume", "--out", str(other)]
            if (found := run(line, SECONDS)) is not None:
                failures.append(f"{kind} as {name}, input {count}: {found[:300]}")
            if _contents(outside) != before:
                failures.append(
                    f"{kind} as {name}, input {count}, {reader}: changed what is outside"
                )
                break
            shutil.rmtree(other)
    return _counted(number, failures)


def fuzz_interrupts(number: int, seed: int, names: tuple[str, ...] = ()) -> dict[str, object]:
    """Press Ctrl-C at random moments of computing commands; return how many ended badly."""
    rng = random.Random(seed)
    failures: list[str] = []
    seconds: dict[str, float] = {}
    chosen = names or tuple(COMMANDS)
    for count in range(number):
        name = chosen[count % len(chosen)]
        with _work() as folder:
            (folder / "analysis.toml").write_text(RUN_FILE, encoding="utf-8")
            if name not in seconds:
                began = time.monotonic()
                _start(COMMANDS[name], folder).communicate(timeout=LONGEST)
                seconds[name] = time.monotonic() - began
                shutil.rmtree(folder / "out", ignore_errors=True)
            process = _start(COMMANDS[name], folder)
            wait = rng.uniform(0.0, seconds[name])
            time.sleep(wait)
            process.send_signal(signal.SIGINT)
            found = _ended(process, name, f"after {wait:.2f} s")
            failures += found or _unreadable(folder)
    return _counted(number, failures)


def fuzz_streams(number: int, seed: int) -> dict[str, object]:
    """Close or fill stdout and stderr of commands; return how many ended badly."""
    rng = random.Random(seed)
    failures: list[str] = []
    quick = [["list"], ["show", "lz-2022-er"], ["rates", *MOMENT], COMMANDS["profile"]]
    quick += [["limit", *MU, "--method", "profile", "--no-plots", "--out", "out"]]
    for _ in range(number):
        words = rng.choice(quick)
        closed = rng.choice([">&-", ">/dev/full", "2>&-", "2>/dev/full", ">&- 2>&-"])
        with _work() as folder:
            script = f'exec "$@" {closed}'
            process = _start(words, folder, "/bin/sh", "-c", script, "sh")
            failures += _ended(process, words[0], closed) or _unreadable(folder)
            if words[0] == "limit" and not (folder / "out/limit.json").is_file():
                failures.append(f"limit {closed}: its result is lost")
    return _counted(number, failures)


def fuzz_two(number: int, seed: int) -> dict[str, object]:
    """Let two processes write into one folder; return how often both lost their result."""
    rng = random.Random(seed)
    failures: list[str] = []
    words = ["limit", *MU, "--method", "profile", "--out", "out"]
    for _ in range(number):
        with _work() as folder:
            pair = [_start(words, folder)]
            time.sleep(rng.uniform(0.0, 0.5))
            pair.append(_start(words, folder))
            failures += [text for one in pair for text in _ended(one, "limit", "one of two")]
            if all(one.returncode for one in pair):
                failures.append(f"both ended with {[one.returncode for one in pair]}")
            failures += _unreadable(folder)
    return _counted(number, failures)


@contextlib.contextmanager
def _work() -> Iterator[Path]:
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "work"
        folder.mkdir()
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(before)


def _start(words: list[str], folder: Path, *shell: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*shell, sys.executable, "-m", "bayesnu", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )


def _ended(process: subprocess.Popen[str], name: str, how: str) -> list[str]:
    """Return what is wrong with how a command ended."""
    try:
        _, said = process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return [f"{name}, {how}: hangs"]
    if "Traceback" in said:
        return [f"{name}, {how}: {said.strip().splitlines()[-1][:200]}"]
    return [] if process.returncode in ENDS else [f"{name}, {how}: exit code {process.returncode}"]


def _unreadable(folder: Path) -> list[str]:
    """Return what is wrong with the files that a command has left."""
    out = folder / "out"
    torn = [str(p.relative_to(folder)) for p in folder.rglob(".*") if "partial" in p.name]
    failures = [f"left {torn}"] if torn else []
    if any((out / name).is_file() for name in ("limit.json", "run.json", "posterior.nc")):
        with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing):
            code = main(["cite", str(out)])
        failures += [f"what is left cannot be read: exit code {code}"] if code else []
    return failures


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _counted(number: int, failures: list[str]) -> dict[str, object]:
    return {"inputs": number, "failures": len(failures), "first": failures[:10]}
