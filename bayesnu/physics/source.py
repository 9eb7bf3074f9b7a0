"""What a source of neutrinos is: fluxes by component, and their moments by state at the detector.

At fixed recoil energy a cross section is a polynomial in 1/E, and ln E, so these moments above
a threshold are all that a rate needs of a source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, Protocol

from bayesnu.physics.cross_sections.electroweak import ANTINEUTRINOS, FLAVOURS
from bayesnu.types import Array

MASS_STATES = ("1", "2", "3")
"""Mass states, in the order used everywhere."""

Basis = Literal["flavour", "mass"]
"""States that arrive: coherent by flavour, or an incoherent mixture of mass states."""

STATES: dict[Basis, tuple[str, ...]] = {
    "flavour": (*FLAVOURS, *ANTINEUTRINOS),
    "mass": MASS_STATES,
}
"""All states of a basis: flavours of neutrinos, then of antineutrinos; mass states."""


class Norm(NamedTuple):
    """What is known of the size of a component, relative to its flux.

    Attributes
    ----------
    name : str
        Of the nuisance; components, and experiments, that give the same name share it.
    relative_sigma : float
        Zero for a flux that is known.
    """

    name: str
    relative_sigma: float


class Source(Protocol):
    """Neutrinos as they arrive, in the treatment of an experiment file.

    Attributes
    ----------
    label : str
        What their counts are called among the components of an experiment.
    flux : mapping of str to float
        cm-2 s-1 by component.
    """

    @property
    def label(self) -> str: ...

    @property
    def flux(self) -> Mapping[str, float]: ...

    def norm(self, component: str) -> Norm:
        """Return what is known of a component's flux."""
        ...

    def states(self, basis: Basis) -> tuple[str, ...]:
        """Return those of `STATES` that arrive, of any component."""
        ...

    def lines(self, component: str) -> tuple[float, ...]:
        """Return the energies at which the flux is concentrated in a line, MeV."""
        ...

    def moments(self, component: str, threshold: Array, basis: Basis) -> dict[str, Array]:
        """Return the flux moments above a threshold by state, for unit flux.

        Parameters
        ----------
        threshold : ndarray, shape (n,)
            Smallest neutrino energy, MeV.
        basis : {"flavour", "mass"}

        Returns
        -------
        dict of str to ndarray, shape (4, n)
            For each of `states` of the basis: of 1, 1/E, 1/E^2 and ln E.

        Raises
        ------
        InputError
            For mass states of a source whose neutrinos arrive as flavours, all phases kept.
        """
        ...
