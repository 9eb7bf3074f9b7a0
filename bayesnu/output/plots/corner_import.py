"""Import corner's drawing alone.

Importing the package ``corner`` imports ArviZ as well, for its support of DataTrees, which the
drawing of an array does not need (half a second to three, as much as the drawing itself).
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
from typing import Any


@functools.cache
def corner_core() -> Any:
    """Return the module ``corner.core``, a copy where ``corner`` has not been imported before.

    A later ``import corner`` is the usual one.
    """
    spec = importlib.util.find_spec("corner") if "corner" not in sys.modules else None
    if spec is None:
        return importlib.import_module("corner.core")
    # The package without what its __init__ imports, while its core is imported.
    sys.modules["corner"] = importlib.util.module_from_spec(spec)
    try:
        return importlib.import_module("corner.core")
    finally:
        del sys.modules["corner"]
        sys.modules.pop("corner.core", None)
