"""The compiled functions, as Python calls them."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CFUNCTYPE, c_int64, c_uint64, c_void_p
from functools import cache
from typing import Any

_SIGNATURES = {
    "log_posterior": (c_int64, c_uint64, c_void_p, c_void_p, c_void_p, c_void_p),
    "minimise": (c_int64, c_void_p, c_void_p, c_void_p, c_void_p),
}


@cache
def function(name: str) -> Callable[..., Any]:
    """Return a compiled function; it takes sizes and addresses of arrays."""
    from bayesnu.inference.machine_code import address

    return CFUNCTYPE(*_SIGNATURES[name])(address(name))
