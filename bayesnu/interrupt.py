"""Ctrl-C while other code computes."""

from __future__ import annotations

import signal
import threading
from typing import Any


class Interrupt:
    """Turns the first Ctrl-C into a request; a second one interrupts at once.

    A KeyboardInterrupt is raised wherever the main thread happens to be, and there it can be
    swallowed (in a destructor) or leave a file half-written. In other threads than the main
    one, Python delivers no signals and this does nothing.
    """

    def __init__(self) -> None:
        self.requested = False
        self._old: Any = None

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            self._old = signal.signal(signal.SIGINT, self._request)
        return self

    def _request(self, _number: int, _frame: object) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True

    def __exit__(self, *_: object) -> None:
        if self._old is not None:
            signal.signal(signal.SIGINT, self._old)
