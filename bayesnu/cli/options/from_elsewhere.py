"""Saved results may come from anywhere: what goes wrong with them is said in one sentence."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from bayesnu.errors import BayesnuError, InputError


@contextlib.contextmanager
def from_elsewhere(path: Path) -> Iterator[None]:
    """Blame the results in `path` for what goes wrong while they are used.

    Readers check kinds of values and sizes. What a good number in the wrong place, or an array
    of another shape, leads to in a picture or a diagnostic cannot be listed.

    Raises
    ------
    InputError
        With the first line of the error; its traceback is shown by ``--traceback``.
    """
    try:
        yield
    except BayesnuError:
        raise
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        MemoryError,
        RuntimeError,
        StopIteration,
        TypeError,
        ValueError,
    ) as error:
        first = str(error).partition("\n")[0]
        raise InputError(
            path,
            "contents",
            found=f"{type(error).__name__}: {first}",
            expected="results as bayesnu writes them",
        ) from error
