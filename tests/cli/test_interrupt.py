"""Ctrl-C while sampling: the draws made so far are kept, and the message says where."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from command_line import MOMENT, environment

LIMIT = ("limit", "xenonnt-2022-er", *MOMENT)

TUNING = 4 * 500
"""Steps of all chains before the first draw that is kept."""


@dataclass
class OnTerminal:
    """A command whose stderr is a terminal, so that it shows its progress."""

    process: subprocess.Popen[bytes]
    terminal: int
    shown: str = ""

    def wait_for(self, pattern: str, enough: int = 0, seconds: float = 60.0) -> None:
        """Read until the pattern, or the last number it captures, says that it is far enough."""
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            self.shown += os.read(self.terminal, 4096).decode()
            found = re.findall(pattern, self.shown)
            if found and (not enough or int(found[-1]) > enough):
                return
        raise AssertionError(f"no {pattern} in {seconds} s: {self.shown[-200:]!r}")

    def interrupt(self) -> tuple[str, str]:
        """Press Ctrl-C; return what stdout and stderr still say."""
        self.process.send_signal(signal.SIGINT)
        stdout = self.process.communicate(timeout=60)[0].decode()
        last = os.read(self.terminal, 65536).decode().replace("\r\n", "\n")
        return stdout, last


@contextmanager
def on_terminal(*words: str, cwd: Path) -> Iterator[OnTerminal]:
    """Start the command line; it is ended when the test is."""
    terminal, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bayesnu", *words],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        yield OnTerminal(process, terminal)
    finally:
        process.kill()
        process.communicate()
        os.close(terminal)


def test_ctrl_c_keeps_the_draws_and_says_where(tmp_path: Path) -> None:
    folder = tmp_path / "results/xenonnt-2022-er/magnetic-moment/mu_eff"
    # With --json nothing is written, unless the run is interrupted.
    words = [*LIMIT, "--method", "posterior", "--draws", "500000", "--no-plots", "--json"]
    with on_terminal(*words, cwd=tmp_path) as run:
        run.wait_for(r"\[#* *\] sampling (\d+)/2002000[^\r]* left", enough=4 * TUNING)
        stdout, last = run.interrupt()
        assert run.process.returncode == 130
    assert "interrupted" in last
    assert str(folder.relative_to(tmp_path)) in last
    assert "Traceback" not in last + stdout
    assert json.loads(stdout)["results"][0]["bayesian"]["draws"] >= 100

    import xarray as xr

    with xr.open_datatree(folder / "posterior.nc") as tree:
        assert tree.attrs["complete"] == 0
        assert tree["posterior"].sizes["draw"] >= 100
        assert bool(tree["posterior"]["mu_eff"].notnull().all())
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_ctrl_c_before_sampling_ends_at_once_and_writes_nothing(tmp_path: Path) -> None:
    # A profile over six charge radii takes long enough to be interrupted.
    words = ("limit", "xenonnt-2022-er", "--signal", "charge-radius", "--parameter", "r2_ee")
    with on_terminal(*words, "--fit", "marginal", "--method", "profile", cwd=tmp_path) as run:
        run.wait_for("profile")
        stdout, last = run.interrupt()
        assert run.process.returncode == 130
    assert last.rstrip().endswith("bayesnu: interrupted.")
    assert stdout == ""
    assert list(tmp_path.iterdir()) == []
