"""Reach a Dask cluster by the address of its scheduler, and see that its workers are fit for it."""

from __future__ import annotations

import contextlib
import importlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bayesnu import __version__
from bayesnu.errors import BayesnuError, ComputationError, InputError
from bayesnu.files.checked_json import read_json

CONNECT_SECONDS = 30

CLOSE_SECONDS = 5

WORKER_SECONDS = 60
"""How long to wait for the first worker of a cluster."""

POLL_SECONDS = 0.2

ADDRESS = re.compile(r"(?:(?:tcp|tls|ws|wss|ucx)://)?(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}")


@contextlib.contextmanager
def client_at(address: str | None) -> Iterator[Any]:
    """Connect to a scheduler for as long as the context lasts.

    Parameters
    ----------
    address : str or None
        ``tcp://host:8786``, or a scheduler file (``*.json``); None: no cluster.

    Raises
    ------
    InputError
        If Dask is not installed, or the address is none.
    ComputationError
        If nobody answers there, or the scheduler is lost.
    """
    if address is None:
        yield None
        return
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise InputError(
            "--dask", "package distributed", found="nothing", expected="`pip install bayesnu[dask]`"
        ) from None
    client = _connected(distributed.Client, _scheduler(address), address)
    lost = (
        importlib.import_module("distributed.comm").CommClosedError,
        importlib.import_module("distributed.client").FutureCancelledError,
    )
    try:
        yield client
    except BayesnuError:
        raise
    except Exception as error:
        # A client that has given up its scheduler fails in whatever it was about to do.
        if client.status == "running" and not isinstance(error, lost):
            raise
        raise ComputationError("The connection to the Dask cluster was lost.") from None
    finally:
        with contextlib.suppress(Exception):
            client.close(timeout=CLOSE_SECONDS)
        client.status = "closed"


def _scheduler(address: str) -> str:
    """Return the address of a scheduler, of its file too."""
    if address.endswith(".json"):
        found = read_json(Path(address), "a scheduler file of Dask")
        address = str(found.get("address")) if isinstance(found, dict) else ""
    if not ADDRESS.fullmatch(address):
        raise InputError("--dask", "address", found=repr(address), expected="tcp://HOST:PORT")
    return address


def _connected(make: Any, scheduler: str, address: str) -> Any:
    """Return a client; Ctrl-C is heard while it is being made.

    Making one can wait for ever (for something that listens and is no scheduler), in a way that
    no signal ends, and one that has failed waits when it is taken apart.
    """
    client = make.__new__(make)
    errors: list[BaseException] = []

    def connect() -> None:
        try:
            client.__init__(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    until = time.monotonic() + CONNECT_SECONDS + CLOSE_SECONDS
    try:
        while thread.is_alive() and time.monotonic() < until:
            thread.join(POLL_SECONDS)
        if thread.is_alive() or errors:
            reason = str(errors[0]) if errors else "no answer"
            raise ComputationError(f"--dask {address}: no scheduler answers ({reason}).")
    except BaseException:
        client.status = "closed"  # or it waits for its connection when it is taken apart
        raise
    return client


class Workers:
    """The workers of a cluster, each asked for its version before it gets work."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._fit: set[str] = set()

    def wait(self, stop: Callable[[], bool]) -> bool:
        """Wait for the first worker; return False if stopped."""
        until = time.monotonic() + WORKER_SECONDS
        while not self.cores():
            if stop():
                return False
            if time.monotonic() > until:
                raise ComputationError(f"The Dask cluster has no workers after {WORKER_SECONDS} s.")
            time.sleep(POLL_SECONDS)
        return not stop()

    def cores(self) -> int:
        """Return how many cores there are."""
        cores: dict[str, int] = self._client.ncores()
        if cores.keys() - self._fit:
            self._check()
            self._fit |= cores.keys()
        return sum(cores.values())

    def _check(self) -> None:
        found = self._client.get_versions(packages=["bayesnu"])["workers"]
        for address, says in found.items():
            version = says["packages"].get("bayesnu")
            if version != __version__:
                other = f"bayesnu {version}" if version else "no bayesnu"
                raise ComputationError(
                    f"The Dask worker {address} has {other}, and this is {__version__}: "
                    "the same version is needed everywhere."
                )
