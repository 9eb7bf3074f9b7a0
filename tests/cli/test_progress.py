"""The progress line: quiet in a pipe, with the time left on a terminal."""

from __future__ import annotations

import io
import time

import pytest

from bayesnu.cli.options.progress import ProgressLine, duration


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_nothing_is_written_to_a_pipe() -> None:
    stream = io.StringIO()
    progress = ProgressLine(stream)
    progress(0.5, "sampling 1/2")
    progress.done()
    assert stream.getvalue() == ""


def test_the_line_shows_what_how_much_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    stream = Terminal()
    progress = ProgressLine(stream)
    progress(0.0, "sampling 0/4000")
    now += 10.0
    progress(0.25, "sampling 1000/4000")
    # A quarter took 10 s: three quarters are left.
    assert stream.getvalue().endswith("[######                  ] sampling 1000/4000  30 s left")
    progress.done()
    assert stream.getvalue().endswith("\r")


def test_the_clock_starts_anew_in_every_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    stream = Terminal()
    progress = ProgressLine(stream)
    progress(0.5, "profile")
    now += 100.0
    progress(0.0, "mode 1 of 2: sampling 0/10")
    now += 1.0
    progress(0.5, "mode 1 of 2: sampling 5/10, 1 divergences")
    assert stream.getvalue().endswith("1 s left")


def test_a_long_line_does_not_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    ProgressLine(stream)(0.5, "sampling " + "x" * 200)
    assert len(stream.getvalue()) <= 40


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text
