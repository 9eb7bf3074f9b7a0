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
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import MagicMock

import pytest
from command_line import MOMENT, environment
from fuzzing_interrupts import fuzz_interrupts
from monte_carlo import seed

from bayesnu.interrupt import remembered

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
    words = [*LIMIT, "--method", "posterior", "--draws", "250000", "--no-plots", "--json"]
    with on_terminal(*words, cwd=tmp_path) as run:
        run.wait_for(r"\[#* *\] sampling (\d+)/1002000[^\r]* left", enough=4 * TUNING)
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


def on_pipe(*words: str, cwd: Path, after: str, seconds: float = 60.0) -> tuple[int, str, str]:
    """Run a command, press Ctrl-C when its progress shows a pattern; return code and output."""
    with on_terminal(*words, cwd=cwd) as run:
        run.wait_for(after, seconds=seconds)
        stdout, last = run.interrupt()
        assert "Traceback" not in stdout + last + run.shown
        return int(run.process.returncode), stdout, run.shown + last


def hidden(folder: Path) -> list[Path]:
    """Return what should not have stayed."""
    return [path for path in folder.rglob(".*") if path.is_file()]


LONG = ("--draws", "200000", "--cores", "1", "--chains", "2")


def test_a_posterior_of_two_modes_keeps_the_profile(tmp_path: Path) -> None:
    words = ["limit", "xenonnt-2022-er", "--signal", "charge-radius", "--parameter", "r2_ee"]
    code, stdout, last = on_pipe(
        *words, *LONG, "--no-plots", "--out", "here", cwd=tmp_path, after="mode 1 of 2: sampling"
    )
    assert code == 130 and "interrupted; no draw could be kept" in last
    assert "Delta chi2 < 2.706" in stdout and "credible" not in stdout
    (result,) = json.loads((tmp_path / "here" / "limit.json").read_text())["results"]
    assert result["interrupted"] is True
    assert result["frequentist"]["intervals"] and result["bayesian"] is None
    assert not hidden(tmp_path)


def test_a_limit_from_some_of_its_draws_says_so(tmp_path: Path) -> None:
    words = [*LIMIT, *LONG, "--tune", "60", "--method", "posterior", "--no-plots", "--out", "here"]
    code, stdout, _ = on_pipe(*words, cwd=tmp_path, after=r"sampling [1-9]\d{4,}/")
    assert code == 130 and "INTERRUPTED" in stdout
    (result,) = json.loads((tmp_path / "here" / "limit.json").read_text())["results"]
    assert result["interrupted"] is True
    assert result["bayesian"]["interrupted"] is True and result["bayesian"]["converged"] is False


def test_priors_that_are_done_are_printed(tmp_path: Path) -> None:
    words = ("priors", "xenonnt-2022-er", *MOMENT, *LONG)
    code, stdout, last = on_pipe(*words, cwd=tmp_path, after="sampling")
    assert code == 130 and "bayesnu: interrupted." in last
    assert "Delta chi2, 1 dof" in stdout and "INTERRUPTED: the other priors are missing" in stdout


def test_a_paper_whose_rows_are_not_done_ends_with_130(tmp_path: Path) -> None:
    words = ("reproduce", "khan-2022", "--method", "both", *LONG)
    code, _, last = on_pipe(*words, cwd=tmp_path, after=r"\[#* *\] ")
    assert code == 130 and "interrupted" in last
    assert list(tmp_path.iterdir()) == []


def test_toys_without_a_finished_fit_end_with_a_sentence(tmp_path: Path) -> None:
    words = ["toys", "xenonnt-2022-er", *MOMENT, "--truth", "0", "--number", "4000"]
    words += ["--cores", "2", "--no-plots", "--out", "here"]
    process = subprocess.Popen(
        [sys.executable, "-m", "bayesnu", *words],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (tmp_path / "here" / "campaign.json").exists():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.01)
    time.sleep(0.1)
    # A terminal sends Ctrl-C to every process, so to the workers that are starting too.
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "nterrupted" in errors and "Traceback" not in errors
    assert errors.count("\n") == 1, errors


def test_what_swallows_ctrl_c_does_not_hide_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from bayesnu.cli import main
    from bayesnu.cli.commands import list as command

    def swallow(_: object) -> int:
        with suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1.0)
        return 0

    monkeypatch.setattr(command, "run", swallow)
    assert main(["list"]) == 130


