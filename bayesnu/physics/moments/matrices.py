"""Matrices of magnetic and electric moments, for Majorana and for Dirac neutrinos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from bayesnu.errors import InputError
from bayesnu.types import ComplexArray

Nature = Literal["majorana", "dirac"]
Basis = Literal["flavour", "mass"]

LEVI_CIVITA = np.zeros((3, 3, 3))
for _i, _j, _k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
    LEVI_CIVITA[_i, _j, _k], LEVI_CIVITA[_j, _i, _k] = 1.0, -1.0
LEVI_CIVITA.flags.writeable = False
"""epsilon_ijk: an antisymmetric moment matrix is lambda_ij = epsilon_ijk Lambda_k, Eq. 7."""


@dataclass(frozen=True, eq=False)
class MomentMatrix:
    """A moment matrix lambda = mu - i d; ternes-tortola-2025, Eq. 2, 3.

    Attributes
    ----------
    values : ndarray of complex, shape (..., 3, 3)
        In any one unit. Rows are the final, columns the initial neutrino.
    nature : {"majorana", "dirac"}
        A Majorana matrix is antisymmetric.
    basis : {"flavour", "mass"}
    """

    values: ComplexArray
    nature: Nature
    basis: Basis

    def __post_init__(self) -> None:
        if self.values.shape[-2:] != (3, 3):
            raise InputError(
                "moment matrix", "shape", found=self.values.shape, expected="(..., 3, 3)"
            )
        if self.nature == "majorana":
            size = np.abs(self.values).max(initial=0.0)
            if np.abs(self.values + np.swapaxes(self.values, -1, -2)).max(initial=0) > 1e-9 * size:
                raise InputError(
                    "moment matrix",
                    "values",
                    found="a Majorana matrix with a symmetric part",
                    expected="an antisymmetric matrix",
                )

    @property
    def lambdas(self) -> ComplexArray:
        """The three complex numbers of a Majorana matrix, Eq. 7, shape (..., 3).

        Lambda_1, Lambda_2, Lambda_3 in the mass basis; Lambda_e, Lambda_mu, Lambda_tau in the
        flavour basis.
        """
        if self.nature != "majorana":
            raise InputError(
                "moment matrix", "nature", found=self.nature, expected="majorana (antisymmetric)"
            )
        return np.asarray(0.5 * np.einsum("ijk,...ij->...k", LEVI_CIVITA, self.values))

    @property
    def magnetic(self) -> ComplexArray:
        """The hermitian part mu of lambda = mu - i d, Eq. 2, shape (..., 3, 3)."""
        return np.asarray(0.5 * (self.values + np.conj(np.swapaxes(self.values, -1, -2))))

    @property
    def electric(self) -> ComplexArray:
        """The other hermitian part, d, of electric moments."""
        return np.asarray(0.5j * (self.values - np.conj(np.swapaxes(self.values, -1, -2))))

    def in_basis(self, basis: Basis, mixing: ComplexArray) -> MomentMatrix:
        """Return the matrix in a basis.

        Majorana: lambda~ = U^T lambda U, Eq. 5. Dirac: lambda~ = U^dagger lambda U; the states
        of right-handed neutrinos are free to choose, and are rotated with the same U here, so
        that the diagonal elements in the mass basis are those of the mass states.

        Parameters
        ----------
        basis : {"flavour", "mass"}
        mixing : ndarray of complex, shape (..., 3, 3)
            U, as of `bayesnu.physics.moments.mixing.mixing_matrix`.
        """
        if basis == self.basis:
            return self
        # Into the flavour basis with the inverse: U^dagger on the right, U^* or U on the left.
        right = mixing if basis == "mass" else np.conj(np.swapaxes(mixing, -1, -2))
        left = np.swapaxes(right, -1, -2)
        if self.nature == "dirac":
            left = np.conj(left)
        return MomentMatrix(np.asarray(left @ self.values @ right), self.nature, basis)


def majorana(first: Any, second: Any, third: Any, basis: Basis = "mass") -> MomentMatrix:
    """Return the Majorana matrix of three complex transition moments, Eq. 7.

    Parameters
    ----------
    first, second, third : complex or array
        Lambda_1, Lambda_2, Lambda_3 (mass basis) or Lambda_e, Lambda_mu, Lambda_tau.
    basis : {"flavour", "mass"}
    """
    vector = np.stack(np.broadcast_arrays(first, second, third), axis=-1).astype(complex)
    return MomentMatrix(np.einsum("ijk,...k->...ij", LEVI_CIVITA, vector), "majorana", basis)


def dirac(values: ArrayLike, basis: Basis = "mass") -> MomentMatrix:
    """Return a Dirac matrix: any complex one, Eq. 3."""
    return MomentMatrix(np.asarray(values, dtype=complex), "dirac", basis)


def from_dipoles(
    magnetic: ArrayLike, electric: ArrayLike, nature: Nature, basis: Basis = "mass"
) -> MomentMatrix:
    """Return lambda = mu - i d from hermitian magnetic and electric moments.

    Parameters
    ----------
    magnetic, electric : array_like of complex, shape (3, 3)
        For Majorana neutrinos imaginary and antisymmetric too, so that the diagonal vanishes.

    Raises
    ------
    InputError
        If they are not hermitian, or not antisymmetric for Majorana neutrinos.
    """
    parts = [np.asarray(part, dtype=complex) for part in (magnetic, electric)]
    for name, part in zip(("magnetic", "electric"), parts, strict=True):
        if np.abs(part - part.conj().T).max() > 1e-9 * np.abs(part).max(initial=0.0):
            raise InputError(
                "moment matrix", name, found="not hermitian", expected="a hermitian matrix"
            )
    return MomentMatrix(parts[0] - 1j * parts[1], nature, basis)
