"""How recoils become counts: linear in the rate, polynomial in the detector's nuisances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bayesnu.detector import RecoilGrid

Array = NDArray[np.float64]

Factors = tuple[str, ...]
"""Nuisances whose product multiplies a term: () for the nominal one, ("t_qy", "t_qy") for t^2."""


@dataclass(frozen=True, eq=False)
class Response:
    """The response to recoils of one kind of target.

    counts = sum over terms of (product of the factors) * matrix @ dR/dT.

    Attributes
    ----------
    target : {"electrons", "nuclei"}
    grid : RecoilGrid
    terms : dict of Factors to ndarray, shape (bins, nodes)
        t yr keV; the term () is the response with all nuisances at their expectation.
    """

    target: Literal["electrons", "nuclei"]
    grid: RecoilGrid
    terms: dict[Factors, Array]

    @property
    def nominal(self) -> Array:
        """Response with all nuisances at their expectation, shape (bins, nodes)."""
        return self.terms[()]


def quadratic(nuisance: str, nominal: Array, up: Array, down: Array) -> dict[Factors, Array]:
    """Return the terms of the parabola through the responses at -1, 0 and +1 sigma.

    Smooth, and exact at the three published points. Beyond them it is an extrapolation: the
    nuisance is held within `YIELD_RANGE`, where counts of solar neutrinos stay positive (a test
    measures it).
    """
    return {
        (nuisance,): 0.5 * (up - down),
        (nuisance, nuisance): 0.5 * (up + down) - nominal,
    }


YIELD_RANGE = 3.0
"""A yield nuisance, standard normal, is held within this many sigma."""
