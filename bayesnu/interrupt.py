"""Ctrl-C: remembered for the whole command, and put off while other code computes."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_presses = 0
"""Of Ctrl-C so far. A count, because blocks that put it off lie inside one another."""


def _handled(handler: Any) -> Any:
    """Install a handler and return the old one; None where there is none to install.

    In other threads than the main one Python delivers no signals, and a process that was told to
    ignore Ctrl-C (a worker, a job in the background) goes on ignoring it.
    """
    if threading.current_thread() is not threading.main_thread():
        return None
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        return None
    return signal.signal(signal.SIGINT, handler)


class Interrupt:
    """Turns the first Ctrl-C into a request; a second one interrupts at once.

    A KeyboardInterrupt is raised wherever the main thread happens to be, and there it can be
    swallowed (in a destructor) or leave a file half-written.
    """

    def __init__(self) -> None:
        self._before = _presses
        self._old: Any = None

    @property
    def requested(self) -> bool:
        """Whether Ctrl-C was pressed since this began, in a block inside of this one too."""
        return _presses > self._before

    def __enter__(self) -> Interrupt:
        self._before = _presses
        self._old = _handled(self._request)
        return self

    def _request(self, _number: int, _frame: object) -> None:
        global _presses
        again = self.requested
        _presses += 1
        if again:
            raise KeyboardInterrupt

    def __exit__(self, *_: object) -> None:
        if self._old is not None:
            signal.signal(signal.SIGINT, self._old)


class Remembered:
    """Says whether Ctrl-C was pressed while a command ran, wherever that was noticed."""

    def __init__(self) -> None:
        self._before = _presses

    @property
    def pressed(self) -> bool:
        """Whether it was."""
        return _presses > self._before


@contextmanager
def remembered() -> Iterator[Remembered]:
    """Handle Ctrl-C for a whole command: it interrupts, and is not forgotten if that is lost.

    It is lost in destructors, where Python prints a traceback and goes on; that is kept quiet.
    """

    def interrupt(_number: int, _frame: object) -> None:
        global _presses
        _presses += 1
        raise KeyboardInterrupt

    def unraisable(found: sys.UnraisableHookArgs) -> None:
        if not issubclass(found.exc_type, KeyboardInterrupt):
            shown(found)

    shown = sys.unraisablehook
    old = _handled(interrupt)
    sys.unraisablehook = unraisable
    try:
        yield Remembered()
    finally:
        sys.unraisablehook = shown
        if old is not None:
            signal.signal(signal.SIGINT, old)
