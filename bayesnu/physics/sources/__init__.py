"""Where neutrinos come from."""

from __future__ import annotations

from bayesnu.physics.source import SourceOptions
from bayesnu.physics.sources.pion_decay_at_rest import PionDecayAtRest
from bayesnu.physics.sources.reactor import Reactor
from bayesnu.physics.sources.sun.sun import SunOptions
from bayesnu.physics.sources.table import TableSource

SOURCES: dict[str, type[SourceOptions]] = {
    "sun": SunOptions,
    "reactor": Reactor,
    "pion-decay-at-rest": PionDecayAtRest,
    "table": TableSource,
}
"""Kinds of sources by name: what experiment files say of them, and the neutrinos that arrive."""
