"""A progress line on stderr: what is done, how much, how long it will take; quiet in a pipe."""

from __future__ import annotations

import sys
import time


class ProgressLine:
    """Draws one line that is overwritten; use it as a callable ``(fraction, word)``.

    Parameters
    ----------
    enabled : bool, optional
        Default: whether stderr is a terminal.
    """

    WIDTH = 24

    def __init__(self, enabled: bool | None = None) -> None:
        self.enabled = sys.stderr.isatty() if enabled is None else enabled
        self._started = time.monotonic()
        self._phase = ""
        self._drawn = 0.0
        self._length = 0

    def __call__(self, fraction: float, word: str) -> None:
        """Draw the line: `fraction` of the current phase is done."""
        if not self.enabled:
            return
        now = time.monotonic()
        phase = word.split()[0]
        if phase != self._phase:
            self._phase, self._started = phase, now
        elif now - self._drawn < 0.1 and fraction < 1.0:
            return
        self._drawn = now
        fraction = min(max(fraction, 0.0), 1.0)
        bar = "#" * round(self.WIDTH * fraction)
        left = ""
        if 0.02 < fraction < 1.0:
            left = f"  {(now - self._started) * (1.0 - fraction) / fraction:.0f} s left"
        text = f"[{bar:<{self.WIDTH}}] {word}{left}"
        sys.stderr.write("\r" + text.ljust(self._length))
        sys.stderr.flush()
        self._length = len(text)

    def done(self) -> None:
        """Wipe the line."""
        if self.enabled and self._length:
            sys.stderr.write("\r" + " " * self._length + "\r")
            sys.stderr.flush()
            self._length = 0