def test_a_process_that_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    from bayesnu.interrupt import Interrupt

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupt() as interrupt:
            os.kill(os.getpid(), signal.SIGINT)
            assert not interrupt.requested
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_inner_request_reaches_the_outer_block() -> None:
    from bayesnu.interrupt import Interrupt

    with Interrupt() as outer:
        with Interrupt() as inner:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
            assert inner.requested
        assert outer.requested
        with Interrupt() as later:
            assert not later.requested


def test_exposures_that_are_done_are_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bayesnu.analyses import sensitivity
    from bayesnu.cli import main

    profiled = sensitivity._delta_chi2
    done: list[float] = []

    def once(*given: Any) -> Any:
        if done:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1.0)
        done.append(1.0)
        return profiled(*given)

    monkeypatch.setattr(sensitivity, "_delta_chi2", once)
    words = ["sensitivity", "darwin-30ty", *MOMENT, "--exposures", "30", "300"]
    assert main([*words, "--json"]) == 130
    printed = capsys.readouterr()
    (result,) = json.loads(printed.out)["results"]
    assert [point["exposure"] for point in result["points"]] == [30.0]
    assert result["interrupted"] is True
    assert printed.err.endswith("bayesnu: interrupted.\n")


def test_an_interrupted_step_of_a_run_is_not_taken_for_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from bayesnu.errors import Interrupted
    from bayesnu.run_file import steps
    from bayesnu.run_file.schema import SensitivityStep

    found = SimpleNamespace(interrupted=True)
    monkeypatch.setattr(steps, "sensitivity", lambda *_, **__: found)
    monkeypatch.setattr(steps, "experiments_of", lambda *_: [""])
    monkeypatch.setattr(steps, "question_of", MagicMock())
    step = SensitivityStep(parameter="mu_eff", exposures_t_yr=(30.0,))
    with pytest.raises(Interrupted):
        steps.do_step(cast(Any, MagicMock()), step, tmp_path, lambda *_: None)


def test_ctrl_c_that_a_destructor_swallows_is_quiet_and_not_forgotten(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Dying:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    with remembered() as ctrl_c:
        dying = Dying()
        del dying
    assert ctrl_c.pressed
    assert capsys.readouterr().err == ""


def at_start(script: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a script, and after it the command line as the installed command starts it."""
    start = "from bayesnu.__main__ import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-P", "-c", f"import os, signal, sys\n{script}\n{start}", "list"],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


PRESSED_AT = """
class Press:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Press())
"""


@pytest.mark.parametrize(
    "name", ["bayesnu.cli", "argparse", "bayesnu.interrupt", "bayesnu.cli.commands.list"]
)
def test_ctrl_c_while_the_command_line_is_imported_is_a_sentence(name: str, tmp_path: Path) -> None:
    done = at_start(PRESSED_AT.format(name=name), tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "bayesnu: interrupted.\n")


def test_a_command_in_the_background_is_not_interrupted_while_it_starts(tmp_path: Path) -> None:
    ignored = "signal.signal(signal.SIGINT, signal.SIG_IGN)"
    done = at_start(ignored + PRESSED_AT.format(name="bayesnu.cli"), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_ctrl_c_within_an_exec_ends_with_the_same_code(tmp_path: Path) -> None:
    # Python then kills itself at the end, however the exception was handled.
    press = "import time; os.kill(os.getpid(), signal.SIGINT); time.sleep(1)"
    script = f"""
import bayesnu.cli.commands.list as command
command.run = lambda _: exec({press!r}, {{"os": os, "signal": signal}})
"""
    done = at_start(script, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "bayesnu: interrupted.\n")


def test_what_has_ended_is_not_interrupted(tmp_path: Path) -> None:
    late = "import atexit; atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))"
    done = at_start(late, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "xenonnt-2022-er" in done.stdout


def test_ctrl_c_at_random_moments_ends_as_promised() -> None:
    # Of every command that computes, and more of them, in the long run (benchmarks/campaigns.py).
    found = fuzz_interrupts("rates", 4, seed=seed(6))
    assert found["failures"] == 0, found["first"]


def test_next_to_nothing_is_imported_before_ctrl_c_is_handled() -> None:
    code = "import sys; before = set(sys.modules); import bayesnu.__main__; "
    code += "print(*sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["__future__", "bayesnu", "bayesnu.__main__"]


def test_another_error_that_ctrl_c_makes_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bayesnu.cli import main
    from bayesnu.cli.commands import list as command

    def half_imported(_: object) -> int:
        with suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1.0)
        raise ImportError("cannot import name")

    monkeypatch.setattr(command, "run", half_imported)
    assert main(["list"]) == 130
    assert capsys.readouterr().err == "bayesnu: interrupted.\n"
