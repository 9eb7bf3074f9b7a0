"""What a source of neutrinos is: fluxes by component, and their moments by state at the detector.

A kind of source is a class of `SourceOptions`: what a file says, and the neutrinos that follow.

At fixed recoil energy a cross section is a polynomial in 1/E, and ln E, so these moments above
a threshold are all that a rate needs of a source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from bayesnu.errors import InputError
from bayesnu.files.entry import Entry
from bayesnu.files.tables import Table
from bayesnu.physics.cross_sections.electroweak import ANTINEUTRINOS, FLAVOURS, PAIRS
from bayesnu.physics.treatment import Neutrinos
from bayesnu.types import Array

MASS_STATES = ("1", "2", "3")
"""Mass states, in the order used everywhere."""

COHERENCES = {f"{part} {a}{b}": (part, a, b) for part in ("Re", "Im") for a, b in PAIRS}
"""Real and imaginary parts of the elements of a density matrix above its diagonal."""

Basis = Literal["flavour", "mass", "density"]
"""States that arrive: by flavour, an incoherent mixture of mass states, or the elements of the
density matrix of flavours."""

STATES: dict[Basis, tuple[str, ...]] = {
    "flavour": (*FLAVOURS, *ANTINEUTRINOS),
    "mass": MASS_STATES,
    "density": (*FLAVOURS, *ANTINEUTRINOS, *COHERENCES),
}
"""All states of a basis: flavours of neutrinos, then of antineutrinos; mass states; flavours, which
are the diagonal of the density matrix, and its `COHERENCES`."""


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
    """Neutrinos as they arrive at an experiment.

    Attributes
    ----------
    label : str
        What their counts are called among the components of an experiment.
    flux : mapping of str to float
        cm-2 s-1 by component.
    breaks : tuple of float
        Neutrino energies, MeV, at which there may be a line or an end: grids of recoil energies
        have cell edges where recoils of such neutrinos end.
    """

    @property
    def label(self) -> str: ...

    @property
    def flux(self) -> Mapping[str, float]: ...

    @property
    def breaks(self) -> tuple[float, ...]: ...

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
        basis : {"flavour", "mass", "density"}

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


def flux_by_state(source: Source, basis: Basis) -> dict[str, float]:
    """Return how many neutrinos of each state arrive, cm-2 s-1, of all energies."""
    total = dict.fromkeys(source.states(basis), 0.0)
    for component, flux in source.flux.items():
        for state, moments in source.moments(component, np.zeros(1), basis).items():
            total[state] += flux * float(moments[0, 0])
    return total


class SourceOptions(Entry):
    """What an experiment file says of its source; a kind of source is a subclass.

    Its ``kind`` is the name of the kind as a `Literal`, and it has a row in the table
    `bayesnu.physics.sources.SOURCES`.
    """

    kind: str

    def tables(self) -> tuple[str, ...]:
        """Return the tables that it reads: packaged ones, or beside the experiment file."""
        return ()

    def time_shares(self, component: str, edges: Array) -> Array:
        """Return the shares of a component that arrive in bins of time.

        Parameters
        ----------
        edges : ndarray, shape (bins + 1,)
            us.

        Returns
        -------
        ndarray, shape (bins,)

        Raises
        ------
        InputError
            If the source has no distribution in time.
        """
        raise InputError(
            "source", "time", found=f"kind = {self.kind}", expected="a source with pulses"
        )

    def arriving(self, treatment: Neutrinos, tables: Mapping[str, Table], **changes: Any) -> Source:
        """Return the neutrinos that arrive.

        Parameters
        ----------
        treatment : Neutrinos
            Fluxes and oscillations of the sun; other sources say all in their own options.
        tables : mapping of str to Table
            Those of `tables`.
        **changes : float
            Oscillation parameters to change, for derivatives; for sources that oscillate.
        """
        raise NotImplementedError
