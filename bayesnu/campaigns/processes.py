"""How worker processes start: from installed modules only, and deaf to Ctrl-C."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SAFE_PATH = "PYTHONSAFEPATH"


@contextmanager
def starting() -> Iterator[None]:
    """Processes that start in this block import nothing from the current folder while they start.

    `multiprocessing` starts them with ``python -c``, which looks there first: a ``signal.py`` or
    ``random.py`` of somebody's own would be run in place of Python's. They also begin with Ctrl-C
    blocked, and stay so: it reaches every process of a terminal, and only the first one has to act
    on it. Here it is only late.
    """
    before = os.environ.get(SAFE_PATH)
    os.environ[SAFE_PATH] = "1"
    main = threading.current_thread() is threading.main_thread()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if main else None
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(SAFE_PATH, None)
        else:
            os.environ[SAFE_PATH] = before
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def follow_parent() -> None:
    """Leave Ctrl-C to the process that started this one, and end when that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    """End this worker when the process that started it is gone, killed ones included."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
