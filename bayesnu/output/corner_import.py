"""Import corner without waiting for the whole of ArviZ.

corner looks for ArviZ when it is imported, plots included (three seconds), for three functions
that live in ``arviz_base``, which is loaded anyway. While corner is imported, ``arviz`` is a
stand-in that hands out the functions of ``arviz_base``: corner then reads a DataTree as usual.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any


class _ArvizBase(types.ModuleType):
    """Hands out what ``arviz`` re-exports from ``arviz_base``."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module("arviz_base"), name)


def import_corner() -> Any:
    """Return the corner package, with its support of DataTrees."""
    if "corner" in sys.modules or "arviz" in sys.modules:
        return importlib.import_module("corner")
    sys.modules["arviz"] = _ArvizBase("arviz")
    try:
        return importlib.import_module("corner")
    finally:
        del sys.modules["arviz"]
