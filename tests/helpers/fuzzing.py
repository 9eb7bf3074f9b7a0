"""Random command lines: words that mean something, words that are nearly so, and junk.

Every input runs in this process, in a folder of its own, and may end in three ways only: exit
code 0, 1 or 2, with sentences on stderr. A traceback, a hang or a file outside the output
folder is a failure.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from bayesnu.cli import COMMANDS, main

HANG_SECONDS = 5.0
"""Of the processor: on a busy machine nothing is slow by its own fault. Of the clock, which
counts waiting for others as well, `PATIENCE` times as much."""

PATIENCE = 30.0

EXPERIMENTS = ["xenonnt-2022-er", "lz-2022-er", "xenonnt-2022-er@khan-2022", "my.toml", "cut.toml"]

VALUES = [
    *EXPERIMENTS,
    *["magnetic-moment", "millicharge", "charge-radius", "sterile-dipole", "standard-model"],
    *["mu_eff", "mu_e", "q_ee", "r2_ee", "m4", "Lambda_1", "m4=0.1", "mu_e=nan", "m4=", "=1"],
    *["0", "1", "-1", "0.9", "1e999", "nan", "inf", "-inf", "1e-320", "9" * 40, "0x10", "1_0"],
    *["", " ", "-", "--", "---", "\x00", "\n", "é", "\u202e", "a" * 5000, "%s%n", "{}", "$HOME"],
    *["../outside", "/", "/dev/null", "/dev/full", "~", ".", "..", "out", "out/deep/er", "a\x00b"],
    *["profile", "posterior", "flat", "marginal", "tcp://127.0.0.1:9", "file:///etc/passwd"],
    *["mu_eff=1:2", "mu_eff=2:1", "x=:", "Xe136=0.01", "khan-2022", "nobody-1900", "picture.png"],
]

OPTIONS = [
    *["--signal", "--parameter", "--level", "--dof", "--fit", "--json", "--set", "--values"],
    *["--out", "--prior", "--method", "--seed", "--draws", "--tune", "--chains", "--cores"],
    *["--truth", "--number", "--simulations", "--resume", "--asimov", "--exposure", "--scale"],
    *[
        "--plot",
        "--each",
        "--check",
        "--free",
        "--range",
        "--no-plots",
        "--no-files",
        "--traceback",
    ],
    *["--help", "--version", "--si", "--unknown", "-x", "--json=1", "--level=", "--out=", "@file"],
]

CHEAP = ["list", "show", "validate", "rates", "schema", "cite", "diagnose", "limit", "toys"]
CHEAP += ["calibrate", "profile", "contour", "sample"]
"""Commands that random words reach; each ends before a long computation (see `words`)."""

VALID: dict[str, list[str]] = {
    "list": [],
    "show": ["xenonnt-2022-er"],
    "validate": ["my.toml"],
    "rates": ["xenonnt-2022-er", "--signal", "magnetic-moment"],
    "schema": [],
    "cite": ["xenonnt-2022-er"],
    "diagnose": ["out"],
}

COSTLY = ("limit", "toys", "calibrate", "profile", "contour", "sample")
"""Of these at least one word is wrong: what they do with right words is tested elsewhere."""


def words(rng: random.Random) -> list[str]:
    """Return a random command line."""
    command = rng.choice([*CHEAP, *CHEAP, rng.choice(list(COMMANDS)), rng.choice(VALUES)])
    if command in ("reproduce", "sensitivity", "priors", "impacts", "compare") or command in COSTLY:
        line = [command, "--signal", rng.choice(VALUES), "--parameter", rng.choice(VALUES)]
        line += [rng.choice([*VALUES, *OPTIONS]) for _ in range(rng.randint(0, 6))]
        # A wrong word at a random place keeps the rest from being a fine long computation.
        line.insert(rng.randint(1, len(line)), rng.choice(["--unknown", "--level=nan", "\x00"]))
        return line
    line = [command, *VALID.get(command, [])]
    for _ in range(rng.randint(0, 5)):
        change = rng.choice(["insert", "insert", "replace", "drop", "garble"])
        place = rng.randint(0, len(line))
        word = rng.choice(rng.choice([VALUES, OPTIONS]))
        if change == "insert":
            line.insert(place, word)
        elif place < len(line) and place > 0:
            if change == "replace":
                line[place] = word
            elif change == "drop":
                del line[place]
            else:
                letters = list(line[place])
                if letters:
                    letters[rng.randrange(len(letters))] = chr(rng.randint(0, 0x2FFF))
                line[place] = "".join(letters)
    return line


class Hang(BaseException):
    """An input took too long."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `Hang` after some seconds."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Hang

    timers = (
        (signal.SIGPROF, signal.ITIMER_PROF, seconds),
        (signal.SIGALRM, signal.ITIMER_REAL, PATIENCE * seconds),
    )
    old = [signal.signal(number, stop) for number, _, _ in timers]
    for _, timer, limit in timers:
        signal.setitimer(timer, limit)
    try:
        yield
    finally:
        for (number, timer, _), handler in zip(timers, old, strict=True):
            signal.setitimer(timer, 0.0)
            signal.signal(number, handler)


