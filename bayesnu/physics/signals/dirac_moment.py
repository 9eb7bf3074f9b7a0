"""Magnetic and electric moments of Dirac neutrinos: any complex matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from bayesnu.physics.moments.beams import Beam
from bayesnu.physics.moments.effective import dirac_form
from bayesnu.physics.moments.matrices import MomentMatrix, dirac
from bayesnu.physics.signals.fundamental_moments import FundamentalMoments, Vector, phase, size
from bayesnu.physics.signals.magnetic_moment import on_nuclei
from bayesnu.types import ComplexArray

STATES = "123"
PAIRS = tuple((k, i) for k in STATES for i in STATES)


def _vector(k: str) -> Vector:
    first, second, third = ((f"lambda_{k}{i}", None if i == k else f"phi_{k}{i}") for i in STATES)
    return first, second, third


class DiracMoment(FundamentalMoments):
    """The matrix lambda = mu - i d in the mass basis: lambda_ki takes nu_i to a right-handed nu_k.

    ternes-tortola-2025, Eq. 2 to 6. mu and d are hermitian, so that lambda is any matrix, and they
    follow from it (`bayesnu.physics.moments.MomentMatrix.magnetic` and `electric`). Right-handed
    neutrinos are not seen, so that the common phase of a row is none of an observable: diagonal
    elements are real here, |lambda_kk|^2 = mu_kk^2 + d_kk^2. Solar neutrinos arrive as mass
    states, of which state i sees mu_i^2 = sum_k |lambda_ki|^2: no phase enters. Beams and reactors
    see the phases too. Priors are those of `TransitionMoment`, of each element: flat in its size
    or, `flat-squared`, in its real and imaginary part.
    """

    tag = "dirac-magnetic-moment"
    title = "Magnetic and electric moments of Dirac neutrinos"
    parameters = (
        *(size(f"lambda_{k}{i}", rf"|\lambda_{{{k}{i}}}|") for k, i in PAIRS),
        *(phase(f"phi_{k}{i}", rf"\varphi_{{{k}{i}}}") for k, i in PAIRS if k != i),
    )
    nuclear_parameters = on_nuclei(parameters)
    reference = "ternes-tortola-2025 Eq. 2, 6"
    vectors: ClassVar[tuple[Vector, ...]] = (_vector("1"), _vector("2"), _vector("3"))
    flips: ClassVar[dict[str, tuple[str, ...]]] = {
        "1": ("lambda_11", "lambda_21", "lambda_31"),
        "2": ("lambda_12", "lambda_22", "lambda_32"),
        "3": ("lambda_13", "lambda_23", "lambda_33"),
    }

    @staticmethod
    def form(beam: Beam, mixing: ComplexArray) -> ComplexArray:
        """Return A of a beam, shape (..., 3, 3)."""
        return dirac_form(beam, mixing)

    @staticmethod
    def matrix(vectors: Sequence[Sequence[Any]]) -> MomentMatrix:
        """Return the matrix of its rows."""
        rows = [np.stack(np.broadcast_arrays(*row), axis=-1) for row in vectors]
        return dirac(np.stack(np.broadcast_arrays(*rows), axis=-2))
