"""Majorana transition moments: the parameters behind every effective magnetic moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from bayesnu.physics.moments.beams import Beam
from bayesnu.physics.moments.effective import quadratic_form
from bayesnu.physics.moments.matrices import MomentMatrix, majorana
from bayesnu.physics.signals.fundamental_moments import FundamentalMoments, Vector, phase, size
from bayesnu.physics.signals.magnetic_moment import on_nuclei
from bayesnu.types import ComplexArray

SIZES = ("Lambda_1", "Lambda_2", "Lambda_3")
PHASES = ("phi_1", None, "phi_3")
"""Lambda_2 is real."""


class TransitionMoment(FundamentalMoments):
    """Transition moments Lambda_1, Lambda_2, Lambda_3 in the mass basis, Lambda_2 real.

    ternes-tortola-2025, Eq. 7, 8, 14. Solar neutrinos arrive as mass states, of which state i
    sees mu_i^2 = sum_{k != i} |Lambda_k|^2: no phase enters. Reactor and accelerator beams
    (experiments of channel ``effective-moment``) see the phases too.

    The priors ``flat`` and ``flat-squared`` are, together with the flat priors of the phases,
    flat in the sizes |Lambda_i| and flat in real and imaginary parts (d Re d Im = |Lambda|
    d|Lambda| d phi; for Lambda_2, whose phase is not physical, after integrating it out). The
    second favours large moments: the 90% limits from XENONnT alone are 1.17, 0.82, 0.70 with the
    first and 1.41, 0.98, 0.81 (1e-11 mu_B) with the second, where Delta chi2 gives 1.41, 0.98,
    0.82; of three experiments with GEMMA and LSND 1.03, 0.72, 0.58 and 1.22, 0.85, 0.70.
    """

    tag = "transition-magnetic-moment"
    title = "Majorana transition magnetic moments"
    parameters = (
        *(size(f"Lambda_{index}", rf"|\Lambda_{index}|") for index in "123"),
        *(phase(f"phi_{index}", rf"\varphi_{index}") for index in "13"),
    )
    nuclear_parameters = on_nuclei(parameters)
    reference = "ternes-tortola-2025 Eq. 7, 14"
    vectors: ClassVar[tuple[Vector, ...]] = (
        ((SIZES[0], PHASES[0]), (SIZES[1], PHASES[1]), (SIZES[2], PHASES[2])),
    )
    flips: ClassVar[dict[str, tuple[str, ...]]] = {
        "1": ("Lambda_2", "Lambda_3"),
        "2": ("Lambda_1", "Lambda_3"),
        "3": ("Lambda_1", "Lambda_2"),
    }

    @staticmethod
    def form(beam: Beam, mixing: ComplexArray) -> ComplexArray:
        """Return A of a beam, shape (..., 3, 3)."""
        return quadratic_form(beam, mixing)

    @staticmethod
    def matrix(vectors: Sequence[Sequence[Any]]) -> MomentMatrix:
        """Return the matrix of the one vector of three."""
        return majorana(*vectors[0])
