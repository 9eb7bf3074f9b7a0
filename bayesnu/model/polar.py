"""Complex parameters in polar coordinates: counts are polynomials in their two parts.

A size and its phase are free together where the parts are the size times cosine and sine of the
phase: a polynomial in the parts becomes one in the size and these two factors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bayesnu.likelihood.factors import cosine, sine
from bayesnu.model.polynomial import Expansion, Monomial
from bayesnu.physics.signals.base import Signal, SignalParameter


@dataclass(frozen=True)
class Cartesian:
    """Free parameters in which counts are polynomials, in place of sizes and phases.

    Attributes
    ----------
    fixed : mapping
        Values of the others, without sizes that a phase is free of.
    parts : mapping of str to (tuple of str, float)
        Of a part of a complex parameter: the factors and the number that it is a product of.
    """

    free: tuple[str, ...]
    fixed: Mapping[str, float]
    parts: Mapping[str, tuple[Monomial, float]]

    def polar(self, found: Expansion) -> Expansion:
        """Return an expansion in sizes, and cosines and sines of phases."""
        if not self.parts:
            return found
        result: Expansion = {}
        for component, terms in found.items():
            own = result.setdefault(component, {})
            for monomial, counts in terms.items():
                factors: list[str] = []
                number = 1.0
                for name in monomial:
                    names, value = self.parts.get(name, ((name,), 1.0))
                    factors += names
                    number *= value
                key = tuple(sorted(factors))
                own[key] = own.get(key, 0.0) + number * counts
        return result


def cartesian(signal: Signal, free: Sequence[str], fixed: Mapping[str, float]) -> Cartesian:
    """Return free parameters with the parts of those whose phase is free.

    Angles that are the phase of nothing change no counts of an incoherent source.
    """
    sizes = [p for p in signal.parameters if p.phase in free]
    parts: dict[str, tuple[Monomial, float]] = {}
    for size in sizes:
        parts |= _parts(size, free, fixed)
    gone = {p.name for p in sizes} | {n for n in free if signal.parameter(n).periodic}
    return Cartesian(
        (*(name for name in free if name not in gone), *parts),
        {name: value for name, value in fixed.items() if name not in gone},
        parts,
    )


def _parts(
    size: SignalParameter, free: Sequence[str], fixed: Mapping[str, float]
) -> dict[str, tuple[Monomial, float]]:
    """Return the two parts of a size with a free phase; none where there is nothing to turn."""
    own, number = ((size.name,), 1.0) if size.name in free else ((), fixed.get(size.name, 0.0))
    if number == 0.0:
        return {}
    both = (cosine(size.phase), sine(size.phase))
    return {part: ((*own, turn), number) for part, turn in zip(size.sets, both, strict=True)}
