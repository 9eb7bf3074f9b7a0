"""Computing commands in processes of their own, and what is wrong with how one has ended."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from command_line import environment

from bayesnu.campaigns.store import LOCK_FILE, SETTINGS_FILE, read_rows, read_settings
from bayesnu.cli import main

MOMENT = ["xenonnt-2022-er", "--signal", "magnetic-moment"]
MU = [*MOMENT, "--parameter", "mu_eff"]
SHORT = ["--draws", "1000", "--tune", "500", "--chains", "2", "--cores", "1"]
CAMPAIGN = ["--no-plots", "--out", "out"]

COMMANDS: dict[str, list[str]] = {
    "limit": ["limit", *MU, *SHORT, "--no-plots", "--out", "out"],
    "sample": ["sample", *MU, *SHORT, "--out", "out"],
    "priors": ["priors", *MU, *SHORT],
    "impacts": ["impacts", *MU],
    "compare": ["compare", "lz-2022-er", *MU, *SHORT, "--out", "out"],
    "profile": ["profile", *MU],
    "contour": ["contour", *MOMENT, "--parameters", "mu_e", "mu_mu", "--points", "21"],
    "sensitivity": ["sensitivity", "darwin-30ty", *MU[1:], "--exposures", "30", "100"],
    "toys": ["toys", *MU, *CAMPAIGN, "--truth", "0", "--number", "6", "--cores", "2"],
    "calibrate": ["calibrate", *MOMENT, *CAMPAIGN, "--simulations", "2", "--cores", "1"],
    "reproduce": ["reproduce", "khan-2022"],
    "run": ["run", "analysis.toml", "--out", "out"],
    "rates": ["rates", *MOMENT],
}
"""Every command that computes, with little to do."""

RUN_FILE = """\
title = "Two limits"
experiments = ["xenonnt-2022-er"]
signal = "magnetic-moment"
method = "profile"
limit = [{ parameter = "mu_eff" }, { parameter = "mu_e" }]
[output]
figures = []
report = false
"""

LONGEST = 600.0
"""Seconds of the clock, on a busy machine."""


def start(words: list[str], folder: Path, *shell: str) -> subprocess.Popen[str]:
    """Start a command as a terminal does: in a group of its own that hears Ctrl-C."""
    return subprocess.Popen(
        [*shell, sys.executable, "-m", "bayesnu", *words],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (None for a hang) and what it printed."""

    code: int | None
    out: str
    err: str

    def wrong(self, codes: Sequence[int | None]) -> str:
        """Return what is wrong with that, or nothing."""
        if self.code is None:
            return "hangs"
        if "Traceback" in self.err:
            return self.err.strip().splitlines()[-1][:200]
        if self.code not in codes:
            return f"exit code {self.code}: {self.err.strip()[-200:]}"
        return "" if self.code in (0, None) or self.err or self.out else "fails without a word"


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for a command."""
    try:
        out, err = process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return Ended(None, "", "")
    return Ended(process.returncode, out, err)


def unreadable(folder: Path) -> list[str]:
    """Return what is wrong with the files that a command has left: none is half or hidden, and
    readers of results take those that are there."""
    out = folder / "out"
    hidden = {path for path in folder.rglob(".*") if path.is_file()} - {out / LOCK_FILE}
    failures = [f"left {path.relative_to(folder)}" for path in hidden]
    if (out / SETTINGS_FILE).is_file():
        read_rows(out, read_settings(out)["columns"])
    readers = {"limit.json": "cite", "run.json": "cite", "posterior.nc": "diagnose"}
    for name, reader in readers.items():
        if (out / name).is_file():
            said = io.StringIO()
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
                code = main([reader, str(out)])
            if code not in (0, 1):  # a short posterior has not converged
                failures.append(f"{name} cannot be read: {said.getvalue()[-200:]}")
    return failures