@contextlib.contextmanager
def working_folder() -> Iterator[Path]:
    """Work in a new folder that is alone in another one, and come back."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "work"
        folder.mkdir()
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(before)


def run(line: list[str], seconds: float = HANG_SECONDS) -> str | None:
    """Run one input; return what is wrong with how it ended, or None.

    The working folder is the only place where files may appear.
    """
    out, err = io.StringIO(), io.StringIO()
    code: object
    try:
        with (
            limited(seconds),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = main(line)
    except SystemExit as ended:
        code = ended.code
    except Hang:
        return f"hangs: {line!r}"
    except BaseException as error:
        if "--traceback" in line:
            return None  # the user has asked for it
        return f"{type(error).__name__}: {error}: {line!r}"
    if code not in (0, 1, 2, None):
        return f"exit code {code}: {line!r}"
    if "Traceback" in err.getvalue():
        return f"traceback on stderr: {line!r}"
    if code in (1, 2) and not err.getvalue() and not out.getvalue():
        return f"fails without a word: {line!r}"
    return None


@dataclass
class Tally:
    """How many inputs there were, which of them failed, and how long the slowest took."""

    inputs: int = 0
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def run(self, line: list[str], what: str = "", seconds: float = HANG_SECONDS) -> None:
        """Run one input and count it; `what` was done to it."""
        began = time.process_time()
        found = run(line, seconds)
        self.slowest = max(self.slowest, time.process_time() - began)
        self.inputs += 1
        if found is not None:
            self.fail(f"{what}: {found}" if what else found)

    def fail(self, text: str) -> None:
        """Count a failure."""
        self.failures.append(text if len(text) < 400 else text[:300] + " ...")

    def result(self) -> dict[str, object]:
        """Return the numbers, with the first few failures."""
        found = {
            "inputs": self.inputs,
            "failures": len(self.failures),
            "first": self.failures[:10],
        }
        # Of the processor: what runs in processes of its own has none here.
        return {**found, "slowest_seconds": round(self.slowest, 2)} if self.slowest else found


def fuzz(number: int, seed: int) -> dict[str, object]:
    """Run many inputs and return how many failed, with the first few of them."""
    rng = random.Random(seed)
    tally = Tally()
    with working_folder() as folder:
        # A good and a broken experiment file.
        (folder / "my.toml").write_text('extends = "xenonnt-2022-er"\n', encoding="utf-8")
        (folder / "cut.toml").write_text('extends = "xenonnt-20', encoding="utf-8")
        # Imports and caches first: they are slow once, and no input's fault.
        for line in (["list"], ["rates", *VALID["rates"]], ["validate", "my.toml"]):
            run(line, 120.0)
        for _ in range(number):
            tally.run(words(rng))
            outside = [path.name for path in folder.parent.iterdir() if path != folder]
            if outside:
                tally.fail(f"wrote {outside} outside")
    return tally.result()
