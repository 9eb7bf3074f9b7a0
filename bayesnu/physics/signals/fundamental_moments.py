"""Fundamental moments of neutrinos, from which the effective moment of every beam follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import pi
from typing import Any, ClassVar

import numpy as np

from bayesnu.physics.cross_sections import magnetic_moment
from bayesnu.physics.moments.beams import Beam
from bayesnu.physics.moments.matrices import MomentMatrix
from bayesnu.physics.signals.base import Process, Signal, SignalParameter, Values
from bayesnu.physics.targets.target import Electrons, Nucleus
from bayesnu.types import ComplexArray

Entry = tuple[str, str | None]
"""Names of the size of a complex moment and of its phase: None of one that is real."""

Vector = tuple[Entry, Entry, Entry]


def size(name: str, latex: str) -> SignalParameter:
    """Return the parameter of a moment's size."""
    return SignalParameter(name, "1e-11 mu_B", latex, 1e-11, one_sided=True, reach=100.0, probe=2.0)


def phase(name: str, latex: str) -> SignalParameter:
    """Return the parameter of a moment's phase."""
    return SignalParameter(
        name, "1 rad", latex, 1.0, one_sided=False, reach=pi, probe=1.0, periodic=True
    )


class FundamentalMoments(Signal):
    """Complex moments of mass states: mu^2 of a beam is a sum of v^dagger A v of its vectors v.

    Attributes
    ----------
    vectors : tuple of Vector
    flips : dict of str to tuple of str
        The sizes whose squares a mass state sees.
    """

    sees_mass_states = True
    vectors: ClassVar[tuple[Vector, ...]]
    flips: ClassVar[Mapping[str, tuple[str, ...]]]

    @staticmethod
    def form(beam: Beam, mixing: ComplexArray) -> ComplexArray:
        """Return A of a beam, shape (..., 3, 3)."""
        raise NotImplementedError

    @staticmethod
    def matrix(vectors: Sequence[Sequence[Any]]) -> MomentMatrix:
        """Return the moment matrix of the values of the vectors' complex moments."""
        raise NotImplementedError

    def electrons_of_mass_state(
        self, electrons: Electrons, state: str, values: Values
    ) -> tuple[Process, ...]:
        """Return the magnetic scattering of a mass state on electrons."""
        unit = magnetic_moment.electron_coefficients(electrons.recoil_energy, 1.0)
        return (Process(electrons.number * (self._squared(state, values) * unit)),)

    def nucleus_of_mass_state(
        self, nucleus: Nucleus, state: str, values: Values
    ) -> tuple[Process, ...]:
        """Return the magnetic scattering of a mass state on a nucleus."""
        unit = magnetic_moment.nuclear_coefficients(
            nucleus.recoil_energy, 1.0, nucleus.z, nucleus.form_factor_squared
        )
        return (Process(self._squared(state, values) * unit),)

    def _squared(self, state: str, values: Values) -> Any:
        """Return the square of a mass state's effective moment."""
        return sum(values[name] ** 2 for name in self.flips[state])


def moment_matrix(signal: FundamentalMoments, values: Mapping[str, Any]) -> MomentMatrix:
    """Return the moment matrix of a signal's parameters, in 1e-11 mu_B and the mass basis.

    Parameters
    ----------
    values : mapping
        Of sizes (1e-11 mu_B) and phases; those that are missing are zero.
    """
    zero = np.zeros(np.broadcast_shapes(*(np.shape(value) for value in values.values())))

    def complex_of(entry: Entry) -> Any:
        own, angle = entry
        turned = np.exp(1j * (values.get(angle, zero) if angle else zero))
        return values.get(own, zero) * turned

    return signal.matrix([[complex_of(entry) for entry in own] for own in signal.vectors])
