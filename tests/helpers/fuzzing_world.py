"""What surrounds a command: special files, another process, closed streams, a full disk.

A command may end with a result or a sentence: no traceback, no hang, nothing changed outside its
folder, and a result that is there can be read.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from fuzzing import Tally, working_folder
from fuzzing_files import OPTIONS, SECONDS, made
from fuzzing_processes import COMMANDS, MU, RUN_FILE, ended, start, unreadable

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
    tally = Tally()
    with working_folder() as folder:
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
            tally.run(line, f"{kind} as {name}, input {count}", SECONDS)
            if _contents(outside) != before:
                tally.fail(f"{kind} as {name}, input {count}, {reader}: changed what is outside")
                break
            shutil.rmtree(other)
    return tally.result()


def fuzz_streams(number: int, seed: int) -> dict[str, object]:
    """Close or fill stdout and stderr of commands; return how many ended badly."""
    rng = random.Random(seed)
    tally = Tally()
    lines = [["list"], ["show", "lz-2022-er"], *COMMANDS.values()]
    for _ in range(number):
        words = rng.choice(lines)
        closed = rng.choice([">&-", ">/dev/full", "2>&-", "2>/dev/full", ">&- 2>&-", "<&-"])
        with working_folder() as folder:
            (folder / "analysis.toml").write_text(RUN_FILE, encoding="utf-8")
            found = ended(start(words, folder, "/bin/sh", "-c", f'exec "$@" {closed}', "sh"))
            tally.inputs += 1
            wrong = [found.wrong([1] if closed == ">/dev/full" else [0]), *unreadable(folder)]
            if "--out" in words and not list(folder.glob("out/*.*")):
                wrong.append("its result is lost")
            for text in filter(None, wrong):
                tally.fail(f"{words[0]} {closed}: {text}")
    return tally.result()


def fuzz_two(number: int, seed: int) -> dict[str, object]:
    """Let two processes write into one folder; return how often a result was lost."""
    rng = random.Random(seed)
    tally = Tally()
    words = ["limit", *MU, "--method", "profile", "--no-plots", "--out", "out"]
    for _ in range(number):
        with working_folder() as folder:
            first = start(words, folder)
            time.sleep(rng.uniform(0.0, 0.5))
            pair = [ended(start(words, folder)), ended(first)]
            tally.inputs += 1
            wrong = [*(one.wrong([0, 1]) for one in pair), *unreadable(folder)]
            if all(one.code for one in pair) or not (folder / "out/limit.json").is_file():
                wrong.append(f"exit codes {[one.code for one in pair]}, no result")
            for text in filter(None, wrong):
                tally.fail(text)
    return tally.result()


def fuzz_disks(number: int, seed: int) -> dict[str, object]:
    """Let files grow to a random size only, as on a disk that is nearly full."""
    rng = random.Random(seed)
    tally = Tally()
    chosen = [words for words in COMMANDS.values() if "--out" in words]
    for count in range(number):
        words = chosen[count % len(chosen)]
        # In blocks of 512 bytes: from nothing to more than the longest file.
        blocks = int(2.0 ** rng.uniform(0.0, 11.0)) - 1
        with working_folder() as folder:
            (folder / "analysis.toml").write_text(RUN_FILE, encoding="utf-8")
            script = f'ulimit -f {blocks}; exec "$@"'
            found = ended(start(words, folder, "/bin/sh", "-c", script, "sh"))
            tally.inputs += 1
            wrong = [found.wrong([0, 1]), *unreadable(folder)]
            if words[0] == "limit" and "Delta chi2 <" not in found.out:
                wrong.append("the limit is not shown")
            for text in filter(None, wrong):
                tally.fail(f"{words[0]}, {blocks} blocks: {text}")
    return tally.result()


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
