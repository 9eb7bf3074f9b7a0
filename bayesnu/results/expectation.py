"""Counts per bin and component, as they are printed and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bayesnu.results.held import values_text
from bayesnu.results.plain import plain
from bayesnu.types import Array, SavedArray

ENERGY_AXIS = "reconstructed energy [keV]"
"""What the edges of bins are, where they are in energy."""


@dataclass(frozen=True, eq=False)
class Expectation:
    """Expected counts of one experiment."""

    experiment: str
    edges: SavedArray
    """Shape (bins + 1,). keV, or plain bin numbers."""
    observed: SavedArray | None
    """Shape (bins,)."""
    components: dict[str, SavedArray]
    """Shape (bins,). Backgrounds and ``solar_nu``, the latter with the signal."""
    axis: str = ENERGY_AXIS
    """What the edges are, "bin number" where bins are not in energy."""
    values: dict[str, float] = field(default_factory=dict)
    """Parameters of a signal and nuisances that the counts are for, where not nominal."""
    units: dict[str, str] = field(default_factory=dict)
    """Of those that have one."""

    @property
    def in_energy(self) -> bool:
        """Whether the bins are bins of energy."""
        return self.axis == ENERGY_AXIS

    @property
    def total(self) -> Array:
        """Counts per bin of all components, shape (bins,)."""
        return np.asarray(np.sum(list(self.components.values()), axis=0))

    @property
    def totals(self) -> dict[str, float]:
        """Events by component."""
        return {name: float(counts.sum()) for name, counts in self.components.items()}

    def to_dict(self) -> dict[str, object]:
        """Return it as plain values, as ``bayesnu rates --json`` prints it."""
        return {
            **plain(self, "experiment", "axis", "values", "units"),
            "bins": np.stack([self.edges[:-1], self.edges[1:]], axis=-1).tolist(),
            **plain(self, "components", "totals", "observed"),
        }

    def __str__(self) -> str:
        names = list(self.components)
        head = [
            ("bin [keV]" if self.in_energy else "bin").rjust(16),
            *(name.rjust(max(9, len(name))) for name in names),
        ]
        head += ["total".rjust(9), "observed".rjust(9)]
        title = self.experiment
        if self.values:
            title += f", {values_text(self.values, self.units)}"
        lines = [title, " ".join(head)]
        observed = self.observed if self.observed is not None else np.full(len(self.total), np.nan)

        def line(label: str, values: Sequence[float], total: float, seen: float) -> str:
            cells = [
                f"{value:{max(9, len(name))}.3f}" for name, value in zip(names, values, strict=True)
            ]
            last = " " * 8 + "-" if np.isnan(seen) else f"{seen:9.0f}"
            return " ".join([label.rjust(16), *cells, f"{total:9.3f}", last])

        for index in range(len(self.total)):
            low, high = self.edges[index], self.edges[index + 1]
            label = f"{low:.4g} - {high:.4g}" if self.in_energy else f"{high:.0f}"
            values = [float(self.components[name][index]) for name in names]
            lines.append(line(label, values, float(self.total[index]), float(observed[index])))
        lines.append(
            line("all", list(self.totals.values()), float(self.total.sum()), float(observed.sum()))
        )
        return "\n".join(lines)
