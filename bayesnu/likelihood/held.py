"""What a fit holds: the values given, and masses that are zero because nobody gave one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bayesnu.results import held as results

if TYPE_CHECKING:
    from bayesnu.likelihood.likelihood import Likelihood


def held(likelihood: Likelihood) -> dict[str, Any]:
    """Return every value that a fit holds, and the units, for JSON."""
    made: Any = likelihood.provenance
    return {key: dict(made.get(key, {})) for key in ("fixed", "fixed_units")}


def held_text(likelihood: Likelihood) -> str:
    """Return what a fit holds as the end of a line: ``, m4 = 0.1 [MeV] held``."""
    found = held(likelihood)
    return results.held_text(found["fixed"], found["fixed_units"])
