"""Suns that differ in numbers only, as one: what depends on variables is computed once for all.

Derivatives by mixing angles are differences of suns. In a graph each would be hundreds of nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from bayesnu.physics.source import Basis, Source
from bayesnu.physics.sources.sun.oscillation import OscillationParameters
from bayesnu.physics.sources.sun.sun import Sun
from bayesnu.types import Array


@dataclass(frozen=True)
class Suns:
    """Several suns of the same components; `one` has the mixing parameters of all."""

    one: Sun
    count: int

    def moments(self, threshold: Array, basis: Basis) -> dict[str, Any]:
        """Return moments by state, shape (4, suns x components, *threshold.shape)."""
        import pytensor.tensor as pt

        flat = threshold.ravel()
        found = [self.one.moments(component, flat, basis) for component in self.one.flux]
        shape = (4, self.count * len(found), *threshold.shape)
        return {
            state: pt.stack([of[state] for of in found], axis=2).reshape(shape)
            for state in found[0]
        }


def joined(sources: Sequence[Source]) -> Suns | None:
    """Return suns as one where something in them is a variable; None if they are not alike."""
    suns = [source for source in sources if isinstance(source, Sun)]
    if len(suns) < 2 or len(suns) < len(sources) or suns[0].parameters.are_numbers:
        return None
    first = suns[0]
    if first.treatment.survival == "low-energy":
        return None
    if any(s.treatment != first.treatment or s.flux != first.flux for s in suns):
        return None
    names = [field.name for field in fields(OscillationParameters) if field.name != "potential"]
    columns = {name: _column([getattr(s.parameters, name) for s in suns]) for name in names}
    # Neither differs; arrays of energies and zones are as many as there are suns if angles do.
    columns |= {name: getattr(first.parameters, name) for name in ("delta_cp", "dm2_21_eV2")}
    parameters = replace(first.parameters, **columns)
    return Suns(replace(first, parameters=parameters), len(suns))


def _column(values: Sequence[Any]) -> Any:
    """Return one row for each sun: what is a variable is the same in all."""
    if isinstance(values[0], float | int):
        return np.array(values, dtype=float)[:, None]
    return values[0] * np.ones((len(values), 1))
