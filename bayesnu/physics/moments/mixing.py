"""The leptonic mixing matrix."""

from __future__ import annotations

import numpy as np

from bayesnu.physics.sources.sun.oscillation import DEFAULT_PARAMETERS, OscillationParameters
from bayesnu.physics.treatment import Ordering, Oscillation
from bayesnu.types import ComplexArray

NORMAL_THETA23 = 0.574
"""sin^2 theta_23 of the fit; files have 0.5 unless they say else, as giunti-ternes-2023."""


def mixing_parameters(ordering: Ordering = "normal") -> OscillationParameters:
    """Return the best fit of an ordering of masses, de Salas et al., JHEP 02 (2021) 071.

    An ordering enters moments through the mixing angles and the phase that data prefer with it,
    and by nothing else: no mass and no splitting is in an effective moment.
    """
    entry = Oscillation(ordering=ordering)
    return OscillationParameters(
        entry.sin2_theta12,
        entry.sin2_theta13,
        entry.sin2_theta23 if ordering == "inverted" else NORMAL_THETA23,
        entry.dm2_21_eV2,
        entry.delta_cp,
    )


def mixing_matrix(parameters: OscillationParameters = DEFAULT_PARAMETERS) -> ComplexArray:
    """Return the mixing matrix U, nu_alpha = sum_i U_alpha,i nu_i.

    Parameters
    ----------
    parameters : OscillationParameters
        Numbers, or arrays of a common shape.

    Returns
    -------
    ndarray of complex, shape (..., 3, 3)
        Rows e, mu, tau; columns 1, 2, 3. Standard parametrisation of the Review of Particle
        Physics, without Majorana phases (determinant one): they can be absorbed in the phases
        of the transition moments, of which three in all are physical (ternes-tortola-2025,
        below Eq. 8).
    """
    squares = (parameters.sin2_theta12, parameters.sin2_theta13, parameters.sin2_theta23)
    s12, s13, s23 = (np.sqrt(np.asarray(square, dtype=float)) for square in squares)
    c12, c13, c23 = (np.sqrt(1.0 - np.asarray(square, dtype=float)) for square in squares)
    phase = np.exp(1j * np.asarray(parameters.delta_cp, dtype=float))
    rows = (
        (c12 * c13, s12 * c13, s13 / phase),
        (
            -s12 * c23 - c12 * s23 * s13 * phase,
            c12 * c23 - s12 * s23 * s13 * phase,
            s23 * c13,
        ),
        (
            s12 * s23 - c12 * c23 * s13 * phase,
            -c12 * s23 - s12 * c23 * s13 * phase,
            c23 * c13,
        ),
    )
    shape = np.broadcast_shapes(*(np.shape(entry) for row in rows for entry in row))
    matrix = [[np.broadcast_to(entry, shape) for entry in row] for row in rows]
    return np.moveaxis(np.array(matrix, dtype=complex), (0, 1), (-2, -1))
