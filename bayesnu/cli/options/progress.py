"""A progress line on stderr: what is done, how much, how long it will take; quiet in a pipe."""

from __future__ import annotations

import re
import shutil
import sys
import time
from typing import Self, TextIO

COUNT = re.compile(r"\s*\d+/\d+.*")
"""What changes within a phase: ``sampling 10/4000, 1 divergences``."""


class ProgressLine:
    """Draws one line that is overwritten; use it as a callable ``(fraction, word)``.

    After a block ``with ProgressLine() as progress`` it is wiped.

    Parameters
    ----------
    stream : text stream, optional
        Default: stderr.
    enabled : bool, optional
        Default: whether the stream is a terminal.
    """

    WIDTH = 24
    EVERY_SECONDS = 0.1
    PATIENCE_SECONDS = 2.0

    def __init__(self, stream: TextIO | None = None, enabled: bool | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self.enabled = self._stream.isatty() if enabled is None else enabled
        self._started = time.monotonic()
        self._phase = ""
        self._drawn = 0.0
        self._length = 0

    def __call__(self, fraction: float, word: str) -> None:
        """Draw the line: `fraction` of the current phase is done."""
        if not self.enabled:
            return
        now = time.monotonic()
        phase = COUNT.sub("", word)
        if phase != self._phase:
            self._phase, self._started = phase, now
        elif now - self._drawn < self.EVERY_SECONDS and fraction < 1.0:
            return
        self._drawn = now
        fraction = min(max(fraction, 0.0), 1.0)
        bar = "#" * round(self.WIDTH * fraction)
        left = ""
        spent = now - self._started
        if (fraction > 0.02 or spent > self.PATIENCE_SECONDS) and 0.0 < fraction < 1.0:
            left = f"  {duration(spent * (1.0 - fraction) / fraction)} left"
        # A line that wraps cannot be overwritten.
        text = f"[{bar:<{self.WIDTH}}] {word}{left}"[: shutil.get_terminal_size().columns - 1]
        self._stream.write("\r" + text.ljust(self._length))
        self._stream.flush()
        self._length = len(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.done()

    def done(self) -> None:
        """Wipe the line."""
        if self.enabled and self._length:
            self._stream.write("\r" + " " * self._length + "\r")
            self._stream.flush()
            self._length = 0


def duration(seconds: float) -> str:
    """Return a duration as people say it: ``40 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
