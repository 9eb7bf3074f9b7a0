"""What a result is about: enough to print, draw, export and cite it without the package's help."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class About:
    """Experiments, signal and parameter of a result, with units, symbol and reference.

    They travel with the result, so that a signal of one's own is as good as a packaged one.
    """

    experiments: tuple[str, ...]
    inputs: dict[str, str]
    """Digest of every experiment's entries and tables."""
    signal: str
    reference: str
    """Of the signal's formulas."""
    parameter: str
    unit: str
    latex: str
    level: float
    free: tuple[str, ...]
    """All signal parameters that were fitted."""
    fixed: dict[str, float]
    """Every value that was held."""
    fixed_units: dict[str, str]
