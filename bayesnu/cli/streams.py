"""What is printed when stdout or stderr is closed, full, or cannot show every letter."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any, TextIO, cast


class Forgiving:
    """A stream that is written to where it can be; the first error ends nothing but itself.

    Attributes
    ----------
    failed : Exception or None
        That error.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.failed: Exception | None = None

    def write(self, text: str) -> int:
        """Write, if that has not failed before."""
        if self.failed is None:
            try:
                self._stream.write(text)
            except (OSError, ValueError) as error:
                self.failed = error
        return len(text)

    def flush(self) -> None:
        """Bring out what was written, if that has not failed before."""
        if self.failed is None:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self.failed = error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def mend_streams() -> None:
    """Give this process streams that can be written to, whatever it was started with.

    A closed one becomes /dev/null: its number must not go to the next file that is opened. Letters
    that a stream's encoding lacks are replaced. A limit is computed and its files are written
    even if it cannot be printed, so errors are only remembered, for `finish`.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
    sys.stdout, sys.stderr = _mended(sys.stdout), _mended(sys.stderr)


def _mended(stream: TextIO | None) -> TextIO:
    if stream is None:
        stream = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    with contextlib.suppress(AttributeError, OSError, ValueError):
        cast(Any, stream).reconfigure(errors="backslashreplace")
    return cast(TextIO, Forgiving(stream))


def finish(code: int) -> int:
    """Bring out what was printed; return the exit code, 1 if a good result could not be printed.

    A reader that went away (`| head`) is no error.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        error = cast(Forgiving, stream).failed
        if error is None:
            continue
        # Python would try once more at the end, and fail.
        with contextlib.suppress(OSError, ValueError):
            handle = os.open(os.devnull, os.O_WRONLY)
            os.dup2(handle, stream.fileno())
            os.close(handle)
        if stream is sys.stdout and not isinstance(error, BrokenPipeError):
            reason = getattr(error, "strerror", None) or error
            print(f"bayesnu: stdout: cannot be written: {reason}.", file=sys.stderr)
            code = code or 1
    return code
