"""The leptonic mixing matrix."""

from __future__ import annotations

import numpy as np

from bayesnu.physics.sources.sun.oscillation import DEFAULT_PARAMETERS, OscillationParameters
from bayesnu.types import ComplexArray


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
