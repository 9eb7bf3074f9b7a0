"""Toys without a signal, each searched for one at every mass of a grid.

All masses see the same toy: the likelihoods differ in the templates of their signal only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bayesnu.campaigns.simulation import draw
from bayesnu.campaigns.task import Row, described, digest
from bayesnu.errors import ComputationError
from bayesnu.inference.block import with_data
from bayesnu.inference.minimise import block_of, minimise_block
from bayesnu.inference.profiler import signal_scale
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

SIZES = (0.5, 3.0)
"""Where fits start, in units of what raises chi2 by two: zero is stationary for a square."""


@dataclass(frozen=True, eq=False)
class MassScanTask:
    """Simulate without a signal, and find Delta chi2 of none at every mass."""

    likelihoods: tuple[Likelihood, ...]
    """One at each mass."""
    coupling: str
    point: Array
    """Shape (parameters,). The best fit to the data without a signal."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the row's numbers."""
        return tuple(f"delta_chi2_{number}" for number in range(len(self.likelihoods)))

    def settings(self) -> dict[str, Any]:
        """Return what determines the rows."""
        return {
            **described(self.likelihoods[0]),
            "coupling": self.coupling,
            "point": self.point.tolist(),
            "masses": [digest(likelihood) for likelihood in self.likelihoods],
        }

    def run(self, index: int, seed: np.random.SeedSequence) -> Row:
        """Simulate one toy, and fit it at every mass."""
        first = self.likelihoods[0]
        rng = np.random.default_rng(seed)
        counts, centres = draw(first, first.expected(self.point), self.point, rng)
        return dict(zip(self.columns, self.delta_chi2(counts, centres), strict=True))

    def delta_chi2(self, counts: Array, centres: Array) -> Sequence[float]:
        """Return chi2 without a signal minus that of the best fit, at every mass."""
        own = self.likelihoods[0].index(self.coupling)
        held = np.arange(len(self.point)) == own
        free = np.zeros_like(held)
        without = None
        result = []
        for likelihood, starts in zip(self.likelihoods, self._starts, strict=True):
            block = with_data(block_of(likelihood), centres, counts)
            if without is None:
                without = minimise_block(block, self.point, held)
                if not without.converged:
                    raise ComputationError("The fit of a toy without a signal did not converge.")
            best = without.chi2
            for value in starts:
                start = without.x.copy()
                start[own] = value
                fit = minimise_block(block, start, free)
                best = min(best, fit.chi2) if fit.converged else best
            result.append(without.chi2 - best)
        return result

    @cached_property
    def _starts(self) -> tuple[Array, ...]:
        """Couplings at which fits start, at every mass."""
        found = []
        for likelihood in self.likelihoods:
            index = likelihood.index(self.coupling)
            scale = signal_scale(likelihood, index, 2.0, self.point)
            signs = (1.0,) if likelihood.low[index] >= 0.0 else (1.0, -1.0)
            sizes = np.array([sign * size * scale for sign in signs for size in SIZES])
            found.append(np.clip(sizes, likelihood.low[index], likelihood.high[index]))
        return tuple(found)
