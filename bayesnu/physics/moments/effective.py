"""The effective magnetic moment of a beam; ternes-tortola-2025, Eq. 4 and 6."""

from __future__ import annotations

from typing import Any

import numpy as np

from bayesnu.physics.moments.beams import Beam, amplitudes
from bayesnu.physics.moments.matrices import LEVI_CIVITA, Basis, MomentMatrix
from bayesnu.physics.moments.mixing import mixing_matrix
from bayesnu.types import ComplexArray


def effective_moment(matrix: MomentMatrix, beam: Beam, mixing: ComplexArray | None = None) -> Any:
    """Return the effective magnetic moment that a beam sees.

    Parameters
    ----------
    matrix : MomentMatrix
        In either basis; arrays of matrices, as from a posterior, are welcome.
    mixing : ndarray of complex, shape (..., 3, 3), optional
        U; `bayesnu.physics.moments.mixing.mixing_matrix` at its defaults if left out.

    Returns
    -------
    float or ndarray, shape (...)
        In the unit of the matrix.
    """
    return np.sqrt(effective_moment_squared(matrix, beam, mixing))


def effective_moment_squared(
    matrix: MomentMatrix,
    beam: Beam,
    mixing: ComplexArray | None = None,
    basis: Basis = "mass",
) -> Any:
    """Return the square of the effective moment, Eq. 4 (flavour) and 6 (mass basis).

    mu^2 = sum_states weight (a_-^dagger lambda^dagger lambda a_- + a_+^dagger lambda^T lambda^*
    a_+), where a_+ are the amplitudes of antineutrinos. For Majorana neutrinos lambda^T
    lambda^* is lambda lambda^dagger, as printed. For Dirac neutrinos the printed form is that
    of right-handed neutrinos, which no beam holds; antineutrinos flip into anti-right-handed
    ones with the conjugate amplitudes.

    Parameters
    ----------
    matrix, beam, mixing
        As of `effective_moment`.
    basis : {"flavour", "mass"}
        In which it is calculated; the result is the same.
    """
    unitary = mixing_matrix() if mixing is None else mixing
    moments = matrix.in_basis(basis, unitary).values
    total: Any = 0.0
    for weight, minus, plus in amplitudes(beam, basis, unitary):
        flipped = np.einsum("...ij,...j->...i", moments, minus)
        anti = np.einsum("...ij,...j->...i", np.conj(moments), plus)
        squares = (np.abs(flipped) ** 2 + np.abs(anti) ** 2).sum(axis=-1)
        total = total + weight * squares
    return total


def quadratic_form(beam: Beam, mixing: ComplexArray | None = None) -> ComplexArray:
    """Return A with mu^2 = Lambda^dagger A Lambda for Majorana moments in the mass basis.

    Parameters
    ----------
    mixing : ndarray of complex, shape (..., 3, 3), optional

    Returns
    -------
    ndarray of complex, shape (..., 3, 3)
        Hermitian and positive semidefinite. Its null vector, if there is one, is the beam's
        blind spot: moments that the beam does not see.
    """
    unitary = mixing_matrix() if mixing is None else mixing
    total: Any = np.zeros((3, 3), dtype=complex)
    for weight, minus, plus in amplitudes(beam, "mass", unitary):
        # (lambda a)_i = epsilon_ijk a_j Lambda_k; antineutrinos with conjugate amplitudes.
        for vector in (minus, np.conj(plus)):
            flip = np.einsum("ijk,...j->...ik", LEVI_CIVITA, vector)
            square = np.conj(np.swapaxes(flip, -1, -2)) @ flip
            total = total + np.asarray(weight)[..., None, None] * square
    return np.asarray(total)


def blind_spot(beam: Beam, mixing: ComplexArray | None = None) -> tuple[ComplexArray, float]:
    """Return the direction of moments that a beam sees least, and how little.

    Returns
    -------
    direction : ndarray of complex, shape (3,)
        Lambda_1, Lambda_2, Lambda_3 with sum |Lambda|^2 = 1 and Lambda_2 real, not negative.
    smallest : float
        mu^2 / sum |Lambda|^2 there: zero in a blind spot.
    """
    values, vectors = np.linalg.eigh(quadratic_form(beam, mixing))
    direction = vectors[:, 0]
    turn = np.conj(direction[1]) / abs(direction[1]) if abs(direction[1]) > 1e-12 else 1.0
    return np.asarray(direction * turn), float(max(values[0], 0.0))


def dirac_form(beam: Beam, mixing: ComplexArray | None = None) -> ComplexArray:
    """Return A with mu^2 = sum_k v_k^dagger A v_k for the rows v_k of a Dirac matrix, mass basis.

    Rows are final states, right-handed and unseen: they do not interfere with each other.

    Parameters
    ----------
    mixing : ndarray of complex, shape (..., 3, 3), optional

    Returns
    -------
    ndarray of complex, shape (..., 3, 3)
        Hermitian: for a state with amplitudes a_- it is a_-^* a_-^T, the density matrix of the
        beam transposed; antineutrinos have the conjugate amplitudes.
    """
    unitary = mixing_matrix() if mixing is None else mixing
    total: Any = np.zeros((3, 3), dtype=complex)
    for weight, minus, plus in amplitudes(beam, "mass", unitary):
        for vector in (minus, np.conj(plus)):
            square = np.conj(vector)[..., :, None] * vector[..., None, :]
            total = total + np.asarray(weight)[..., None, None] * square
    return np.asarray(total)
