"""Small symmetric matrices: Cholesky's and Jacobi's methods, in place."""

from __future__ import annotations

import numpy as np

from bayesnu.inference.compiled.sums import compiled
from bayesnu.types import Array

MOST_SWEEPS = 50
"""Jacobi's method converges quadratically: ten are many."""


@compiled  # type: ignore[untyped-decorator]
def solve(matrix: Array, right: Array, size: int) -> bool:
    """Solve in place, for the first `size` rows; False if they are not positive definite."""
    for j in range(size):
        pivot = matrix[j, j]
        for k in range(j):
            pivot -= matrix[j, k] ** 2
        if not pivot > 0.0:
            return False
        pivot = np.sqrt(pivot)
        matrix[j, j] = pivot
        for i in range(j + 1, size):
            value = matrix[i, j]
            for k in range(j):
                value -= matrix[i, k] * matrix[j, k]
            matrix[i, j] = value / pivot
    for i in range(size):
        for k in range(i):
            right[i] -= matrix[i, k] * right[k]
        right[i] /= matrix[i, i]
    for i in range(size - 1, -1, -1):
        for k in range(i + 1, size):
            right[i] -= matrix[k, i] * right[k]
        right[i] /= matrix[i, i]
    return True


@compiled  # type: ignore[untyped-decorator]
def diagonalise(matrix: Array, vectors: Array, size: int) -> None:
    """Leave the eigenvalues on the diagonal of the first `size` rows; write the eigenvectors.

    Jacobi's method: rotations that each make one element zero (G. Golub and C. Van Loan, Matrix
    Computations, section 8.5).
    """
    for i in range(size):
        for j in range(size):
            vectors[i, j] = 1.0 if i == j else 0.0
    for _ in range(MOST_SWEEPS):
        off, on = 0.0, 0.0
        for i in range(size):
            on += matrix[i, i] ** 2
            for j in range(i):
                off += matrix[i, j] ** 2
        if not off > 1e-30 * on:
            return
        for p in range(size - 1):
            for q in range(p + 1, size):
                if matrix[p, q] == 0.0:
                    continue
                ratio = (matrix[q, q] - matrix[p, p]) / (2.0 * matrix[p, q])
                tangent = 1.0 / (abs(ratio) + np.sqrt(1.0 + ratio * ratio))
                if ratio < 0.0:
                    tangent = -tangent
                c = 1.0 / np.sqrt(1.0 + tangent * tangent)
                s = tangent * c
                for k in range(size):
                    a, b = matrix[k, p], matrix[k, q]
                    matrix[k, p], matrix[k, q] = c * a - s * b, s * a + c * b
                    a, b = vectors[k, p], vectors[k, q]
                    vectors[k, p], vectors[k, q] = c * a - s * b, s * a + c * b
                for k in range(size):
                    a, b = matrix[p, k], matrix[q, k]
                    matrix[p, k], matrix[q, k] = c * a - s * b, s * a + c * b
