"""Where neutrinos come from."""

from __future__ import annotations

from collections.abc import Callable

from bayesnu.errors import InputError
from bayesnu.physics.source import Source
from bayesnu.physics.sources.sun.sun import sun

SOURCES: dict[str, Callable[..., Source]] = {"sun": sun}
"""Source by name: takes the treatment of neutrinos, and oscillation parameters to change."""


def source_by_name(name: str) -> Callable[..., Source]:
    """Return the source of a name, to be called with the treatment of an experiment file."""
    if name not in SOURCES:
        raise InputError("source", "name", found=repr(name), expected=" | ".join(SOURCES))
    return SOURCES[name]
