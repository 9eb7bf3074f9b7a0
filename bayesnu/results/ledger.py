"""A limit that somebody has published, and all that says with which others it can be compared."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bayesnu.types import Interval


@dataclass(frozen=True)
class LedgerRow:
    """A published limit."""

    label: str
    """Of the experiment or the paper, for a reader."""
    kind: str
    """``solar-xenon``, ``solar``, ``reactor``, ``accelerator``, ``stars``, ``supernova``,
    ``matter`` or ``projection``."""
    flavour: str
    """What arrives at the detector."""
    signal: str
    parameter: str
    """Our name of it."""
    unit: str
    intervals: tuple[Interval, ...]
    level: float | None
    """None where there is none, an order of magnitude."""
    statement: str
    """``confidence``, ``credible``, or ``bound`` for an argument without a level."""
    fit: str
    """``one-at-a-time``, ``marginal``, or empty where it is not known."""
    source: str
    """Whose limit it is."""
    read_in: str
    """Where the number was read."""
    trust: str
    """``official``, ``quoted`` (printed in another paper) or ``recalled``."""
    note: str = ""
    dof: int = 1
    """Of the cut on Delta chi2."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def differences(rows: tuple[LedgerRow, ...]) -> list[str]:
    """Return in sentences why these limits are not all limits on the same thing."""
    said = []
    beams = list(dict.fromkeys(row.flavour for row in rows))
    if len(beams) > 1:
        said.append(
            "An effective moment, charge or radius is one of the neutrinos that arrive: limits on "
            f"different beams are limits on different numbers ({'; '.join(beams)})"
        )
    levels = {row.level for row in rows}
    if len(levels) > 1:
        shown = ", ".join("none" if v is None else f"{v:.0%}" for v in sorted(levels, key=_order))
        said.append(f"Levels differ: {shown}")
    if len({row.dof for row in rows}) > 1:
        said.append("Some are cuts for two degrees of freedom, which are weaker")
    if len({row.fit for row in rows if row.fit}) > 1:
        said.append("In some, the signal's other parameters are free; in others they are zero")
    if {row.kind for row in rows} & {"stars", "supernova", "matter"}:
        said.append("Bounds from stars, supernovae and matter rest on models of these")
    if any(row.kind == "projection" for row in rows):
        said.append("Projections are expectations, no results")
    if any(row.trust == "recalled" for row in rows):
        said.append("Numbers marked * are recalled from memory: check them before relying on them")
    said.append(
        "These are statements of confidence (or bounds without a level); a credible limit answers "
        "another question, and depends on its prior"
    )
    return said


def _order(level: float | None) -> float:
    return 2.0 if level is None else level
