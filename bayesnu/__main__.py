"""Where ``bayesnu`` and ``python -m bayesnu`` begin: next to nothing is imported before Ctrl-C is
handled."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` would be half of what is imported
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))

INTERRUPTED = 130
"""As `bayesnu.errors.Interrupted` has it, which is not there yet."""


def main() -> int:
    """Run the command line. Until its own handler is there, Ctrl-C ends the process at once."""
    try:
        import signal

        # A KeyboardInterrupt would be swallowed or changed by some of what is being imported.
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _end)
        from bayesnu.cli import main as command_line

        return command_line()
    except KeyboardInterrupt:
        _end()


def _end(_number: int = 0, _frame: FrameType | None = None) -> NoReturn:
    try:
        os.write(2, b"bayesnu: interrupted.\n")
    finally:
        os._exit(INTERRUPTED)


def _leave_current_folder() -> None:
    """Take the current folder, which Python puts first, off the path: what lies there would be
    imported by any name. Only where the package itself is taken from there does it have to stay.
    """
    try:
        current = os.getcwd()
    except OSError:  # a folder that has been removed
        return
    if not sys.flags.safe_path and sys.path[0] in ("", current) and os.path.realpath(".") != HERE:
        del sys.path[0]


if __name__ == "__main__":
    _leave_current_folder()
    sys.exit(main())
