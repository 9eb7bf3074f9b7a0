"""The density matrix of flavours in which solar neutrinos arrive.

They arrive as an incoherent mixture of mass states, each of which is a sum of flavours:
rho_ab = sum_i P_i U_ai U*_bi. What coherence there is between flavours follows from the mixing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bayesnu.physics.cross_sections.electroweak import FLAVOURS
from bayesnu.physics.source import COHERENCES, MASS_STATES
from bayesnu.physics.sources.sun.oscillation import OscillationParameters

Complex = tuple[Any, Any]


def mixing_elements(parameters: OscillationParameters) -> dict[tuple[str, str], Complex]:
    """Return real and imaginary parts of U, by flavour and mass state.

    The matrix of `bayesnu.physics.moments.mixing.mixing_matrix`; of tensors too.
    """
    s12, s13, s23 = (
        square**0.5
        for square in (parameters.sin2_theta12, parameters.sin2_theta13, parameters.sin2_theta23)
    )
    c12, c13, c23 = (
        (1.0 - square) ** 0.5
        for square in (parameters.sin2_theta12, parameters.sin2_theta13, parameters.sin2_theta23)
    )
    cosine, sine = np.cos(parameters.delta_cp), np.sin(parameters.delta_cp)
    # Real parts without the phase, and what multiplies e^{i delta} or, of U_e3, its conjugate.
    rows = {
        "e": ((c12 * c13, 0.0), (s12 * c13, 0.0), (0.0, s13)),
        "mu": ((-s12 * c23, -c12 * s23 * s13), (c12 * c23, -s12 * s23 * s13), (s23 * c13, 0.0)),
        "tau": ((s12 * s23, -c12 * c23 * s13), (-c12 * s23, -s12 * c23 * s13), (c23 * c13, 0.0)),
    }
    return {
        (flavour, state): (plain + turned * cosine, turned * (-sine if flavour == "e" else sine))
        for flavour, row in rows.items()
        for state, (plain, turned) in zip(MASS_STATES, row, strict=True)
    }


def density_matrix(
    by_mass: Mapping[str, Any], parameters: OscillationParameters, coherence: Complex | None = None
) -> dict[str, Any]:
    """Return the elements of the density matrix, of what is known by mass state.

    Parameters
    ----------
    by_mass : mapping of mass state to value
        Chances to arrive as each, or moments of the flux of each.
    coherence : tuple of (real, imaginary) or None
        Of the first with the second mass state, where matter of the Earth has made one.

    Returns
    -------
    dict of str to value
        By the states of the basis "density" that the sun has.
    """
    u = mixing_elements(parameters)

    def summed(part: str, a: str, b: str) -> Any:
        found: Any = 0.0
        for state in MASS_STATES:
            (x, y), (v, w) = u[a, state], u[b, state]
            overlap = x * v + y * w if part == "Re" else y * v - x * w
            found = found + overlap * by_mass[state]
        if coherence is not None:
            real, imaginary = coherence
            for one, two, part_two in (("1", "2", imaginary), ("2", "1", -imaginary)):
                (x, y), (v, w) = u[a, one], u[b, two]
                re, im = x * v + y * w, y * v - x * w
                turned = re * real - im * part_two, re * part_two + im * real
                found = found + turned[0 if part == "Re" else 1]
        return found

    elements = {flavour: ("Re", flavour, flavour) for flavour in FLAVOURS} | COHERENCES
    return {name: summed(*element) for name, element in elements.items()}
