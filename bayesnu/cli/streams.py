"""What is printed when stdout or stderr is closed, full, or cannot show every letter."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, TextIO, cast


def mend_streams() -> None:
    """Give this process streams that can be written to, whatever it was started with.

    A closed one becomes /dev/null: its number must not go to the next file that is opened. On
    stderr nothing can be said about an error of stderr, so such errors end nothing; letters that a
    stream's encoding lacks are replaced.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
    if sys.stdout is None:
        sys.stdout = _nowhere()
    if sys.stderr is None:
        sys.stderr = _nowhere()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            cast(Any, stream).reconfigure(errors="backslashreplace")
    sys.stderr = cast(TextIO, Forgiving(sys.stderr))


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


class Forgiving:
    """A stream that is written to where it can be, and otherwise does nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or do not."""
        with contextlib.suppress(OSError, ValueError):
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, or do not."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def finish(code: int) -> int:
    """Bring out what was printed; return the exit code, 1 if a good one could not be printed.

    A reader that went away (`| head`) is no error.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _leave_stdout()
    except (OSError, ValueError) as error:
        _leave_stdout()
        print(f"bayesnu: stdout: cannot be written: {_reason(error)}.", file=sys.stderr)
        code = code or 1
    sys.stderr.flush()
    return code


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _leave_stdout() -> None:
    """Let what is still to be printed go nowhere: Python would print it at the end, and fail."""
    with contextlib.suppress(OSError, ValueError):
        handle = os.open(os.devnull, os.O_WRONLY)
        os.dup2(handle, sys.stdout.fileno())
        os.close(handle)
