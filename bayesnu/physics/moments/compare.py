"""Limits on effective moments know their beam: comparing two beams is refused, or converted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayesnu.errors import InputError
from bayesnu.physics.moments.beams import Beam
from bayesnu.physics.moments.effective import quadratic_form
from bayesnu.physics.moments.mixing import mixing_matrix
from bayesnu.types import ComplexArray


@dataclass(frozen=True)
class EffectiveMomentLimit:
    """An upper limit on the effective moment of a beam.

    ``a < b`` asks which of two limits is stronger, and raises `InputError` unless both are of
    the same beam and level.

    Attributes
    ----------
    value : float
        1e-11 mu_B.
    """

    value: float
    beam: Beam
    level: float = 0.9

    def __lt__(self, other: EffectiveMomentLimit) -> bool:
        self._check(other)
        return self.value < other.value

    def __gt__(self, other: EffectiveMomentLimit) -> bool:
        self._check(other)
        return self.value > other.value

    def _check(self, other: EffectiveMomentLimit) -> None:
        if self.beam.name != other.beam.name:
            raise InputError(
                "effective magnetic moment",
                "beam",
                found=f"{self.beam.title} and {other.beam.title}",
                expected="one beam (convert one of them with `translated`)",
            )
        if self.level != other.level:
            raise InputError(
                "effective magnetic moment",
                "level",
                found=f"{self.level:g} and {other.level:g}",
                expected="one level",
            )

    def translated(self, beam: Beam, mixing: ComplexArray | None = None) -> EffectiveMomentLimit:
        """Return what the limit implies for another beam, for Majorana neutrinos.

        The largest moment of the other beam that the limit allows, over all sizes and phases:
        infinite where the other beam sees a blind spot of this one. ternes-tortola-2025,
        Eq. 18, 19.
        """
        if beam.name == self.beam.name:
            return self
        factor = translation_range(self.beam, beam, mixing)[1]
        return EffectiveMomentLimit(self.value * factor, beam, self.level)


def translation_range(
    from_beam: Beam, to_beam: Beam, mixing: ComplexArray | None = None
) -> tuple[float, float]:
    """Return the smallest and largest ratio of two beams' effective moments.

    Parameters
    ----------
    mixing : ndarray of complex, shape (3, 3), optional

    Returns
    -------
    (float, float)
        Extremes of mu(to) / mu(from) over all Majorana moments; infinity where `from_beam` has
        a blind spot that `to_beam` sees.
    """
    unitary = mixing_matrix() if mixing is None else mixing
    denominator = quadratic_form(from_beam, unitary)
    numerator = quadratic_form(to_beam, unitary)
    largest = _largest_ratio(numerator, denominator)
    inverse = _largest_ratio(denominator, numerator)
    return 0.0 if np.isinf(inverse) else float(inverse**-0.5), float(np.sqrt(largest))


def _largest_ratio(numerator: ComplexArray, denominator: ComplexArray) -> float:
    """Return the largest v^dagger N v / v^dagger D v of positive semidefinite N and D."""
    values, vectors = np.linalg.eigh(denominator)
    blind = values < 1e-12 * values[-1]
    seen = vectors[:, blind].conj().T @ numerator @ vectors[:, blind]
    if blind.any() and np.linalg.eigvalsh(seen)[-1] > 1e-12 * np.abs(numerator).max():
        return np.inf
    # A direction that neither sees does not count.
    scaled = vectors[:, ~blind] / np.sqrt(values[~blind])
    return float(np.linalg.eigvalsh(scaled.conj().T @ numerator @ scaled)[-1])
