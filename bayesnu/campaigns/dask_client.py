"""Reach a Dask cluster by the address of its scheduler."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

from bayesnu.errors import ComputationError, InputError

CONNECT_SECONDS = 30


@contextlib.contextmanager
def client_at(address: str | None) -> Iterator[Any]:
    """Connect to a scheduler for as long as the context lasts.

    Parameters
    ----------
    address : str or None
        ``tcp://host:8786``, or a scheduler file (``*.json``); None: no cluster.

    Yields
    ------
    dask.distributed.Client or None

    Raises
    ------
    InputError
        If Dask is not installed, or the address is none.
    ComputationError
        If nobody answers there.
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
    try:
        key = "scheduler_file" if address.endswith(".json") else "address"
        client = distributed.Client(**{key: address}, timeout=CONNECT_SECONDS, set_as_default=False)
    except (TimeoutError, OSError) as error:
        raise ComputationError(f"--dask {address}: no scheduler answers ({error}).") from None
    except (ValueError, TypeError) as error:
        raise InputError(
            "--dask", "address", found=str(error), expected="tcp://HOST:PORT"
        ) from None
    try:
        yield client
    finally:
        client.close()
